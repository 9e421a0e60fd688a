#pragma once

// Every EMR call of the process goes through here: it waits for its budget in the order of its
// priority, is submitted once, and its reply is handed to whoever asked.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "driver/budget.h"
#include "driver/world.h"

namespace driver {

// Terminate never starves; polls come last.
enum class Priority { kTerminate, kLaunch, kInspect, kPoll };

struct CallCounts {
  int64_t made = 0;
  int64_t throttled = 0;
  int64_t failed = 0;  // any other error
};

class Caller {
 public:
  using Done = std::function<void(const Reply&)>;

  explicit Caller(World& world) : world_(world) {}

  void Request(Priority priority, std::string action, json::object body, Done done);
  // At once: its budget was taken before (a launch, whose turn came first).
  void SubmitPaid(std::string action, std::string body, Done done);
  // A reply to a call that is not known (of an earlier life) is ignored.
  void OnReply(uint64_t id, const Reply& reply);
  // Submits what the budget allows.
  void Pump();
  // When a call that waits may go.
  std::optional<base::Time> NextWake();

  Budget& budget() { return budget_; }
  const std::map<std::string, CallCounts>& counts() const { return counts_; }

 private:
  struct Waiting {
    std::string action;
    std::string body;
    Done done;
  };
  struct InFlight {
    std::string action;
    Done done;
  };
  void Submit(std::string action, std::string body, Done done);

  World& world_;
  Budget budget_;
  std::array<std::deque<Waiting>, 4> waiting_;
  std::map<uint64_t, InFlight> in_flight_;
  std::map<std::string, CallCounts> counts_;
  uint64_t next_id_ = 1;
};

}  // namespace driver
