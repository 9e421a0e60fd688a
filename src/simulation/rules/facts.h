#pragma once

// What the families of rules have in common (checks.h): what was committed, what EMR's truth says
// of it, what people asked for, and the breaches that were found. Behind each fact stands the
// family that writes it; the others read it.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "emulator/emulator.h"
#include "model/dag.h"
#include "model/rows.h"
#include "simulation/ledger.h"
#include "simulation/rules/crossings.h"
#include "simulation/rules/twins.h"

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

// What follows from the commits. It is computed again if the database loses the last of them.
struct Promises {
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
    bool told_nothing = false;  // its work was done, and what it left are no outputs: OutputRules
    std::string worker;         // the cluster that ran its steps
    std::vector<const emulator::Cluster*> clusters;
  };
  struct Job {  // of a run
    int attempts = 0;
    int attempts_before = 0;  // when its group was last tried again: then it has all its tries
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
    bool is_infrastructure = false;       // … and whether that was no fault of the job's
    std::vector<const emulator::Cluster*> clusters;
  };
  struct Run {
    model::VersionId version;
    model::RunState state = model::RunState::kQueued;
    model::RunType type = model::RunType::kScheduled;
    base::Interval data_interval;
    int64_t backfill = 0;  // that it counts for; 0: for its DAG
  };
  // A run that a job wants, and for whose end it may wait.
  struct Wish {
    model::RunKey run;
    model::TriggerState state = model::TriggerState::kAsked;
  };
  struct Kill {
    base::Time decided_at;
    std::optional<base::Time> sent_at;
  };

  std::set<model::DagId> paused;             // Checks
  std::map<model::DagId, base::Time> since;  // of the schedule in force: FireRules
  std::set<model::DagId> inactive;           // FireRules
  std::map<model::RunKey, Run> runs;         // RunRules
  std::map<model::AttemptKey, Wish> wishes;  // Checks
  std::map<std::tuple<model::DagId, base::Time, base::Time>, std::vector<model::RunKey>>
      by_interval;                                               // RunRules
  std::map<std::string, Attempt, std::less<>> attempts;          // as Names have them: AttemptRules
  std::map<std::string, Job, std::less<>> jobs;                  // as Names have them: AttemptRules
  std::map<std::string, const model::Job*, std::less<>> def_of;  // of jobs: AttemptRules
  std::map<std::string, Intent, std::less<>> intents;            // by token: LaunchRules
  std::map<std::string, model::ClusterPhase, std::less<>> phases;  // ClusterRules
  std::map<std::string, Kill, std::less<>> kills;                  // not done yet: KillRules
  std::set<std::string, std::less<>> killed;  // clusters that we ever decided to kill: KillRules
  // By place in the ledger; null for strangers: LiveRules.
  std::vector<const Attempt*> attempt_of;
};

struct Facts : Promises {
  // Whom reads do not know for longer than anybody can wait, and until when.
  using LostUntil = std::function<std::optional<base::Time>(const emulator::Cluster&)>;

  Facts(const emulator::Emulator& its_emr, Ledger& its_ledger, const Patience& its_patience);

  void Breach(base::Time now, std::string sentence);
  void Check(bool holds, base::Time now, const std::function<std::string()>& sentence) {
    if (!holds)
      Breach(now, sentence());
  }
  // The run is deleted: a later one may have its id, and the names of its attempts. Its clusters
  // are those of its tokens.
  void ForgetRun(const model::RunKey& run);
  // Forgets the promises, and returns them as they were.
  Promises ForgetPromises();

  // People have changed the run: the rules on retries and on final states do not hold for it.
  bool IsTouched(const model::RunKey& run) const;
  const model::Dag* DagOf(const model::RunKey& run) const;
  // Null if the run's version has no such job.
  const model::Job* DefOf(const model::JobKey& key) const;
  // What is known of the job in this run, and of the instances of a mapped one.
  std::vector<Job*> JobsOf(const model::RunKey& run, const model::Job& job);
  // The bounds within which one attempt has one working cluster do not hold for it: EMR accepted
  // it later than anybody waits, executed one call twice, forgets it soon, or denies it for long.
  bool IsOutOfBounds(const emulator::Cluster& cluster) const;

  const emulator::Emulator& emr;
  Ledger& ledger;
  const Patience patience;
  LostUntil lost_until = [](const emulator::Cluster&) { return std::nullopt; };
  std::vector<std::string> breaches;

  // The project's files: Checks.
  std::map<model::VersionId, std::shared_ptr<const model::Dag>> versions;
  std::map<model::DagId, std::vector<model::VersionId>> current;  // that a new run may take
  std::map<model::DagId, base::Time> absent_since;                // the project does not have them
  std::set<model::DagId> kept;  // of them, those that went with too many others: they may fire
  Crossings crossings;

  // What people asked for: PeopleRules.
  bool all_touched = false;
  std::set<model::RunKey> touched;
  std::set<model::RunKey> reruns;  // of them, those that were to take a newer version
  std::set<std::string, std::less<>> asked_kills;  // clusters that somebody wants terminated

  // EMR's truth: LiveRules.
  std::set<const emulator::Cluster*> out_of_bounds;
  std::set<std::string, std::less<>> deleted_tokens;  // of launches of deleted runs
  // What attempt_of points to.
  std::vector<std::map<std::string, Attempt, std::less<>>::node_type> deleted_attempts;
  Twins twins;

  base::Time alive_since;     // our process was born or died then: Checks
  bool has_loss = false;      // the database once lost its last commits: Checks
  bool is_rewinding = false;  // what is left is replayed, and was judged when it happened: Checks
};

// If so many DAG files are gone at once, the folder is in trouble, and nobody removed them.
bool AreTooMany(size_t gone, size_t all);
// A person did this to the work. A note says who wrote it, and changes nothing.
bool IsByPerson(const model::HistoryRow& row);
// "<dag> <run> <job>", as Names have it.
std::string JobLabel(const model::RunKey& run, const model::Job& job);

}  // namespace simulation
