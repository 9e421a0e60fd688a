#include "work/emr/invariants.h"

#include "engine/attempts.h"
#include "engine/broken.h"
#include "work/emr/launches.h"
#include "work/emr/outputs.h"

namespace work {

namespace {

class Checker : private engine::Broken {
 public:
  Checker(const EmrState& state, const engine::State& engine) : state_(state), engine_(engine) {}

  std::vector<std::string> Run() {
    CheckLaunches();
    CheckClusters();
    return Take();
  }

 private:
  void CheckLaunches() {
    std::map<model::AttemptKey, int> unsettled;
    for (const auto& [token, launch] : state_.launches) {
      bool pending = engine_.commands.contains({token.str(), 0});
      Expect(IsUnsettled(launch) == pending,
             "launch ",
             token.str(),
             " is ",
             ToString(launch.state),
             ", and its command does not say so");
      Expect((launch.state == model::LaunchState::kAccepted) == !launch.cluster.empty(),
             "launch ",
             token.str(),
             " is ",
             ToString(launch.state),
             " with cluster '",
             launch.cluster.str(),
             "'");
      Expect(IsUnsettled(launch) == state_.unsettled.contains(token),
             "launch ",
             token.str(),
             " and the list of unsettled launches disagree");
      if (IsUnsettled(launch))
        ++unsettled[launch.attempt];
      CheckReading(launch);
    }
    for (const auto& [attempt, count] : unsettled)
      Expect(count == 1, "an attempt of ", attempt.job, " has ", count, " unsettled launches");
  }

  void CheckReading(const model::LaunchRow& launch) {
    const bool pending = engine_.commands.contains(ReadCommandOf(launch.token));
    const auto reading = state_.reading.find(launch.attempt.job);
    Expect(pending == (reading != state_.reading.end() && reading->second == launch.token),
           "launch ",
           launch.token.str(),
           ": the list of outputs that are read and its command disagree");
    const engine::JobInstance* job = FindJob(engine_, launch.attempt.job);
    Expect(!pending || (job != nullptr && engine::HasOpenAttempt(*job) &&
                        job->attempt->key.n == launch.attempt.n && !launch.outputs.empty()),
           "launch ",
           launch.token.str(),
           ": its outputs are read, and no attempt waits for them");
  }

  void CheckClusters() {
    std::map<model::AttemptKey, int> unjudged;
    for (const auto& [id, cluster] : state_.clusters) {
      bool pending = engine_.commands.contains({id.str(), 0});
      Expect(pending == (cluster.terminate_requested_at && !IsTerminal(cluster.phase)),
             "cluster ",
             id.str(),
             ": its terminate command and its row disagree");
      const auto expense = engine_.expenses.find(id.str());
      const auto expected = ExpenseOf(cluster);
      Expect(expected ? expense != engine_.expenses.end() && expense->second == *expected
                      : expense == engine_.expenses.end(),
             "cluster ",
             id.str(),
             ": what it costs is another sum");
      // An orphan may live without a terminate: it is on the list that people see. So is what came
      // back from LOST, which is killed.
      const bool is_listed = state_.orphans.contains(id);
      Expect(cluster.attempt ? !is_listed || pending : is_listed,
             "cluster ",
             id.str(),
             ": the list of orphans and its row disagree");
      if (cluster.judged || !cluster.attempt) {
        Expect(IsTerminal(cluster.phase) || cluster.terminate_requested_at || is_listed,
               "cluster ",
               id.str(),
               " is live, belongs to no open attempt, and nobody terminates it (I1)");
        continue;
      }
      ++unjudged[*cluster.attempt];
      const engine::JobInstance* job = FindJob(engine_, cluster.attempt->job);
      Expect(job != nullptr && engine::HasOpenAttempt(*job) &&
                 job->attempt->key.n == cluster.attempt->n,
             "cluster ",
             id.str(),
             " awaits a verdict and no attempt is open");
    }
    for (const auto& [attempt, count] : unjudged)
      Expect(count == 1, "an attempt of ", attempt.job, " has ", count, " clusters (I2)");
    for (const auto& [what, expense] : engine_.expenses)
      Expect(expense.until || state_.clusters.contains(model::ClusterId(what)),
             what,
             " costs money for ever, and no cluster is behind it");
  }

  const EmrState& state_;
  const engine::State& engine_;
};

}  // namespace

std::vector<std::string> BrokenInvariants(const EmrState& state, const engine::State& engine) {
  return Checker(state, engine).Run();
}

std::map<model::JobKey, int> CountLive(const EmrState& state) {
  std::map<model::JobKey, int> live;
  for (const model::LaunchToken& token : state.unsettled)
    ++live[state.launches.at(token).attempt.job];
  for (const auto& [id, cluster] : state.clusters) {
    if (cluster.attempt && !IsTerminal(cluster.phase))
      ++live[cluster.attempt->job];
  }
  return live;
}

int AboveSize(const EmrState& state, const engine::State& engine, const model::PoolId& pool) {
  int returned = 0;
  for (const auto& [id, orphan] : state.orphans) {
    const auto& attempt = state.clusters.at(id).attempt;
    const engine::JobInstance* job = attempt ? FindJob(engine, attempt->job) : nullptr;
    if (job != nullptr && job->def->pool == pool)
      returned += job->def->capacity.pool_slots;
  }
  return returned;
}

}  // namespace work
