#include "simulation/rules/kill_rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "simulation/rules/trouble.h"

namespace simulation {

void KillRules::OnCommand(base::Time now, const model::CommandRow& row) {
  if (row.kind != model::CommandKind::kTerminate)
    return;
  facts_.killed.insert(row.aggregate);
  if (facts_.kills.try_emplace(row.aggregate, Kill{now, {}}).second)
    CheckCause(now, row.aggregate);
}

void KillRules::CheckCause(base::Time now, std::string_view cluster) {
  const LedgerEntry* entry = facts_.ledger.Find(cluster);
  if (entry == nullptr || !entry->ours || facts_.asked_kills.contains(cluster) ||
      facts_.IsOutOfBounds(*entry->cluster))
    return;
  const auto attempt = facts_.attempts.find(entry->name.attempt);
  const auto intent = facts_.intents.find(entry->name.head.substr(facts_.ledger.prefix().size()));
  if (attempt == facts_.attempts.end() || attempt->second.closed_at ||
      intent == facts_.intents.end() || facts_.IsTouched(intent->second.attempt.job.run))
    return;
  const model::Job* def = facts_.DefOf(intent->second.attempt.job);
  facts_.Check(
      def == nullptr || HasTrouble(*entry->cluster, *def, now, facts_.patience.older), now, [&] {
        return base::Cat("I2: ", entry->name.attempt, " is killed, and its cluster is at work");
      });
}

void KillRules::OnDone(base::Time now, const model::CommandDone& done) {
  const auto kill = facts_.kills.find(done.aggregate);
  if (kill == facts_.kills.end())
    return;
  const LedgerEntry* entry = facts_.ledger.Find(done.aggregate);
  const auto phase = facts_.phases.find(done.aggregate);
  const bool is_lost = entry != nullptr && facts_.IsOutOfBounds(*entry->cluster) &&
                       phase != facts_.phases.end() && phase->second == model::ClusterPhase::kLost;
  facts_.Check(entry == nullptr || entry->cluster->Terminal() || is_lost, now, [&] {
    return base::Cat("I8: the terminate of ", done.aggregate, " is called done, and it lives");
  });
  facts_.kills.erase(kill);
}

void KillRules::BeforeTerminate(const SeenCall& call) {
  for (const json::value& id : base::GetArray(call.request.as_object(), "JobFlowIds")) {
    const std::string_view cluster = id.get_string();
    const LedgerEntry* entry = facts_.ledger.Find(cluster);
    facts_.Check(entry == nullptr || entry->ours, call.at, [&] {
      return base::Cat("I16: ", call.action, " of somebody else's cluster: ", entry->cluster->name);
    });
    const auto kill = facts_.kills.find(cluster);
    // A denied one is asked for until it is granted, also when its cluster has ended meanwhile, or
    // counts as LOST.
    const bool is_over =
        entry == nullptr || entry->cluster->Ending() ||
        (facts_.killed.contains(cluster) && facts_.lost_until(*entry->cluster).has_value());
    facts_.Check(kill != facts_.kills.end() || is_over, call.at, [&] {
      return base::Cat("I6: ", call.action, " of ", cluster, " without a committed intent");
    });
    if (kill != facts_.kills.end() && call.action == "TerminateJobFlows")
      kill->second.sent_at = call.at;
  }
}

void KillRules::OnTurn(base::Time now) {
  for (auto& [id, kill] : facts_.kills) {
    const LedgerEntry* entry = facts_.ledger.Find(id);
    if (entry == nullptr || entry->cluster->Ending())
      continue;
    const base::Time since = std::max(kill.sent_at.value_or(kill.decided_at), facts_.alive_since);
    if (kill.sent_at)
      facts_.Check(now - since <= facts_.patience.reissue, now, [&] {
        return base::Cat("I8: cluster ", id, " lives, and its terminate is not issued again");
      });
    else
      facts_.Check(now - since <= facts_.patience.first_kill, now, [&] {
        return base::Cat("I11: the terminate of ", id, " was decided and does not go out");
      });
  }
}

}  // namespace simulation
