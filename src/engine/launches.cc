#include "engine/launches.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"
#include "base/text.h"
#include "emr/name.h"
#include "emr/request.h"
#include "emr/request_check.h"
#include "emr/retry.h"
#include "emr/verdict.h"
#include "engine/clusters.h"
#include "engine/jobs.h"
#include "engine/render.h"
#include "engine/resume.h"

namespace engine {

namespace {

using model::LaunchRow;
using model::LaunchState;
using model::TaskState;

bool HasFreeSlot(const State& state,
                 const JobInstance& job,
                 const std::map<model::PoolId, int>& taken) {
  const Pool& pool = state.pools.at(job.def->pool);
  auto more = taken.find(job.def->pool);
  return pool.used + (more == taken.end() ? 0 : more->second) < pool.row.slots;
}

bool IsPaused(const State& state, const model::JobKey& job) {
  return state.dags.at(job.run.dag).row.is_paused;
}

void SetLaunch(Turn& turn, LaunchRow& launch, LaunchState to, std::string_view message) {
  turn.recorder.History(turn.now,
                        base::Cat("launch ", launch.token.str()),
                        ToString(launch.state),
                        ToString(to),
                        message);
  launch.state = to;
  launch.message = message;
  turn.recorder.Put(launch);
}

// The launch is over: its command is done.
void CloseLaunch(Turn& turn, LaunchRow& launch, LaunchState to, std::string_view message) {
  SetLaunch(turn, launch, to, message);
  turn.state.unsettled.erase(launch.token);
  turn.state.missed.erase(launch.token);
  auto command = turn.state.commands.find({launch.token.str(), 0});
  if (command != turn.state.commands.end()) {
    turn.recorder.Done(command->second);
    turn.state.commands.erase(command);
  }
}

// The job of a launch whose attempt is still the job's open one.
JobInstance* OpenJobOf(State& state, const LaunchRow& launch) {
  JobInstance* job = FindJob(state, launch.attempt.job);
  bool open = job != nullptr && HasOpenAttempt(*job) && job->attempt->key.n == launch.attempt.n;
  return open ? job : nullptr;
}

void BeginAttempt(Turn& turn, Run& run, JobInstance& job) {
  ++job.row.try_number;
  turn.recorder.Put(job.row);
  job.attempt =
      model::AttemptRow{{job.row.key, job.row.try_number}, run.row.version, turn.now, {}, {}, ""};
  turn.recorder.Put(*job.attempt);
  job.launches = 0;
  for (model::TaskRow& task : job.tasks) {
    task.try_number = job.row.try_number;
    turn.recorder.Put(task);
  }
}

// The steps that this attempt runs.
void KeepSteps(const State& state, const JobInstance& job, json::object& request) {
  json::value* steps = request.if_contains("Steps");
  if (steps == nullptr || !steps->is_array())
    return;
  json::array kept;
  for (size_t index : StepsOfAttempt(state, job, steps->get_array().size()))
    kept.push_back(steps->get_array()[index]);
  *steps = std::move(kept);
}

// Rendered, completed and judged once more, now that every value is known.
base::Result<json::object> MakeRequest(const Turn& turn,
                                       const Run& run,
                                       const JobInstance& job,
                                       const emr::LaunchIdentity& identity) {
  json::object shape = emr::PatchedRequest(job.def->request, job.def->on_retry, TryOf(job));
  KeepSteps(turn.state, job, shape);
  ASSIGN_OR_RETURN(json::object rendered,
                   RenderRequest(std::move(shape),
                                 run,
                                 job,
                                 job.row.try_number,
                                 turn.state.identity,
                                 turn.options.region,
                                 turn.zones));
  if (job.def->max_run_time)
    RETURN_IF_ERROR(emr::WrapWithTimeout(rendered, *job.def->max_run_time));
  json::object request = emr::BuildRunJobFlow(std::move(rendered), identity);
  // Whether members that we do not know are welcome was decided when the file was read.
  std::vector<emr::Finding> findings =
      emr::CheckRunJobFlow(request, {.allow_unknown = true, .at_launch = true});
  for (const emr::Finding& finding : findings) {
    if (finding.severity == emr::Severity::kError)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat(finding.path, ": ", finding.message));
  }
  return request;
}

void CommitIntent(Turn& turn,
                  JobInstance& job,
                  const emr::LaunchIdentity& identity,
                  const json::object& request) {
  auto [found, is_new] = turn.state.launches.try_emplace(identity.token);
  CHECK(is_new);
  LaunchRow& launch = found->second;
  launch.token = identity.token;
  turn.state.unsettled.insert(launch.token);
  launch.attempt = identity.attempt;
  launch.launch_no = job.launches++;
  launch.epoch = turn.state.identity.epoch;
  launch.request = base::Serialize(request);
  launch.created_at = turn.now;
  turn.recorder.Put(launch);
  model::CommandRow& command = turn.state.commands[{launch.token.str(), 0}];
  command = {launch.token.str(), 0, model::CommandKind::kLaunch, turn.now};
  turn.recorder.Put(command);
  AddLive(turn.state, job, +1);
  SetTask(turn, job, 0, TaskState::kRunning, base::Cat("launch ", launch.token.str()));
}

void Launch(Turn& turn, const model::JobKey& key) {
  Run& run = *FindRun(turn.state, key.run);
  JobInstance& job = *FindJob(turn.state, key);
  turn.state.queue.erase({*job.tasks[0].queued_at, key});
  if (!HasOpenAttempt(job))
    BeginAttempt(turn, run, job);
  emr::LaunchIdentity identity{
      turn.state.identity.deployment, turn.state.identity.incarnation, {}, job.attempt->key};
  identity.token = emr::ComputeToken(identity.incarnation, identity.attempt, job.launches);
  auto request = MakeRequest(turn, run, job, identity);
  if (request)
    CommitIntent(turn, job, identity, *request);
  else
    EndAttempt(turn, run, job, {model::VerdictClass::kConfiguration, request.error().message});
}

void Adopt(Turn& turn,
           LaunchRow& launch,
           JobInstance& job,
           const model::ClusterId& cluster,
           std::string_view how) {
  launch.cluster = cluster;
  CloseLaunch(turn, launch, LaunchState::kAccepted, how);
  RecordCluster(turn, launch, cluster, how);
  AddLive(turn.state, job, -1);  // the cluster holds the slot now
  SetTask(turn, job, 0, TaskState::kSuccess, base::Cat("cluster ", cluster.str()));
  SetTask(turn, job, 1, TaskState::kDeferred, base::Cat("cluster ", cluster.str()));
}

// A cluster of a launch that was given up on, or a second one of the same token: it must not run.
void RecordUnwanted(Turn& turn,
                    const LaunchRow& launch,
                    const model::ClusterId& id,
                    std::string_view cause) {
  if (turn.state.clusters.contains(id))
    return;
  ++turn.state.counters.unwanted_clusters;
  model::ClusterRow& cluster = RecordCluster(turn, launch, id, cause);
  cluster.judged = true;
  RequestTerminate(turn, cluster, cause);
}

// The attempt was closed (cleared, marked, aborted) while its launch was not settled.
void AdoptTooLate(Turn& turn,
                  LaunchRow& launch,
                  const model::ClusterId& cluster,
                  std::string_view how) {
  launch.cluster = cluster;
  CloseLaunch(turn, launch, LaunchState::kAccepted, how);
  RecordUnwanted(turn, launch, cluster, "its attempt was ended while it was launched");
  // The cluster holds the slot now.
  if (JobInstance* job = FindJob(turn.state, launch.attempt.job))
    AddLive(turn.state, *job, -1);
}

void Requeue(Turn& turn, LaunchRow& launch) {
  JobInstance* job = FindJob(turn.state, launch.attempt.job);
  if (job == nullptr)
    return;
  AddLive(turn.state, *job, -1);
  if (OpenJobOf(turn.state, launch) != nullptr)
    Enqueue(turn, *job, launch.message);
  else
    OnIdle(turn, *job);
}

// ListClusters "may miss clusters that change state during the call" (EMR API reference): one look
// that lacks it proves nothing, one that is later by all that lists may lag has to agree.
bool MayBeGivenUp(const Turn& turn, const LaunchRow& launch, Time looked_at) {
  return looked_at > launch.sent_by.value_or(launch.created_at) + turn.options.launch_settle +
                         turn.options.list_lag_max;
}

// The clusters that bear one token; the first is kept.
void TakeFound(Turn& turn,
               LaunchRow& launch,
               const std::vector<model::ClusterId>& found,
               std::string_view how) {
  size_t taken = 0;
  if (IsUnsettled(launch)) {
    taken = 1;
    if (JobInstance* job = OpenJobOf(turn.state, launch))
      Adopt(turn, launch, *job, found[0], how);
    else
      AdoptTooLate(turn, launch, found[0], how);
  }
  for (size_t i = taken; i < found.size(); ++i) {
    if (found[i] != launch.cluster)
      RecordUnwanted(turn, launch, found[i], "a second cluster of one launch");
  }
}

}  // namespace

