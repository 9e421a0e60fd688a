#include "work/emr/clusters.h"

#include <algorithm>

#include "base/json.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "emr/health.h"
#include "emr/instances.h"
#include "emr/verdict.h"
#include "engine/attempts.h"
#include "engine/load.h"
#include "engine/spend.h"
#include "work/emr/attempt_end.h"
#include "work/emr/deadlines.h"
#include "work/emr/orphans.h"
#include "work/emr/outputs.h"
#include "work/emr/subjects.h"

namespace work {

namespace {

using model::ClusterHealth;
using model::ClusterPhase;
using model::ClusterRow;

void History(EmrTurn& turn,
             const ClusterRow& cluster,
             std::string_view from,
             std::string_view to,
             std::string_view cause) {
  turn.recorder().History(turn.now(), SubjectOf(cluster), from, to, cause);
}

// The attempt that the cluster belongs to, where it is still open.
struct Owner {
  engine::Run* run = nullptr;
  engine::JobInstance* job = nullptr;
};
Owner OpenOwner(EmrTurn& turn, const ClusterRow& cluster) {
  if (!cluster.attempt)
    return {};
  engine::JobInstance* job = FindJob(turn.engine.state, cluster.attempt->job);
  if (job == nullptr || !HasOpenAttempt(*job) || job->attempt->key.n != cluster.attempt->n)
    return {};
  return {FindRun(turn.engine.state, cluster.attempt->job.run), job};
}

void GiveVerdict(EmrTurn& turn, ClusterRow& cluster, const emr::Verdict& verdict) {
  cluster.judged = true;
  turn.recorder().Put(cluster);
  Owner owner = OpenOwner(turn, cluster);
  if (owner.job == nullptr)
    return;
  const bool is_done = verdict.verdict == model::VerdictClass::kSuccess;
  if (!is_done || !AwaitOutputs(turn, cluster.token, *owner.job))
    End(turn, *owner.run, *owner.job, verdict);
}

// Phases never go back; inside a phase's rank the later look wins.
bool IsNews(const ClusterRow& cluster, const model::ClusterStatus& status, Time source_at) {
  if (IsTerminal(cluster.phase) || Rank(status.phase) < Rank(cluster.phase))
    return false;
  return Rank(status.phase) > Rank(cluster.phase) || source_at >= cluster.phase_seen_at;
}

// EMR's clock may be hours away from ours, by which ages are judged: its word on a time counts as
// far as it is possible. `after` is when it happened at the earliest, where that is known.
Time ByOurClock(Time emrs, std::optional<Time> after, Time seen_at) {
  constexpr base::Duration kAsGoodAsOne = base::minutes(5);  // AWS accepts such a signature
  const Time low = after.value_or(emrs) - kAsGoodAsOne;
  return std::clamp(emrs, low, std::max(low, seen_at + kAsGoodAsOne));
}

std::optional<Time> LaunchedAt(const EmrState& state, const ClusterRow& cluster) {
  const auto launch = state.launches.find(cluster.token);
  return launch == state.launches.end() ? std::nullopt : std::optional(launch->second.created_at);
}

void TakeStatus(EmrTurn& turn,
                ClusterRow& cluster,
                const model::ClusterStatus& status,
                Time source_at) {
  if (!IsNews(cluster, status, source_at)) {
    ++turn.state.counters.stale_events;
    return;
  }
  // Not recorded by itself: a look that changes nothing commits nothing.
  cluster.phase_seen_at = source_at;
  bool changed = cluster.phase != status.phase || cluster.reason_code != status.reason_code ||
                 cluster.reason_message != status.reason_message ||
                 (status.ready_at && cluster.ready_at != status.ready_at) ||
                 (status.ended_at && cluster.ended_at != status.ended_at) ||
                 (!cluster.created_at && status.created_at) ||
                 (cluster.account.empty() && !status.account.empty());
  if (!changed)
    return;
  if (cluster.phase != status.phase)
    History(turn, cluster, ShownState(cluster), ToString(status.phase), status.reason_message);
  cluster.phase = status.phase;
  if (IsTerminal(status.phase))
    cluster.lost_since = std::nullopt;
  cluster.reason_code = status.reason_code;
  cluster.reason_message = status.reason_message;
  if (!status.account.empty())
    cluster.account = status.account;
  if (status.created_at && !cluster.created_at)
    cluster.created_at = ByOurClock(*status.created_at, LaunchedAt(turn.state, cluster), source_at);
  // A hint tells the phase and nothing of the times.
  if (status.ready_at)
    cluster.ready_at = status.ready_at;
  if (status.ended_at)
    cluster.ended_at = status.ended_at;
  bool in_service =
      status.phase == ClusterPhase::kRunning || status.phase == ClusterPhase::kWaiting;
  if (in_service && !cluster.in_service_since)
    cluster.in_service_since =
        ByOurClock(status.ready_at.value_or(source_at), cluster.created_at, source_at);
  turn.recorder().Put(cluster);
}

int Rank(model::StepState state) {
  return IsTerminal(state) ? 2 : state == model::StepState::kPending ? 0 : 1;
}

// A step that an old list lacks keeps its place.
void KeepKnown(const std::vector<model::StepView>& known, std::vector<model::StepView>& steps) {
  for (size_t place = 0; place < known.size(); ++place) {
    const bool is_listed = std::any_of(
        steps.begin(), steps.end(), [&](const auto& step) { return step.id == known[place].id; });
    if (!is_listed)
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(std::min(place, steps.size())),
                   known[place]);
  }
}

// Steps never go back, nor away: a list that says so is old.
void TakeSteps(EmrTurn& turn, ClusterRow& cluster, std::vector<model::StepView> steps) {
  KeepKnown(cluster.steps, steps);
  for (model::StepView& step : steps) {
    auto known = std::find_if(cluster.steps.begin(), cluster.steps.end(), [&](const auto& old) {
      return old.id == step.id;
    });
    if (known != cluster.steps.end())
      step.overdue = known->overdue;
    if (known != cluster.steps.end() && Rank(known->state) > Rank(step.state))
      step = *known;
    else if (known == cluster.steps.end() || known->state != step.state)
      turn.recorder().History(
          turn.now(),
          SubjectOf(cluster, step),
          known == cluster.steps.end() ? "" : ToString(known->state),
          ToString(step.state),
          step.failure.empty() ? step.name : base::Cat(step.name, ": ", step.failure));
  }
  if (steps == cluster.steps)
    return;
  cluster.steps = std::move(steps);
  turn.recorder().Put(cluster);
}

void TakeFleets(EmrTurn& turn, ClusterRow& cluster, std::vector<model::FleetView> fleets) {
  if (fleets == cluster.fleets)
    return;
  cluster.fleets = std::move(fleets);
  turn.recorder().Put(cluster);
}

// Suspicion, then confirmation: two bad looks apart, or one with a reason that speaks of lost
// instances. True where the cluster is confirmed dead in all but name.
bool ConfirmBadHealth(EmrTurn& turn, ClusterRow& cluster, Time looked_at) {
  bool in_service =
      cluster.phase == ClusterPhase::kRunning || cluster.phase == ClusterPhase::kWaiting;
  if (!in_service || !cluster.in_service_since ||
      looked_at < *cluster.in_service_since + turn.options.fleet_grace)
    return false;
  ClusterHealth health = emr::LookAtFleets(cluster.fleets);
  if (health != cluster.suspected) {
    cluster.suspected = health;
    cluster.zero_seen_at =
        health == ClusterHealth::kOk ? std::nullopt : std::optional<Time>(looked_at);
    turn.recorder().Put(cluster);
  }
  if (health == ClusterHealth::kOk)
    return false;
  bool twice = looked_at >= *cluster.zero_seen_at + turn.options.fleet_confirm;
  if (!twice && !emr::SpeaksOfInstanceFailure(cluster.reason_code, cluster.reason_message))
    return false;
  History(
      turn, cluster, ShownState(cluster), ToString(health), emr::Describe(health, cluster.fleets));
  cluster.health = health;
  turn.recorder().Put(cluster);
  return true;
}

void JudgeBySteps(EmrTurn& turn, ClusterRow& cluster, const emr::Verdict& verdict) {
  GiveVerdict(turn, cluster, verdict);
  RequestTerminate(turn, cluster, "all its steps are over");
}

// A cluster that has lost its nodes, or takes too long.
std::optional<emr::Verdict> FindTrouble(EmrTurn& turn,
                                        ClusterRow& cluster,
                                        const model::ClusterSeen& event) {
  if (event.fleets && ConfirmBadHealth(turn, cluster, event.source_at))
    return emr::Verdict{
        model::VerdictClass::kInfrastructure,
        base::Cat(ToString(cluster.health), ": ", emr::Describe(cluster.health, cluster.fleets))};
  return FindOverrun(turn, cluster, event);
}

void JudgeLiving(EmrTurn& turn, ClusterRow& cluster, const model::ClusterSeen& event) {
  // No step will follow on a cluster that waits: its steps judge it.
  const bool waits = cluster.phase == ClusterPhase::kWaiting && event.steps;
  const bool is_dying = cluster.terminate_requested_at.has_value();
  const std::optional<emr::Verdict> over = emr::JudgeWaiting(cluster.steps, cluster.reason_message);
  std::optional<emr::Verdict> trouble;
  if (!is_dying)
    trouble = FindTrouble(turn, cluster, event);
  // All steps completed: success, even if the nodes are gone by now.
  if ((waits || trouble || is_dying) && over && over->verdict == model::VerdictClass::kSuccess) {
    JudgeBySteps(turn, cluster, *over);
    return;
  }
  if (is_dying)
    return;
  // Kill first, judge by what its end says: reads of different kinds may contradict each other, and
  // the cluster may have ended its work already.
  if (trouble) {
    if (cluster.health == ClusterHealth::kOk)  // else the history has it
      History(turn, cluster, ShownState(cluster), ShownState(cluster), trouble->reason);
    RequestTerminate(turn, cluster, trouble->reason, trouble->verdict);
    return;
  }
  if (event.steps)
    FlagSlowSteps(turn, cluster, event.source_at);
  // A failure counts only once the fleets were seen in the same look, for lost nodes fail steps
  // too.
  if (waits && over && event.fleets && emr::LookAtFleets(cluster.fleets) == ClusterHealth::kOk)
    JudgeBySteps(turn, cluster, *over);
}

emr::Verdict JudgeEnded(const ClusterRow& cluster, std::vector<model::ErrorDetail> errors) {
  std::optional<emr::Verdict> own_kill;
  if (cluster.terminate_requested_at)
    own_kill = {cluster.terminate_verdict.value_or(model::VerdictClass::kUser),
                cluster.terminate_cause};
  return emr::Judge({.phase = cluster.phase,
                     .reason_code = cluster.reason_code,
                     .reason_message = cluster.reason_message,
                     .steps = cluster.steps,
                     .errors = std::move(errors),
                     .fleets = cluster.fleets,
                     .own_kill = std::move(own_kill)});
}

// The cluster is gone for good: its terminate is done, its slot is free, a waiting retry may start.
void OnTerminal(EmrTurn& turn, ClusterRow& cluster) {
  Withdraw(turn, cluster.id.str());
  if (cluster.attempt)
    turn.state.orphans.erase(cluster.id);
  else
    turn.state.ended_orphans.push_back(cluster.id);
  engine::JobInstance* job =
      cluster.attempt ? FindJob(turn.engine.state, cluster.attempt->job) : nullptr;
  if (job == nullptr)
    return;
  AddLive(turn.engine, *job, -1);
  BecomeIdle(turn, *job);
}

// A read that is later than the answers which did not know the cluster shows it.
void EndLoss(EmrTurn& turn, ClusterRow& cluster, Time source_at) {
  if (!cluster.lost_since || source_at <= *cluster.lost_since)
    return;
  const std::string_view from = ShownState(cluster);
  cluster.lost_since = std::nullopt;
  History(turn, cluster, from, ShownState(cluster), "EMR knows it again");
  turn.recorder().Put(cluster);
}

// The exception to I5: a cluster that was given up as LOST lives. Its attempt is over, and another
// one may have begun: it takes its slot again, even above the pool's size, and is killed.
void ComeBack(EmrTurn& turn,
              ClusterRow& cluster,
              const model::ClusterStatus& status,
              Time source_at) {
  constexpr std::string_view kCause = "it came back after it had been given up as LOST";
  History(turn, cluster, ShownState(cluster), ToString(status.phase), kCause);
  cluster.phase = status.phase;
  cluster.phase_seen_at = source_at;
  cluster.judged = true;
  cluster.terminate_requested_at = std::nullopt;
  turn.recorder().Put(cluster);
  engine::JobInstance* job =
      cluster.attempt ? FindJob(turn.engine.state, cluster.attempt->job) : nullptr;
  if (job != nullptr)
    AddLive(turn.engine, *job, +1);
  else
    cluster.attempt = std::nullopt;  // its run took a version without the job: it is nobody's
  NoteExpense(turn.engine.state, cluster);
  ++turn.state.counters.unwanted_clusters;
  ListReturned(turn.state, cluster, source_at);
  RequestTerminate(turn, cluster, kCause);
}

}  // namespace

