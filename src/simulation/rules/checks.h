#pragma once

// The rules I1–I16, judged from outside the product: from the calls that reach EMR, from EMR's
// truth (ledger.h), and from what was committed, taken as promises and never as truth.
//
// A breach is one sentence that begins with the rule: "I2: two clusters ran …". The first one
// counts; what follows is often its echo.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/engine.h"
#include "model/dag.h"
#include "simulation/ledger.h"
#include "simulation/people.h"
#include "simulation/rules/crossings.h"
#include "simulation/rules/twins.h"
#include "simulation/witness.h"

namespace simulation {

// How late things may be. Troubles that are played add to them.
struct Patience {
  base::Duration kill = base::minutes(20);    // from the end of an attempt to that of its cluster
  base::Duration reissue = base::minutes(4);  // between two terminates of one cluster
  base::Duration first_kill = base::minutes(1);  // from the decision to the first terminate
  base::Duration second = base::minutes(15);     // of two live clusters of one attempt
  base::Duration silence = base::minutes(25);    // between two calls while clusters work
  base::Duration unlisted{0};  // lists may lack a cluster for so long, besides its list_lag
  // What clocks that are set do.
  base::Duration older{0};  // a cluster may look so much older than it is
  base::Duration later{0};  // and a tick may be so late by EMR's clock
};

class Checks : public Witness {
 public:
  Checks(const emulator::Emulator& emr, Ledger& ledger, const Patience& patience);

  // The DAGs that the process is given from now on.
  void OnProject(base::Time now, const std::vector<std::shared_ptr<const model::Dag>>& dags);
  // Their schedules, for what is waited for across DAGs.
  void OnWork(const Workload& work);
  // A person asks for something, and is answered: what people may change, the rules on retries and
  // on final states do not forbid.
  void OnAsked(const People::Granted& asked);
  void OnAnswered(const People::Granted& asked, bool accepted);
  // Whom reads do not know for longer than anybody can wait, and until when.
  using LostUntil = std::function<std::optional<base::Time>(const emulator::Cluster&)>;
  void AskWhoIsLost(LostUntil lost_until) { lost_until_ = std::move(lost_until); }
  // What the product thinks of itself, after each `every`-th turn.
  void AlsoAsk(std::function<const engine::Engine*()> engine, int every);

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void BeforeCall(const SeenCall& call) override;
  void OnCall(const SeenCall& call) override;
  void OnReply(base::Time now, const driver::Call& call, const driver::Reply& reply) override;
  void OnCommitFailed(base::Time now) override;
  void OnDetached(base::Time) override { is_detached_ = true; }
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnDeath(base::Time now) override;
  void OnBirth(base::Time now) override;
  void OnTurn(base::Time now) override;

  // At rest, or when the time is up: what must not be left. `kept`: clusters that are left by
  // right.
  void AtEnd(base::Time now, bool is_at_rest, const std::set<std::string>& kept = {});
  // All of us are dead and a day has passed: what EMR's own means should have ended.
  void AtNightfall();

  // Also for judges of their own (fence.h).
  void Breach(base::Time now, std::string sentence);
  bool ok() const { return breaches_.empty(); }
  const std::vector<std::string>& breaches() const { return breaches_; }
  // When the RunJobFlow that made it was sent; nothing for a cluster that is not ours.
  std::optional<base::Time> SentAt(const emulator::Cluster& cluster) const;
  int64_t launches() const { return launches_; }  // RunJobFlow calls that made a cluster
  int64_t attempts() const { return static_cast<int64_t>(attempts_.size()); }  // committed
  int64_t throttled() const { return throttled_; }  // calls that the quotas refused

