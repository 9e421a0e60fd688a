#pragma once

// The rules I1–I16, judged from outside the product: from the calls that reach EMR, from EMR's
// truth (ledger.h), and from what was committed, taken as promises and never as truth.
//
// A breach is one sentence that begins with the rule: "I2: two clusters ran …". The first one
// counts; what follows is often its echo.
//
// Each family of rules is a class. They share facts.h. Checks tells them what happens:
//
//   AuditRules    I13                      a commit, before all others
//   FireRules     I3                       DAGs, holes, scheduled runs; the end
//   RunRules      I4 I12 I15               runs
//   AttemptRules  I2 I4                    attempts
//   LaunchRules   I1 I2 I3 I4 I6 I8 I15    launches; RunJobFlow and its replies
//   OrderRules    I3                       RunJobFlow, from LaunchRules
//   ClusterRules  I5                       clusters
//   KillRules     I2 I6 I8 I11 I16         terminates, decided, sent and done; turns
//   LiveRules     I1 I2 I6 I10 I12         EMR's news; pools; turns
//   PeopleRules   I4                       what people ask for; the end
//   EndRules      I1 I3 I9                 the end
//
// Checks itself judges I10 at the end, and what the engine thinks of itself. I7 is judged by
// fence.h, I16 of the reaper by reaper.h, I3 of trigger rules by readiness_rules.h, of
// backfills by backfill_rules.h, of holds by hold_rules.h, of what begins after what by
// begin_rules.h, of edges that have a rule by edge_rules.h, of assets by asset_rules.h, of jobs
// that trigger runs by trigger_rules.h; I1, I2 and I4 of commands by process_rules.h; I4 of groups
// by group_rules.h; I12 of slots and limits by capacity_rules.h, of vCPUs and money by
// caps_rules.h; the exception to I15 and notes by rerun_rules.h; I4 and I13 of records by
// record_rules.h.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "simulation/people.h"
#include "simulation/rules/attempt_rules.h"
#include "simulation/rules/audit_rules.h"
#include "simulation/rules/cluster_rules.h"
#include "simulation/rules/duration_rules.h"
#include "simulation/rules/end_rules.h"
#include "simulation/rules/facts.h"
#include "simulation/rules/fire_rules.h"
#include "simulation/rules/kill_rules.h"
#include "simulation/rules/launch_rules.h"
#include "simulation/rules/live_rules.h"
#include "simulation/rules/order_rules.h"
#include "simulation/rules/output_rules.h"
#include "simulation/rules/people_rules.h"
#include "simulation/rules/run_rules.h"
#include "simulation/rules/versions.h"
#include "simulation/witness.h"

namespace simulation {

class Checks : public Witness {
 public:
  Checks(const emulator::Emulator& emr, Ledger& ledger, const Patience& patience);
  Checks(const Checks&) = delete;  // its families refer to its facts
  Checks& operator=(const Checks&) = delete;

  // The DAGs that the process is given from now on.
  void OnProject(base::Time now, const std::vector<std::shared_ptr<const model::Dag>>& dags);
  // Their schedules, for what is waited for across DAGs.
  void OnWork(const Workload& work) { facts_.crossings.OnWork(work); }
  // What jobs wait for in other DAGs.
  const Crossings& crossings() const { return facts_.crossings; }
  // That were stored; those of a batch are known before anybody judges it.
  const Versions& versions() const { return versions_; }
  // A person asks for something, and is answered: what people may change, the rules on retries and
  // on final states do not forbid.
  void OnAsked(const People::Granted& asked) { people_rules_.OnAsked(asked); }
  void OnAnswered(const People::Granted& asked, bool accepted) {
    people_rules_.OnAnswered(asked, accepted);
  }
  void AskWhoIsLost(Facts::LostUntil lost_until) { facts_.lost_until = std::move(lost_until); }
  // What the product thinks of itself, after each `every`-th turn.
  void AlsoAsk(std::function<const engine::Engine*()> engine, int every);

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void BeforeCall(const SeenCall& call) override;
  void OnCall(const SeenCall& call) override { launch_rules_.OnCall(call); }
  void OnReply(base::Time now, const driver::Call& call, const driver::Reply& reply) override;
  void OnCommitFailed(base::Time) override { launch_rules_.OnCommitFailed(); }
  void OnDetached(base::Time) override { launch_rules_.OnDetached(); }
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnDeath(base::Time now) override;
  void OnBirth(base::Time now) override { facts_.alive_since = now; }
  void OnTurn(base::Time now) override;

  // At rest, or when the time is up: what must not be left. `kept`: clusters that are left by
  // right.
  void AtEnd(base::Time now, bool is_at_rest, const std::set<std::string>& kept = {});
  // All of us are dead and a day has passed: what EMR's own means should have ended.
  void AtNightfall() { end_rules_.AtNightfall(); }