ClusterRow& RecordCluster(EmrTurn& turn,
                          const model::LaunchRow& launch,
                          const model::ClusterId& id,
                          std::string_view cause) {
  ClusterRow& cluster = turn.state.clusters[id];
  cluster.id = id;
  cluster.token = launch.token;
  cluster.attempt = launch.attempt;
  auto request = base::ParseJson(launch.request);
  if (request && request->is_object()) {
    cluster.name = base::GetString(request->get_object(), "Name");
    if (const auto cost =
            emr::MostPerHour(request->get_object(), turn.engine.state.spend_rules.prices))
      cluster.micro_usd_per_hour = *cost;
  }
  cluster.region = turn.options.region;
  cluster.phase_seen_at = launch.created_at;
  History(turn, cluster, "", ToString(cluster.phase), cause);
  turn.recorder().Put(cluster);
  engine::JobInstance* job = FindJob(turn.engine.state, launch.attempt.job);
  if (job != nullptr)
    AddLive(turn.engine, *job, +1);
  return cluster;
}

void NoteExpense(engine::State& state, const ClusterRow& cluster) {
  SetExpense(state, cluster.id.str(), ExpenseOf(cluster));
}

void RequestTerminate(EmrTurn& turn,
                      ClusterRow& cluster,
                      std::string_view cause,
                      std::optional<model::VerdictClass> verdict) {
  if (cluster.terminate_requested_at || IsTerminal(cluster.phase))
    return;
  cluster.terminate_requested_at = turn.now();
  cluster.terminate_cause = cause;
  cluster.terminate_verdict = verdict;
  turn.recorder().Put(cluster);
  Order(turn, cluster.id.str(), model::CommandKind::kTerminate);
}

