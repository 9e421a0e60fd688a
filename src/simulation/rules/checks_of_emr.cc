// Checks: calls and EMR's truth. The end is in checks_at_end.cc.

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "engine/invariants.h"
#include "simulation/rules/checks.h"

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

std::string Checks::JobLabel(const model::RunKey& run, const model::Job& job) {
  return base::Cat(run.dag.str(), " ", run.run.str(), " ", model::DisplayName(job.id, job.lane));
}

void Checks::OnBirth(base::Time now) {
  alive_since_ = now;
}

void Checks::OnDeath(base::Time now) {
  alive_since_ = now;
  is_denied_ = false;
  OnCommitFailed(now);
}

// What the process was told may be lost with it.
void Checks::OnCommitFailed(base::Time) {
  for (auto& [label, attempt] : attempts_)
    attempt.knows_it = false;
}

void Checks::OnReply(base::Time, const driver::Call& call, const driver::Reply& reply) {
  using wire::ErrorClass;
  twins_.OnReply(call, reply);
  const bool is_denied = reply.error && reply.error->error_class == ErrorClass::kPermission;
  const bool is_refused = reply.error && (reply.error->error_class == ErrorClass::kClean ||
                                          reply.error->error_class == ErrorClass::kNotFound);
  if (call.action == "TerminateJobFlows" || call.action == "SetTerminationProtection")
    is_denied_ = is_denied || (is_denied_ && !reply.body && !is_refused);
  if (call.action != "RunJobFlow" || !reply.error)
    return;
  const json::value request = *base::ParseJson(call.body);
  const std::string name = base::GetString(request.as_object(), "Name");
  const auto attempt = attempts_.find(ReadName(name).attempt);
  if (attempt != attempts_.end())
    attempt->second.knows_it = is_denied || is_refused;
}

void Checks::BeforeCall(const SeenCall& call) {
  called_at_ = call.at;
  ledger_.Follow([&](const LedgerEntry& entry) { OnNews(call.at, entry); });
  if (call.action == "RunJobFlow")
    CheckLaunch(call);
  else if (call.action == "TerminateJobFlows" || call.action == "SetTerminationProtection")
    CheckTerminate(call);
}

void Checks::OnCall(const SeenCall& call) {
  if (call.reply == nullptr)
    return;
  throttled_ += call.reply->error_code == "ThrottlingException";
  if (call.action != "RunJobFlow" || call.reply->http_status / 100 != 4 ||
      call.reply->error_code == "ThrottlingException")
    return;
  const std::string text = base::GetString(call.request.as_object(), "Name");
  const NameParts name = ReadName(text);  // views into it
  const auto attempt = attempts_.find(name.attempt);
  if (attempt != attempts_.end())
    attempt->second.was_rejected = true;
}

void Checks::CheckLaunch(const SeenCall& call) {
  const std::string text = base::GetString(call.request.as_object(), "Name");
  const NameParts name = ReadName(text);
  const bool ours = text.starts_with(ledger_.prefix()) && !name.attempt.empty();
  Check(ours, call.at, [&] { return base::Cat("I1: a launch under the name ", text); });
  if (!ours)
    return;
  const auto found = intents_.find(name.head.substr(ledger_.prefix().size()));
  Check(found != intents_.end(), call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, " without a committed intent");
  });
  if (found == intents_.end())
    return;
  Intent& intent = found->second;
  Check(intent.request == call.body, call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, " is not what was committed");
  });
  Check(!intent.is_void, call.at, [&] {
    return base::Cat("I6: RunJobFlow of ", text, ", and its intent will be lost");
  });
  Check(!intent.sent_at, call.at, [&] {
    return base::Cat("I2: RunJobFlow of ", text, " is sent twice");
  });
  intent.sent_at = call.at;
  Check(!is_denied_, call.at, [&] {
    return base::Cat("I8: RunJobFlow of ", text, " while terminating is denied");
  });
  CheckOrder(call, intent.attempt);
}