  // Also for judges of their own (fence.h).
  void Breach(base::Time now, std::string sentence) { facts_.Breach(now, std::move(sentence)); }
  bool ok() const { return facts_.breaches.empty(); }
  const std::vector<std::string>& breaches() const { return facts_.breaches; }
  // When the RunJobFlow that made it was sent; nothing for a cluster that is not ours.
  std::optional<base::Time> SentAt(const emulator::Cluster& cluster) const {
    return launch_rules_.SentAt(cluster);
  }
  // The bounds within which one attempt has one working cluster do not hold for it.
  bool IsOutOfBounds(const emulator::Cluster& cluster) const {
    return facts_.IsOutOfBounds(cluster);
  }
  // Between two ticks of the DAG's schedule; nothing where it was edited, leaves some out, or is
  // not known.
  std::optional<base::Duration> StepOf(const model::DagId& dag) const;
  int64_t launches() const { return live_rules_.launches(); }
  int64_t attempts() const { return static_cast<int64_t>(facts_.attempts.size()); }  // committed
  int64_t throttled() const { return launch_rules_.throttled(); }

 private:
  void Commit(base::Time now, const model::RunRow& row) { run_rules_.OnRun(now, row); }
  void Commit(base::Time now, const model::AttemptRow& row) {
    attempt_rules_.OnAttempt(now, row);
    duration_rules_.OnAttempt(row);
  }
  void Commit(base::Time, const model::DurationsRow& row) { duration_rules_.OnDurations(row); }
  void Commit(base::Time, const model::TriggerRow& row) {  // trigger_rules.h
    facts_.wishes[row.key] = {row.run, row.state};
  }
  void Commit(base::Time, const model::ProcessRow&) {}  // process_rules.h
  void Commit(base::Time now, const model::OutputsRow& row) { output_rules_.OnOutputs(now, row); }
  void Commit(base::Time, const model::CauseRow&) {}  // cause_rules.h
  void Commit(base::Time now, const model::LaunchRow& row) { launch_rules_.OnLaunch(now, row); }
  void Commit(base::Time now, const model::ClusterRow& row) { cluster_rules_.OnCluster(now, row); }
  void Commit(base::Time now, const model::CommandRow& row) { kill_rules_.OnCommand(now, row); }
  void Commit(base::Time now, const model::CommandDone& done) { kill_rules_.OnDone(now, done); }
  void Commit(base::Time, const model::PoolRow& row) { live_rules_.OnPool(row); }
  void Commit(base::Time now, const model::DagRow& row) { fire_rules_.OnDag(now, row); }
  void Commit(base::Time now, const model::HoleRow& row) { fire_rules_.OnHole(now, row); }
  void Commit(base::Time, const model::TaskRow&) {}
  void Commit(base::Time, const model::DagVersionRow&) {}
  void Commit(base::Time, const model::JobRow&) {}
  void Commit(base::Time, const model::LimitRow&) {}
  void Commit(base::Time, const model::SpendRulesRow&) {}  // caps_rules.h
  void Commit(base::Time, const model::PoolTimeRow&) {}
  void Commit(base::Time, const model::HistoryRow&) {}
  void Commit(base::Time, const model::DagRenamed&) {}     // driver/renames_test.cc
  void Commit(base::Time, const model::Deleted& deleted);  // delete_rules.h
  void Commit(base::Time, const model::BackfillRow&) {}    // backfill_rules.h
  void Commit(base::Time, const model::BackfillTickRow&) {}
  void Commit(base::Time, const model::HoldRow&) {}      // hold_rules.h
  void Commit(base::Time, const model::DeadlineRow&) {}  // deadline_rules.h
  void Commit(base::Time, const model::MappingRow&) {}   // mapping_rules.h
  void Commit(base::Time, const model::GroupTriesRow& row) { attempt_rules_.OnGroup(row); }
  void Commit(base::Time, const model::AssetRow&) {}
  void Commit(base::Time, const model::AssetEventRow&) {}  // asset_rules.h
  void Commit(base::Time, const model::AssetQueueRow&) {}
  void Commit(base::Time, const model::RecordRow&) {}
  void Commit(base::Time, const model::RecordDropped&) {}

  void NoteBackfilled(const std::vector<model::Change>& batch);
  void CommitAll(base::Time now, const std::vector<model::Change>& batch);
  void AskEngine(base::Time now);

  Facts facts_;
  Versions versions_;
  AuditRules audit_rules_{facts_};
  PeopleRules people_rules_{facts_};
  FireRules fire_rules_{facts_};
  OrderRules order_rules_{facts_, fire_rules_};
  RunRules run_rules_{facts_, fire_rules_};
  OutputRules output_rules_{facts_};
  AttemptRules attempt_rules_{facts_, output_rules_};
  DurationRules duration_rules_{facts_};
  LaunchRules launch_rules_{facts_, order_rules_};
  ClusterRules cluster_rules_{facts_};
  KillRules kill_rules_{facts_};
  LiveRules live_rules_{facts_};
  EndRules end_rules_{facts_, fire_rules_};

  std::function<const engine::Engine*()> engine_;
  int ask_every_ = 0;
  int turns_ = 0;
};

}  // namespace simulation