 private:
  struct Intent {
    model::AttemptKey attempt;
    std::string request;
    std::optional<base::Time> sent_at;
    bool is_void = false;                            // it was stored in a file that is deleted
    std::vector<const emulator::Cluster*> clusters;  // more than one where EMR executed it twice
  };
  struct Attempt {
    std::optional<base::Time> closed_at;
    std::optional<model::VerdictClass> verdict;
    bool was_rejected = false;  // EMR would not take its request
    bool knows_it = false;      // … and our process has been told
    std::string worker;         // the cluster that ran its steps
    std::vector<const emulator::Cluster*> clusters;
  };
  struct Job {  // of a run
    int attempts = 0;
    int application_failures = 0;
    int infrastructure_failures = 0;
    int unclear = 0;  // refusals in words that nobody has seen; since the last clear
    bool is_misconfigured = false;
    // Since a person asked for its last clear, and the attempt's number then.
    std::optional<int> cleared_after;
    int application_failures_since = 0;
    int infrastructure_failures_since = 0;
    bool has_succeeded = false;           // at last
    std::string success;                  // the cluster that did it
    std::optional<base::Time> closed_at;  // its latest attempt, by our clock
    bool is_unclear = false;              // … and whether it was refused in such words
    std::vector<const emulator::Cluster*> clusters;
  };
  struct Run {
    model::VersionId version;
    model::RunState state = model::RunState::kQueued;
    model::RunType type = model::RunType::kScheduled;
    base::Interval data_interval;
  };
  struct Kill {
    base::Time decided_at;
    std::optional<base::Time> sent_at;
  };

  void Check(bool holds, base::Time now, const std::function<std::string()>& sentence) {
    if (!holds)
      Breach(now, sentence());
  }

  void Commit(base::Time now, const model::RunRow& row);
  void Commit(base::Time, const model::TaskRow&) {}
  void Commit(base::Time now, const model::AttemptRow& row);
  void Commit(base::Time now, const model::LaunchRow& row);
  void Commit(base::Time now, const model::ClusterRow& row);
  void Commit(base::Time now, const model::CommandRow& row);
  void Commit(base::Time now, const model::CommandDone& done);
  void Commit(base::Time now, const model::PoolRow& row);
  void Commit(base::Time now, const model::DagRow& row);
  void Commit(base::Time now, const model::HoleRow& row);
  void Commit(base::Time, const model::DagVersionRow&) {}
  void Commit(base::Time, const model::JobRow&) {}
  void Commit(base::Time, const model::HistoryRow&) {}

  void CheckAudit(base::Time now, const std::vector<model::Change>& batch);
  // Where so many DAG files are gone at once, the folder is in trouble, and nobody removed them.
  static bool AreTooMany(size_t gone, size_t all);
  // DAGs that the batch deactivates.
  void CheckDeactivated(
      const std::vector<model::Change>& batch,
      const std::function<void(const std::string&, std::string_view)>& demand) const;
  bool IsEndedByPerson(const model::AttemptRow& row) const;
  bool EndsAttemptOf(const std::vector<model::Change>& batch, std::string_view cluster) const;
  // Who was cleared has all retries again.
  void NoteClear(const model::RunKey& run, const std::string& job);
  void CountSinceClear(Job& job, const model::AttemptRow& row);
  void CheckClears(base::Time now);

  void NoteFire(base::Time now, const model::RunRow& row);
  void CheckTick(base::Time now, const model::RunRow& row);
  bool IsInHole(const model::DagId& dag, const base::Interval& interval) const;
  bool IsFull(const model::DagId& dag) const;  // max_active_runs
  void JudgeVerdict(base::Time now, const model::AttemptRow& row);
  void CheckLaunch(const SeenCall& call);
  void CheckOrder(const SeenCall& call, const model::AttemptKey& attempt);
  void CheckUpstream(base::Time now, const model::JobKey& key, const model::Job& def);
  // `missing`: what it is not over for.
  bool IsOver(const Crossings::Edge& edge, const model::LaneId& mine, std::string& missing);
  bool HasSucceeded(const model::RunKey& run,
                    const std::vector<model::RunKey>& runs,
                    const Crossings::Edge& edge,
                    const model::LaneId& mine);
  void CheckTerminate(const SeenCall& call);
  void OnNews(base::Time now, const LedgerEntry& entry);
  void NoteLaunched(const LedgerEntry& entry, Attempt& attempt, Job& job);
  // The bounds within which one attempt has one working cluster do not hold for it: EMR accepted
  // it later than anybody waits, executed one call twice, forgets it soon, or denies it for long.
  bool IsOutOfBounds(const emulator::Cluster& cluster) const;
  bool IsLost(const LedgerEntry& entry, std::string_view token);
  void Reclaim();
  void CheckLive(base::Time now);
  void CheckSteps(base::Time now, const model::ClusterRow& row);
  void CheckKills(base::Time now);
  // The cluster of an open attempt is killed for a reason.
  void CheckCause(base::Time now, std::string_view cluster);
  void CheckPools(base::Time now);
  void CheckFires(base::Time now);
  void CheckFilled(base::Time now, const model::DagId& dag);
  // "<dag> <run> <job>", as Names have it.
  static std::string JobLabel(const model::RunKey& run, const model::Job& job);
  bool HasCauseToFail(const model::RunKey& run) const;
  // What it waits for upstream failed or is not: it waits on, by design.
  bool MayStayQueued(const model::RunKey& key) const;
  bool MayWaitForEver(const model::RunKey& run) const;
  bool MaySucceedWithout(const model::RunKey& run) const;
  bool WaitsForWhatIsNot(const model::RunKey& run, const model::Dag& dag) const;

