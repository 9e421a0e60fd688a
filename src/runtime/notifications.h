#pragma once

// Notifications of the running product: reads the history on (feed.h), looks up what messages have
// to say, keeps the outbox (notify/desk.h), and hands messages to a sender. It stands beside the
// driver, which knows nothing of it; nothing that it does holds up scheduling.
//
// Thread rule: the loop thread.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/loop.h"
#include "notify/desk.h"
#include "runtime/feed.h"
#include "runtime/health.h"
#include "runtime/send_notice.h"

namespace runtime {

struct Core;  // core.h

class Notifications : public notify::Outside {
 public:
  Notifications(Core& core, SendNotice send);

  // The project was read again.
  void OnProject();
  // What is not well, or is well again, for a while. Also wakes the desk.
  void OnHealth(const std::vector<Component>& parts, base::Time now);
  // Why messages do not arrive; "" where they do.
  std::string Trouble() const;
  std::map<std::string, notify::NotifierState> States() const { return desk_->outbox().States(); }

 private:
  using Rows = Feed::Rows;

  std::shared_ptr<const notify::Routes> RoutesNow() const;
  void Take(const Rows& rows, std::function<void(Feed::Records, Feed::Stored)> taken);
  void NoteWritten(const base::Status& written);
  void Arm();

  base::Time Now() override;
  std::vector<const model::RecordRow*> Stored() override;
  void Write(notify::Records records, Written done) override;
  void FindError(const notify::Part& part, std::function<void(notify::StepError)> done) override;
  void Send(const notify::Notifier& notifier,
            const notify::Message& message,
            const std::vector<std::string>& emails,
            Sent done) override;

  Core& core_;
  const SendNotice send_;
  std::unique_ptr<notify::Desk> desk_;
  std::unique_ptr<Feed> feed_;
  http::Timer wake_, again_;
  std::string store_error_;  // why the latest change was not stored; "": it was
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace runtime