bool IsUnsettled(const LaunchRow& launch) {
  return launch.state == LaunchState::kIntent || launch.state == LaunchState::kUnknown;
}

int CountLaunchable(const State& state, int limit) {
  int count = 0;
  std::map<model::PoolId, int> taken;
  for (const auto& [since, key] : state.queue) {
    if (count >= limit)
      break;
    const JobInstance* job = FindJob(const_cast<State&>(state), key);
    if (IsPaused(state, key) || !HasFreeSlot(state, *job, taken))
      continue;
    ++taken[job->def->pool];
    ++count;
  }
  return count;
}

void GrantLaunches(Turn& turn, int limit) {
  std::vector<model::JobKey> granted;
  std::map<model::PoolId, int> taken;
  for (const auto& [since, key] : turn.state.queue) {
    if (static_cast<int>(granted.size()) >= limit)
      break;
    const JobInstance* job = FindJob(turn.state, key);
    if (IsPaused(turn.state, key) || !HasFreeSlot(turn.state, *job, taken))
      continue;
    ++taken[job->def->pool];
    granted.push_back(key);
  }
  for (const model::JobKey& key : granted)
    Launch(turn, key);
}

void OnAccepted(Turn& turn, const model::LaunchAccepted& event) {
  auto found = turn.state.launches.find(event.token);
  if (found == turn.state.launches.end()) {
    ++turn.state.counters.unknown_tokens;
    return;
  }
  LaunchRow& launch = found->second;
  if (launch.cluster == event.cluster)
    return;
  TakeFound(turn, launch, {event.cluster}, "RunJobFlow answered");
}

