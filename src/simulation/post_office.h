#pragma once

// Where messages go in the virtual world: it takes them, loses its replies, refuses, is slow, and
// is down for hours. It lives on when our process dies, and tells what has arrived.
//
// Not here: who sends (mail_room.h), and whether it was right (rules/mail_rules.h).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "notify/message.h"
#include "notify/sender.h"

namespace simulation {

struct MailTrouble {
  enum class Kind { kLosesReplies, kRefuses, kSlow, kDown };
  Kind kind = Kind::kDown;
  base::Time from, until;
};

// What one message reports: a bundle has several.
struct Told {
  std::string about;
  model::Occasion occasion = model::Occasion::kFailed;
  bool is_over = false;
  bool is_cause = false;
  base::Time at;
  int times = 1;
};
struct Arrival {
  base::Time at;  // EMR's time
  std::string notifier, id;
  std::vector<Told> told;
  bool has_cause = false;  // it says why something failed, by the logs
};

class PostOffice {
 public:
  explicit PostOffice(std::vector<MailTrouble> troubles) : troubles_(std::move(troubles)) {}

  void OnArrival(std::function<void(const Arrival&)> listener) { listener_ = std::move(listener); }
  // Each attempt, whatever becomes of it.
  void OnAttempt(std::function<void(base::Time, const std::string& notifier)> listener) {
    attempted_ = std::move(listener);
  }

  struct Reply {
    base::Duration after{};
    std::optional<notify::SendFailure> failure;
  };
  Reply Take(const Arrival& message);

 private:
  const MailTrouble* TroubleAt(base::Time now) const;

  const std::vector<MailTrouble> troubles_;
  std::function<void(const Arrival&)> listener_ = [](const Arrival&) {};
  std::function<void(base::Time, const std::string&)> attempted_ = [](base::Time,
                                                                      const std::string&) {};
};

}  // namespace simulation