void Checks::CheckOrder(const SeenCall& call, const model::AttemptKey& attempt) {
  const model::Job* def = DefOf(attempt.job);
  Check(def != nullptr, call.at, [&] {
    return base::Cat("I15: ", ToString(attempt.job), " is not of its run's version");
  });
  if (def == nullptr)
    return;
  const std::string label = JobLabel(attempt.job.run, *def);
  const auto known = attempts_.find(base::Cat(label, " try ", attempt.n));
  Check(known == attempts_.end() || !known->second.knows_it, call.at, [&] {
    return base::Cat("I4: ", label, " is launched again after EMR would not take it");
  });
  for (const Cluster* cluster : jobs_[label].clusters)
    Check(cluster->Terminal() || IsOutOfBounds(*cluster), call.at, [&] {
      return base::Cat("I2: ", label, " is launched while ", cluster->id, " of it lives");
    });
  const std::string edition = LastArgument(model::EmrOf(*def)->request);
  if (edition.find("{{") == std::string::npos)
    Check(LastArgument(call.request.as_object()) == edition, call.at, [&] {
      return base::Cat("I15: ", label, " is launched in another edition than its run's");
    });
  if (!IsTouched(attempt.job.run))
    CheckUpstream(call.at, attempt.job, *def);
}

void Checks::CheckTerminate(const SeenCall& call) {
  for (const json::value& id : base::GetArray(call.request.as_object(), "JobFlowIds")) {
    const std::string_view cluster = id.get_string();
    const LedgerEntry* entry = ledger_.Find(cluster);
    Check(entry == nullptr || entry->ours, call.at, [&] {
      return base::Cat("I16: ", call.action, " of somebody else's cluster: ", entry->cluster->name);
    });
    const auto kill = kills_.find(cluster);
    // A denied one is asked for until it is granted, also when its cluster has ended meanwhile, or
    // counts as LOST.
    const bool is_over = entry == nullptr || entry->cluster->Ending() ||
                         (killed_.contains(cluster) && lost_until_(*entry->cluster).has_value());
    Check(kill != kills_.end() || is_over, call.at, [&] {
      return base::Cat("I6: ", call.action, " of ", cluster, " without a committed intent");
    });
    if (kill != kills_.end() && call.action == "TerminateJobFlows")
      kill->second.sent_at = call.at;
  }
}

void Checks::OnTurn(base::Time now) {
  size_t begun = ledger_.entries().size();
  ledger_.Follow([&](const LedgerEntry& entry) { OnNews(now, entry); });
  if (ledger_.entries().size() > begun)
    CheckPools(now);
  CheckLive(now);
  CheckKills(now);
  if (engine_ && ++turns_ % ask_every_ == 0) {
    if (const engine::Engine* engine = engine_()) {
      for (const std::string& broken : engine::BrokenInvariants(*engine))
        // A cluster that nobody could expect takes a slot that was given away.
        if (out_of_bounds_.empty() || broken.find("(I12)") == std::string::npos)
          Breach(now, "engine: " + broken);
    }
  }
}

void Checks::OnNews(base::Time now, const LedgerEntry& entry) {
  const Cluster& cluster = *entry.cluster;
  const bool is_new = cluster.ordinal >= attempt_of_.size();
  if (is_new)
    attempt_of_.push_back(nullptr);
  const std::string_view token =
      entry.ours ? entry.name.head.substr(ledger_.prefix().size()) : std::string_view();
  if (!entry.ours || IsLost(entry, token))
    return;
  const auto found = attempts_.find(entry.name.attempt);
  if (found == attempts_.end()) {
    Breach(now, base::Cat("I6: cluster ", cluster.name, " is of no attempt that was committed"));
    return;
  }
  Attempt& attempt = found->second;
  Job& job = jobs_[std::string(entry.name.job)];
  if (is_new) {
    attempt_of_.back() = &attempt;
    NoteLaunched(entry, attempt, job);
  }
  if (entry.worked && !IsOutOfBounds(cluster)) {
    if (attempt.worker.empty())
      attempt.worker = cluster.id;
    Check(attempt.worker == cluster.id, now, [&] {
      return base::Cat("I2: two clusters ran the steps of ", entry.name.attempt);
    });
  }
  const model::AttemptKey& key = intents_.find(token)->second.attempt;
  if (entry.settled && Succeeded(cluster) && !IsOutOfBounds(cluster)) {
    Check(job.success.empty() || job.success == cluster.id || IsTouched(key.job.run), now, [&] {
      return base::Cat("I2: ", entry.name.job, " was done twice");
    });
    job.success = cluster.id;
  }
}