void Terminate(EmrTurn& turn, const model::TerminateCluster& event, engine::Changes& changes) {
  auto found = turn.state.clusters.find(event.cluster);
  if (found == turn.state.clusters.end()) {
    changes.outcome = base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("there is no live cluster '", base::Excerpt(event.cluster.str()), "'"));
    return;
  }
  ClusterRow& cluster = found->second;
  if (cluster.terminate_requested_at || IsTerminal(cluster.phase))
    return;
  const std::string cause = base::Cat("terminated by ", event.by.name);
  turn.recorder().History(
      turn.now(), SubjectOf(cluster), ToString(cluster.phase), ToString(cluster.phase), cause);
  RequestTerminate(turn, cluster, cause);
}

void StopClusters(EmrTurn& turn, const engine::JobInstance& job, std::string_view cause) {
  for (auto& [id, cluster] : turn.state.clusters) {
    if (!cluster.attempt || cluster.attempt->job != job.row.key || IsTerminal(cluster.phase))
      continue;
    cluster.judged = true;
    turn.recorder().Put(cluster);
    RequestTerminate(turn, cluster, cause);
  }
}

void OnSeen(EmrTurn& turn, const model::ClusterSeen& event) {
  auto found = turn.state.clusters.find(event.cluster);
  if (found == turn.state.clusters.end()) {
    ++turn.state.counters.stale_events;
    return;
  }
  ClusterRow& cluster = found->second;
  if (cluster.phase == ClusterPhase::kLost && event.status && !IsTerminal(event.status->phase) &&
      event.source_at > cluster.phase_seen_at) {
    ComeBack(turn, cluster, *event.status, event.source_at);
    return;
  }
  bool was_terminal = IsTerminal(cluster.phase);
  if (event.status && !IsTerminal(event.status->phase))
    EndLoss(turn, cluster, event.source_at);
  if (event.status)
    TakeStatus(turn, cluster, *event.status, event.source_at);
  NoteExpense(turn.engine.state, cluster);
  if (event.steps)
    TakeSteps(turn, cluster, *event.steps);
  if (event.fleets)
    TakeFleets(turn, cluster, *event.fleets);
  bool is_terminal = IsTerminal(cluster.phase);
  // The verdict before the slot and the retry: they build on it.
  if (!cluster.judged && is_terminal && event.steps)
    GiveVerdict(
        turn,
        cluster,
        JudgeEnded(cluster,
                   event.status ? event.status->errors : std::vector<model::ErrorDetail>()));
  if (!cluster.judged && !is_terminal)
    JudgeLiving(turn, cluster, event);
  if (is_terminal && !was_terminal)
    OnTerminal(turn, cluster);
}

