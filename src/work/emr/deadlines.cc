#include "work/emr/deadlines.h"

#include "base/text.h"
#include "emr/deadlines.h"
#include "work/emr/resume.h"
#include "work/emr/subjects.h"

namespace work {

namespace {

// The steps' own `timeout` should be the one to end them.
constexpr base::Duration kRunTimeMargin = base::minutes(5);

const engine::JobInstance* JobOf(const engine::State& engine, const model::ClusterRow& cluster) {
  return cluster.attempt ? FindJob(engine, cluster.attempt->job) : nullptr;
}

// Of the step at this place of the cluster's list; nothing while it does not run or is flagged.
std::optional<emr::Deadline> DeadlineOf(const EmrState& state,
                                        const EmrOptions& options,
                                        const model::ClusterRow& cluster,
                                        const engine::JobInstance& job,
                                        size_t place) {
  const model::StepView& step = cluster.steps[place];
  const auto& expected = model::EmrOf(*job.def)->expected_durations;
  if (step.overdue || expected.empty())
    return std::nullopt;
  std::vector<size_t> steps = StepsOfAttempt(state, job, expected.size());
  if (steps.size() != cluster.steps.size() || !expected[steps[place]])
    return std::nullopt;
  return emr::StepDeadline(step, *expected[steps[place]], options.overdue_factor);
}

std::optional<emr::Deadline> TryDeadline(const EmrState& state,
                                         const model::ClusterRow& cluster,
                                         const engine::JobInstance& job) {
  const auto launch = state.launches.find(cluster.token);
  if (!job.def->execution_timeout || launch == state.launches.end())
    return std::nullopt;
  return emr::ExecutionDeadline(cluster, launch->second.created_at, *job.def->execution_timeout);
}

}  // namespace

std::optional<emr::Verdict> FindOverrun(const EmrTurn& turn,
                                        const model::ClusterRow& cluster,
                                        const model::ClusterSeen& look) {
  const engine::JobInstance* job = look.status ? JobOf(turn.engine.state, cluster) : nullptr;
  if (job == nullptr)
    return std::nullopt;
  auto passed = [&](const std::optional<emr::Deadline>& deadline, Duration late = {}) {
    return deadline && look.source_at >= deadline->due + late;
  };
  // The look may be late: what it says was so `list_lag_max` ago, at the earliest.
  if (auto launch = emr::LaunchDeadline(cluster, model::EmrOf(*job->def)->launch_timeout);
      passed(launch, turn.options.list_lag_max))
    return emr::Verdict{model::VerdictClass::kInfrastructure,
                        launch->sentence + " (launch_timeout)"};
  // A step may have begun since the last look at steps.
  if (auto idle = emr::IdleDeadline(cluster, turn.options.idle_timeout); look.steps && passed(idle))
    return emr::Verdict{model::VerdictClass::kInfrastructure, idle->sentence + " (idle_timeout)"};
  // A WAITING cluster may have finished its steps: check them first.
  if (cluster.phase == model::ClusterPhase::kWaiting && !look.steps)
    return std::nullopt;
  const std::optional<Duration>& most = model::EmrOf(*job->def)->max_run_time;
  if (auto run = most ? emr::RunDeadline(cluster, *most + kRunTimeMargin) : std::nullopt;
      passed(run))
    return emr::Verdict{model::VerdictClass::kApplication, run->sentence + " (max_run_time)"};
  if (auto whole = TryDeadline(turn.state, cluster, *job); passed(whole))
    return emr::Verdict{model::VerdictClass::kApplication,
                        whole->sentence + " (execution_timeout)"};
  return std::nullopt;
}

void FlagSlowSteps(EmrTurn& turn, model::ClusterRow& cluster, Time looked_at) {
  const engine::JobInstance* job = JobOf(turn.engine.state, cluster);
  if (job == nullptr)
    return;
  for (size_t place = 0; place < cluster.steps.size(); ++place) {
    auto deadline = DeadlineOf(turn.state, turn.options, cluster, *job, place);
    if (!deadline || looked_at < deadline->due)
      continue;
    model::StepView& step = cluster.steps[place];
    step.overdue = true;
    turn.recorder().History(
        turn.now(), SubjectOf(cluster, step), ToString(step.state), "overdue", deadline->sentence);
    turn.recorder().Put(cluster);
  }
}

std::optional<Time> NextStepDeadline(const engine::State& engine,
                                     const EmrState& state,
                                     const EmrOptions& options,
                                     const model::ClusterRow& cluster) {
  const engine::JobInstance* job = JobOf(engine, cluster);
  std::optional<Time> next;
  if (job == nullptr || model::EmrOf(*job->def)->expected_durations.empty() ||
      IsTerminal(cluster.phase))
    return next;
  for (size_t place = 0; place < cluster.steps.size(); ++place) {
    auto deadline = DeadlineOf(state, options, cluster, *job, place);
    if (deadline && (!next || deadline->due < *next))
      next = deadline->due;
  }
  return next;
}

}  // namespace work