void OnRefused(Turn& turn, const model::LaunchRefused& event) {
  auto found = turn.state.launches.find(event.token);
  if (found == turn.state.launches.end() || !IsUnsettled(found->second)) {
    ++turn.state.counters.stale_events;
    return;
  }
  LaunchRow& launch = found->second;
  switch (event.kind) {
    case model::LaunchRefused::Kind::kNotYet:
      CloseLaunch(turn, launch, LaunchState::kRefused, event.message);
      Requeue(turn, launch);
      return;
    case model::LaunchRefused::Kind::kRejected:
      CloseLaunch(turn, launch, LaunchState::kRejected, event.message);
      if (JobInstance* job = OpenJobOf(turn.state, launch)) {
        AddLive(turn.state, *job, -1);
        EndAttempt(turn,
                   *FindRun(turn.state, launch.attempt.job.run),
                   *job,
                   emr::JudgeRefusal(event.message));
      } else if (JobInstance* closed = FindJob(turn.state, launch.attempt.job)) {
        AddLive(turn.state, *closed, -1);
        OnIdle(turn, *closed);
      }
      return;
  }
}

void OnUncertain(Turn& turn, const model::LaunchUncertain& event) {
  auto found = turn.state.launches.find(event.token);
  if (found == turn.state.launches.end() || found->second.state != LaunchState::kIntent) {
    ++turn.state.counters.stale_events;
    return;
  }
  found->second.sent_by = event.sent_at;
  SetLaunch(turn, found->second, LaunchState::kUnknown, event.message);
}

void OnLookedUp(Turn& turn, const model::LaunchesLookedUp& event) {
  std::vector<model::LaunchesLookedUp::Found> sorted = event.found;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    // One that has failed is kept if there is no other.
    return std::tie(a.has_failed, a.created_at, a.cluster) <
           std::tie(b.has_failed, b.created_at, b.cluster);
  });
  std::map<model::LaunchToken, std::vector<model::ClusterId>> by_token;
  for (const auto& found : sorted)
    by_token[found.token].push_back(found.cluster);
  for (const auto& [token, clusters] : by_token) {
    auto launch = turn.state.launches.find(token);
    if (launch == turn.state.launches.end())
      ++turn.state.counters.unknown_tokens;
    else
      TakeFound(turn, launch->second, clusters, kFoundByName);
  }
  for (const model::LaunchToken& token : event.asked) {
    auto launch = turn.state.launches.find(token);
    if (launch == turn.state.launches.end() || by_token.contains(token) ||
        launch->second.state != LaunchState::kUnknown ||
        !MayBeGivenUp(turn, launch->second, event.began_at) ||
        event.began_at < turn.state.missed.try_emplace(token, event.began_at).first->second +
                             turn.options.list_lag_max)
      continue;
    CloseLaunch(turn, launch->second, LaunchState::kNotFound, "EMR never created it");
    Requeue(turn, launch->second);
  }
}

}  // namespace engine