void OnLostSeen(EmrTurn& turn, const model::LostClusterSeen& event) {
  if (!turn.state.clusters.contains(event.seen.cluster) &&
      !RestoreRun(turn.engine.state, turn.engine.kinds, *event.rows)) {
    ++turn.state.counters.stale_events;
    return;
  }
  OnSeen(turn, event.seen);
}

void OnGone(EmrTurn& turn, const model::ClusterGone& event) {
  auto found = turn.state.clusters.find(event.cluster);
  // A read that was sent later may have shown it meanwhile.
  if (found == turn.state.clusters.end() || IsTerminal(found->second.phase) ||
      event.source_at < found->second.phase_seen_at) {
    ++turn.state.counters.stale_events;
    return;
  }
  ClusterRow& cluster = found->second;
  if (!cluster.lost_since) {
    History(
        turn, cluster, ShownState(cluster), ToString(ClusterPhase::kLost), "EMR does not know it");
    cluster.lost_since = event.source_at;
    turn.recorder().Put(cluster);
    return;
  }
  if (event.source_at < *cluster.lost_since + turn.options.list_lag_max)
    return;
  cluster.phase = ClusterPhase::kLost;
  cluster.phase_seen_at = event.source_at;
  cluster.lost_since = std::nullopt;
  turn.recorder().Put(cluster);
  NoteExpense(turn.engine.state, cluster);
  if (!cluster.judged)
    GiveVerdict(turn, cluster, JudgeEnded(cluster, {}));
  OnTerminal(turn, cluster);
}

}  // namespace work