  // What EMR alone cannot end: a hung step without a cap, a cluster that somebody protects, one
  // that waits for capacity for ever.
  bool MayOutliveUs(const LedgerEntry& entry) const;

  bool IsTouched(const model::RunKey& run) const;
  const model::Dag* DagOf(const model::RunKey& run) const;
  // Null where the run's version has no such job.
  const model::Job* DefOf(const model::JobKey& key) const;

  const emulator::Emulator& emr_;
  Ledger& ledger_;
  const Patience patience_;
  std::vector<std::string> breaches_;

  std::map<model::VersionId, std::shared_ptr<const model::Dag>> versions_;
  std::map<model::DagId, std::vector<model::VersionId>> current_;  // that a new run may take
  bool all_touched_ = false;
  std::set<model::RunKey> touched_;
  std::set<std::string, std::less<>> asked_kills_;  // clusters that somebody wants terminated
  std::set<model::RunKey> unclear_;                 // touched by more than clears of single jobs

  std::map<model::DagId, base::Time> since_;  // of the schedule in force
  std::set<model::DagId> paused_;
  std::set<model::DagId> ever_paused_;
  std::map<model::DagId, base::Time> absent_since_;  // the project does not have them
  std::set<model::DagId> kept_;  // of them, those that went with too many others: they may fire
  std::set<model::DagId> inactive_;

  std::map<model::RunKey, Run> runs_;
  std::map<std::pair<model::DagId, base::Time>, model::RunKey> fires_;  // by logical date
  std::map<std::pair<model::DagId, base::Time>, model::RunKey> ticks_;
  std::map<std::tuple<model::DagId, base::Time, base::Time>, std::vector<model::RunKey>>
      by_interval_;
  std::map<model::DagId, std::map<base::Time, model::HoleRow>> holes_;
  Crossings crossings_;
  std::map<std::string, Attempt, std::less<>> attempts_;  // as Names have them
  std::set<std::string, std::less<>> unclear_attempts_;   // refused in words that nobody has seen
  std::vector<const Attempt*> attempt_of_;  // by place in the ledger; null for strangers
  std::map<std::string, Job, std::less<>> jobs_;
  std::map<std::string, Intent, std::less<>> intents_;  // by token
  std::map<std::string, model::ClusterPhase, std::less<>> phases_;
  std::map<std::string, std::map<std::string, model::StepState>, std::less<>> steps_;
  std::set<const emulator::Cluster*> out_of_bounds_;
  Twins twins_;
  // By token: launches that the database has lost, and their clusters.
  std::map<std::string, std::vector<const emulator::Cluster*>, std::less<>> lost_;
  bool has_loss_ = false;
  bool is_rewinding_ = false;
  bool is_detached_ = false;
  bool is_denied_ = false;  // to terminate, as far as our process was told in this life
  std::map<std::string, Kill, std::less<>> kills_;
  std::set<std::string, std::less<>> killed_;  // clusters that we ever decided to kill
  std::map<model::PoolId, int> pools_;
  std::map<std::string, const model::Job*, std::less<>> def_of_;  // by "<dag> <run> <job>"
  std::map<model::DagId, std::set<model::RunKey>> running_;

  LostUntil lost_until_ = [](const emulator::Cluster&) { return std::nullopt; };
  std::function<const engine::Engine*()> engine_;
  int ask_every_ = 0;
  int turns_ = 0;
  base::Time alive_since_;
  base::Time called_at_;  // the latest call to EMR, whatever became of it
  int64_t launches_ = 0;
  int64_t throttled_ = 0;
};

}  // namespace simulation
