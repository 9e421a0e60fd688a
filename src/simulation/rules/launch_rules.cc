#include "simulation/rules/launch_rules.h"

#include <string>

#include "base/json.h"
#include "base/text.h"

namespace simulation {

using emulator::Cluster;

namespace {

// The last argument of the first step; "" where there is none.
std::string LastArgument(const json::object& request) {
  const json::array& steps = base::GetArray(request, "Steps");
  if (steps.empty() || !steps[0].is_object())
    return "";
  const json::array& args = base::GetArray(steps[0].get_object(), "HadoopJarStep.Args");
  return args.empty() || !args.back().is_string() ? "" : std::string(args.back().get_string());
}

}  // namespace

void LaunchRules::OnLaunch(base::Time now, const model::LaunchRow& row) {
  facts_.Check(!facts_.twins.IsWrongToKeep(row.cluster.str()), now, [&] {
    return base::Cat("I2: of the clusters of launch ",
                     row.token.str(),
                     " the younger ",
                     row.cluster.str(),
                     " is kept");
  });
  if (row.state != model::LaunchState::kIntent)
    return;
  const auto [found, is_new] = facts_.intents.try_emplace(row.token.str());
  if (is_new)
    found->second = {row.attempt, row.request, {}, is_detached_, {}};
  facts_.Check(!is_new || !facts_.paused.contains(row.attempt.job.run.dag), now, [&] {
    return base::Cat("I3: ", ToString(row.attempt.job), " is launched while its DAG is paused");
  });
  if (!is_new)
    facts_.Check(found->second.attempt == row.attempt && found->second.request == row.request,
                 now,
                 [&] { return base::Cat("I6: the intent ", row.token.str(), " was changed"); });
}

void LaunchRules::BeforeLaunch(const SeenCall& call) {
  const std::string text = base::GetString(call.request.as_object(), "Name");
  const NameParts name = ReadName(text);
  const bool ours = text.starts_with(facts_.ledger.prefix()) && !name.attempt.empty();
  facts_.Check(ours, call.at, [&] { return base::Cat("I1: a launch under the name ", text); });
  if (!ours)
    return;
  const auto found = facts_.intents.find(name.head.substr(facts_.ledger.prefix().size()));
  facts_.Check(found != facts_.intents.end(), call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, " without a committed intent");
  });
  if (found == facts_.intents.end())
    return;
  Intent& intent = found->second;
  facts_.Check(intent.request == call.body, call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, " is not what was committed");
  });
  facts_.Check(!intent.is_void, call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, ", and its intent will be lost");
  });
  facts_.Check(!intent.sent_at, call.at, [&] {
    return base::Cat("I2: RunJobFlow of ", text, " is sent twice");
  });
  intent.sent_at = call.at;
  facts_.Check(!is_denied_, call.at, [&] {
    return base::Cat("I8: RunJobFlow of ", text, " while terminating is denied");
  });
  CheckOrder(call, intent.attempt);
}

void LaunchRules::CheckOrder(const SeenCall& call, const model::AttemptKey& attempt) {
  const model::Job* def = facts_.DefOf(attempt.job);
  facts_.Check(def != nullptr, call.at, [&] {
    return base::Cat("I15: ", ToString(attempt.job), " is not of its run's version");
  });
  if (def == nullptr)
    return;
  const std::string label = LabelOf(attempt.job);
  const auto known = facts_.attempts.find(base::Cat(label, " try ", attempt.n));
  facts_.Check(known == facts_.attempts.end() || !known->second.knows_it, call.at, [&] {
    return base::Cat("I4: ", label, " is launched again after EMR would not take it");
  });
  for (const Cluster* cluster : facts_.jobs[label].clusters)
    facts_.Check(cluster->Terminal() || facts_.IsOutOfBounds(*cluster), call.at, [&] {
      return base::Cat("I2: ", label, " is launched while ", cluster->id, " of it lives");
    });
  const std::string edition = LastArgument(model::EmrOf(*def)->request);
  if (edition.find("{{") == std::string::npos)
    facts_.Check(LastArgument(call.request.as_object()) == edition, call.at, [&] {
      return base::Cat("I15: ", label, " is launched in another edition than its run's");
    });
  if (!facts_.IsTouched(attempt.job.run))
    order_rules_.OnLaunch(call.at, attempt.job, *def);
}

void LaunchRules::OnCall(const SeenCall& call) {
  if (call.reply == nullptr)
    return;
  throttled_ += call.reply->error_code == "ThrottlingException";
  if (call.action != "RunJobFlow" || call.reply->http_status / 100 != 4 ||
      call.reply->error_code == "ThrottlingException")
    return;
  const std::string text = base::GetString(call.request.as_object(), "Name");
  const NameParts name = ReadName(text);  // views into it
  const auto attempt = facts_.attempts.find(name.attempt);
  if (attempt != facts_.attempts.end())
    attempt->second.was_rejected = true;
}

void LaunchRules::OnReply(const driver::Call& call, const driver::Reply& reply) {
  using wire::ErrorClass;
  const bool is_denied = reply.error && reply.error->error_class == ErrorClass::kPermission;
  const bool is_refused = reply.error && (reply.error->error_class == ErrorClass::kClean ||
                                          reply.error->error_class == ErrorClass::kNotFound);
  if (call.action == "TerminateJobFlows" || call.action == "SetTerminationProtection")
    is_denied_ = is_denied || (is_denied_ && !reply.body && !is_refused);
  if (call.action != "RunJobFlow" || !reply.error)
    return;
  const json::value request = *base::ParseJson(call.body);
  const std::string name = base::GetString(request.as_object(), "Name");
  const auto attempt = facts_.attempts.find(ReadName(name).attempt);
  if (attempt != facts_.attempts.end())
    attempt->second.knows_it = is_denied || is_refused;
}

// What the process was told may be lost with it.
void LaunchRules::OnCommitFailed() {
  for (auto& [label, attempt] : facts_.attempts)
    attempt.knows_it = false;
}

void LaunchRules::OnDeath() {
  is_denied_ = false;
  OnCommitFailed();
}

void LaunchRules::Recall(const Promises& before) {
  for (const auto& [token, intent] : before.intents) {
    if (const auto kept = facts_.intents.find(token); kept != facts_.intents.end())
      kept->second.sent_at = intent.sent_at;
  }
  for (auto& [label, attempt] : facts_.attempts) {
    if (const auto was = before.attempts.find(label); was != before.attempts.end())
      attempt.was_rejected = was->second.was_rejected;
  }
}

std::optional<base::Time> LaunchRules::SentAt(const Cluster& cluster) const {
  const LedgerEntry* entry = facts_.ledger.Find(cluster.id);
  if (entry == nullptr || !entry->ours)
    return std::nullopt;
  const auto intent = facts_.intents.find(entry->name.head.substr(facts_.ledger.prefix().size()));
  return intent == facts_.intents.end() ? std::nullopt : intent->second.sent_at;
}

}  // namespace simulation
