#pragma once

// Who gets a message about what, by the files as they are now. Immutable: made again whenever the
// project was read, and shared.
//
// Not here: the message itself (wording.h), and what becomes of it (outbox.h).

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/dag.h"
#include "notify/happening.h"
#include "notify/notifier.h"

namespace notify {

// A notifier, and of one for mails the addresses that stand in for its own.
struct Target {
  std::string notifier;
  std::vector<std::string> emails;
  friend auto operator<=>(const Target&, const Target&) = default;
};

struct Route {
  Target target;
  std::string title, text;  // templates; "": the usual words
};

struct Estate {
  std::string deployment;
  std::string url;  // under which people reach this server; "": not known
  std::vector<std::shared_ptr<const model::Dag>> dags;
  std::vector<model::SharedDeadline> deadlines;
  std::vector<model::NotificationRule> rules;  // of the whole project
  std::vector<Notifier> notifiers;
};

class Routes {
 public:
  explicit Routes(Estate estate);

  // One for each target; the first rule that names it has the words.
  std::vector<Route> For(const Happening& happening) const;
  // Null where there is none.
  const Notifier* Find(std::string_view notifier) const;
  // What cannot begin before the job has succeeded: jobs of its DAG, and of others.
  std::vector<std::string> WhoWaits(const model::JobKey& job) const;

  const std::string& deployment() const { return estate_.deployment; }
  const std::string& url() const { return estate_.url; }
  const std::vector<Notifier>& notifiers() const { return estate_.notifiers; }

 private:
  const model::Dag* DagOf(const model::DagId& dag) const;
  std::vector<const model::NotificationRule*> RulesFor(const Happening& happening) const;

  const Estate estate_;
  std::map<model::DagId, const model::Dag*> dags_;
  // By a DAG and one of its jobs ("": the run): those of other DAGs that wait for it.
  std::map<std::pair<model::DagId, model::JobId>, std::vector<std::string>> elsewhere_;
};

}  // namespace notify
