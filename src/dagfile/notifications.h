#pragma once

// `notifications` of a DAG, a job, a shared deadline and signalbox.yaml, and Airflow's `email`
// keys. Only for this folder.
//
//   notifications:
//     - {on: [failed, late], to: [ops]}
//     - {on: failed, emails: [ada@example.com], title: "{{ dag_id }} is broken"}
//
// What a rule names is checked once the whole project is read (CheckNotifications).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/notification.h"
#include "yaml/reader.h"

namespace dagfile {

// What rules have named, and where.
struct NotifierUse {
  std::string name;          // "": addresses for mails
  bool is_airflows = false;  // `email`: without a notifier for mails it is left out, with a warning
  bool is_news = false;      // of what is never over: a retry, a success
  yaml::Mark mark;
};

// Where a rule stands: what it may be about.
enum class RulePlace { kProject, kDag, kJob, kDeadline };

// Nothing where there is no such key.
std::optional<std::vector<model::NotificationRule>> ReadNotifications(
    yaml::MapReader& reader,
    RulePlace place,
    std::vector<NotifierUse>* uses,
    yaml::Diagnostics* errors);

// `email`, `email_on_failure`, `email_on_retry`, as one map says them.
struct EmailPolicy {
  std::optional<std::vector<std::string>> addresses;
  std::optional<bool> on_failure, on_retry;
  yaml::Mark mark;
};
EmailPolicy ReadEmails(yaml::MapReader& reader, yaml::Diagnostics* errors);
EmailPolicy Merge(const EmailPolicy& inner, const EmailPolicy& outer);
// The rule that it stands for; nothing where there is nobody to write to.
std::optional<model::NotificationRule> RuleOf(const EmailPolicy& policy);

// Of signalbox.yaml: the names of its notifiers, those of PagerDuty, and whether one sends mails.
struct NotifierNames {
  std::vector<std::string> all, pagers;
  bool has_mails = false;
};
NotifierNames NotifierNamesOf(const yaml::Node& project);

void CheckNotifierUses(const std::vector<NotifierUse>& uses,
                       const NotifierNames& names,
                       yaml::Diagnostics* errors,
                       yaml::Diagnostics* warnings);

}  // namespace dagfile