void Checks::NoteLaunched(const LedgerEntry& entry, Attempt& attempt, Job& job) {
  const Cluster& cluster = *entry.cluster;
  ++launches_;
  attempt.clusters.push_back(&cluster);
  job.clusters.push_back(&cluster);
  constexpr base::Duration kSettle = base::minutes(15);  // launch_settle
  constexpr base::Duration kListLag = base::minutes(3);  // list_lag_max
  auto& [token, intent] = *intents_.find(entry.name.head.substr(ledger_.prefix().size()));
  // What a lost launch had made is an orphan; the launch that is made again may not know of it.
  for (const Cluster* older : intent.clusters) {
    if (!is_rewinding_ && !lost_.contains(token))
      twins_.OnMade(*older, cluster);
  }
  intent.clusters.push_back(&cluster);
  // Lies add up: what lists lack for longer than list_lag_max is as if it was made so much later.
  const base::Duration beyond =
      std::max(base::Duration(0), cluster.list_lag + patience_.unlisted - kListLag);
  if (intent.sent_at && cluster.created_at + beyond - *intent.sent_at > kSettle + kListLag)
    out_of_bounds_.insert(&cluster);
  if (cluster.purged_after || lost_until_(cluster))
    out_of_bounds_.insert(&cluster);
  if (intent.clusters.size() > 1)
    out_of_bounds_.insert(intent.clusters.begin(), intent.clusters.end());
}

bool Checks::IsOutOfBounds(const Cluster& cluster) const {
  return out_of_bounds_.contains(&cluster);
}

void Checks::CheckLive(base::Time now) {
  std::vector<std::pair<const Attempt*, const Cluster*>> working;
  working.reserve(ledger_.live().size());
  for (size_t place : ledger_.live()) {
    const Attempt* attempt = attempt_of_[place];
    if (attempt == nullptr)
      continue;
    const Cluster& cluster = *ledger_.entries()[place].cluster;
    if (!cluster.Ending())
      working.emplace_back(attempt, &cluster);
    if (!attempt->closed_at)
      continue;
    const base::Time known_at = lost_until_(cluster).value_or(cluster.created_at);
    Check(now - std::max(*attempt->closed_at, known_at) <= patience_.kill, now, [&] {
      return base::Cat("I1: cluster ", cluster.name, " lives on after the end of its attempt");
    });
  }
  if (working.empty())
    called_at_ = now;
  Check(now - std::max(called_at_, alive_since_) <= patience_.silence, now, [&] {
    return base::Cat("I10: ", working.size(), " clusters work, and nothing is asked of EMR");
  });
  // By attempt, and the older cluster first: asked for at every turn, so without a map.
  std::sort(working.begin(), working.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? std::less<>()(a.first, b.first)
                              : a.second->ordinal < b.second->ordinal;
  });
  for (size_t i = 1; i < working.size(); ++i) {
    const Cluster& cluster = *working[i].second;
    Check(working[i].first != working[i - 1].first || now - cluster.created_at <= patience_.second,
          now,
          [&] {
            return base::Cat("I1: clusters ",
                             working[i - 1].second->id,
                             " and ",
                             cluster.id,
                             " of ",
                             ReadName(cluster.name).attempt,
                             " live on beside one another");
          });
  }
}

void Checks::CheckKills(base::Time now) {
  for (auto& [id, kill] : kills_) {
    const LedgerEntry* entry = ledger_.Find(id);
    if (entry == nullptr || entry->cluster->Ending())
      continue;
    const base::Time since = std::max(kill.sent_at.value_or(kill.decided_at), alive_since_);
    if (kill.sent_at)
      Check(now - since <= patience_.reissue, now, [&] {
        return base::Cat("I8: cluster ", id, " lives, and its terminate is not issued again");
      });
    else
      Check(now - since <= patience_.first_kill, now, [&] {
        return base::Cat("I11: the terminate of ", id, " was decided and does not go out");
      });
  }
}

std::optional<base::Time> Checks::SentAt(const Cluster& cluster) const {
  const LedgerEntry* entry = ledger_.Find(cluster.id);
  if (entry == nullptr || !entry->ours)
    return std::nullopt;
  const auto intent = intents_.find(entry->name.head.substr(ledger_.prefix().size()));
  return intent == intents_.end() ? std::nullopt : intent->second.sent_at;
}

// A slot is taken by a job with a live cluster, however many of them it has.
void Checks::CheckPools(base::Time now) {
  std::map<model::PoolId, std::set<std::string_view>> users;
  for (size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    const auto def = def_of_.find(entry.name.job);
    if (entry.ours && !IsOutOfBounds(*entry.cluster) && def != def_of_.end() &&
        def->second != nullptr)
      users[def->second->pool].insert(entry.name.job);
  }
  for (const auto& [pool, jobs] : users) {
    const auto slots = pools_.find(pool);
    if (slots != pools_.end())
      Check(static_cast<int>(jobs.size()) <= slots->second, now, [&] {
        return base::Cat("I12: ",
                         jobs.size(),
                         " jobs have clusters in ",
                         pool.str(),
                         " with its ",
                         slots->second,
                         " slots");
      });
  }
}

}  // namespace simulation
