#include "work/emr/launches.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"
#include "base/text.h"
#include "emr/instances.h"
#include "emr/name.h"
#include "emr/outputs.h"
#include "emr/request.h"
#include "emr/request_check.h"
#include "emr/resume.h"
#include "emr/secret_places.h"
#include "emr/verdict.h"
#include "engine/attempts.h"
#include "lineage/open_lineage.h"
#include "work/emr/attempt_end.h"
#include "work/emr/clusters.h"
#include "work/emr/orphans.h"
#include "work/emr/render.h"
#include "work/emr/resume.h"
#include "work/emr/subjects.h"

namespace work {

namespace {

using model::LaunchRow;
using model::LaunchState;

void SetLaunch(EmrTurn& turn, LaunchRow& launch, LaunchState to, std::string_view message) {
  turn.recorder().History(
      turn.now(), SubjectOf(launch), ToString(launch.state), ToString(to), message);
  launch.state = to;
  launch.message = message;
  turn.recorder().Put(launch);
}

// The launch is over: its command is done.
void CloseLaunch(EmrTurn& turn, LaunchRow& launch, LaunchState to, std::string_view message) {
  SetLaunch(turn, launch, to, message);
  turn.state.unsettled.erase(launch.token);
  turn.state.missed.erase(launch.token);
  Withdraw(turn, launch.token.str());
}

// The job of a launch whose attempt is still the job's open one.
engine::JobInstance* OpenJobOf(EmrTurn& turn, const LaunchRow& launch) {
  engine::JobInstance* job = FindJob(turn.engine.state, launch.attempt.job);
  bool open = job != nullptr && HasOpenAttempt(*job) && job->attempt->key.n == launch.attempt.n;
  return open ? job : nullptr;
}

// The steps that this attempt runs.
void KeepSteps(const EmrState& state, const engine::JobInstance& job, json::object& request) {
  json::value* steps = request.if_contains("Steps");
  if (steps == nullptr || !steps->is_array())
    return;
  json::array kept;
  for (size_t index : StepsOfAttempt(state, job, steps->get_array().size()))
    kept.push_back(steps->get_array()[index]);
  *steps = std::move(kept);
}

// What a spend cap bounds must have a price.
base::Status CheckPrice(const engine::State& state,
                        const model::DagId& dag,
                        const json::object& request) {
  if (!state.spend_rules.cap_per_day && !state.capped.contains(dag))
    return {};
  if (const auto cost = emr::MostPerHour(request, state.spend_rules.prices); !cost)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat(cost.error().message, ", which a spend cap needs"));
  return {};
}

emr::LaunchIdentity IdentityOf(const engine::State& state,
                               const engine::Run& run,
                               const engine::JobInstance& job) {
  const model::Identity& ours = state.identity;
  emr::LaunchIdentity identity{ours.deployment, ours.incarnation, {}, job.attempt->key};
  identity.token =
      emr::ComputeToken(identity.incarnation, identity.attempt, job.starts, run.row.deletions);
  return identity;
}

// Rendered, completed and judged once more, now that every value is known.
base::Result<json::object> MakeRequest(const RequestSource& source,
                                       const emr::LaunchIdentity& identity) {
  const auto& [memory, options, state, zones, run, job] = source;
  const model::EmrWork& work = *model::EmrOf(*job.def);
  json::object shape = emr::PatchedRequest(work.request, work.on_retry, TryOf(job));
  KeepSteps(memory, job, shape);
  ASSIGN_OR_RETURN(json::object rendered,
                   RenderRequest(std::move(shape),
                                 state,
                                 run,
                                 job,
                                 job.row.try_number,
                                 options.region,
                                 zones,
                                 &emr::MayHoldSecret));
  if (work.max_run_time)
    RETURN_IF_ERROR(emr::WrapWithTimeout(rendered, *work.max_run_time));
  if (!options.lineage_space.empty())
    emr::AddSparkDefaults(
        rendered,
        lineage::SparkParent(
            options.lineage_space, identity.incarnation, identity.attempt, run.row.deletions));
  json::object request = emr::BuildRunJobFlow(std::move(rendered), identity);
  // Whether members that we do not know are welcome was decided when the file was read.
  std::vector<emr::Finding> findings =
      emr::CheckRunJobFlow(request, {.allow_unknown = true, .at_launch = true});
  for (const emr::Finding& finding : findings) {
    if (finding.severity == emr::Severity::kError)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat(finding.path, ": ", finding.message));
  }
  RETURN_IF_ERROR(CheckPrice(state, run.row.key.dag, request));
  return request;
}

// EMR said "not yet", and no late answer can come any more: only the store keeps them. While EMR is
// out of reach they are many.
void ForgetRefusals(EmrTurn& turn, const model::AttemptKey& attempt) {
  const base::Duration late = turn.options.launch_settle + turn.options.list_lag_max;
  std::erase_if(turn.state.launches, [&](const auto& item) {
    const LaunchRow& launch = item.second;
    return launch.state == LaunchState::kRefused && launch.attempt == attempt &&
           launch.created_at + late < turn.now();
  });
}

// Where the attempt's work will leave its outputs; "" for a job without.
base::Result<std::string> PlaceOutputs(const RequestSource& source) {
  const auto& [memory, options, state, zones, run, job] = source;
  const std::string& text = model::EmrOf(*job.def)->outputs;
  if (text.empty())
    return std::string();
  auto uri = RenderText(text, state, run, job, job.row.try_number, options.region, zones);
  auto place = uri ? emr::ParseS3Uri(*uri) : base::Fail(uri.error());
  if (!place)
    return base::Fail(place.error().code, base::Cat("outputs: ", place.error().message));
  return uri;
}

void CommitIntent(EmrTurn& turn,
                  engine::JobInstance& job,
                  const emr::LaunchIdentity& identity,
                  const json::object& request,
                  std::string outputs) {
  ForgetRefusals(turn, identity.attempt);
  auto [found, is_new] = turn.state.launches.try_emplace(identity.token);
  CHECK(is_new);
  LaunchRow& launch = found->second;
  launch.token = identity.token;
  turn.state.unsettled.insert(launch.token);
  launch.attempt = identity.attempt;
  launch.launch_no = job.starts;
  launch.epoch = turn.engine.state.identity.epoch;
  launch.request = base::Serialize(request);
  launch.created_at = turn.now();
  launch.outputs = std::move(outputs);
  turn.recorder().Put(launch);
  Order(turn, launch.token.str(), model::CommandKind::kLaunch);
  AddLive(turn.engine, job, +1);
  SetStarting(turn.engine, job, base::Cat("launch ", launch.token.str()));
}

void Adopt(EmrTurn& turn,
           LaunchRow& launch,
           engine::JobInstance& job,
           const model::ClusterId& cluster,
           std::string_view how) {
  launch.cluster = cluster;
  CloseLaunch(turn, launch, LaunchState::kAccepted, how);
  RecordCluster(turn, launch, cluster, how);
  AddLive(turn.engine, job, -1);  // the cluster holds the slot now
  SetWorking(turn.engine, job, base::Cat("cluster ", cluster.str()));
}

// A cluster of a launch that was given up on, or a second one of the same token: it must not run.
void RecordUnwanted(EmrTurn& turn,
                    const LaunchRow& launch,
                    const model::ClusterId& id,
                    std::string_view cause) {
  if (turn.state.clusters.contains(id))
    return;
  ++turn.state.counters.unwanted_clusters;
  model::ClusterRow& cluster = RecordCluster(turn, launch, id, cause);
  cluster.judged = true;
  // Its run has taken a version without the job: the cluster is nobody's, and outlasts the run.
  if (FindJob(turn.engine.state, launch.attempt.job) == nullptr) {
    cluster.attempt = std::nullopt;
    NoteExpense(turn.engine.state, cluster);
    ListReturned(turn.state, cluster, turn.now());
  }
  RequestTerminate(turn, cluster, cause);
}

// The attempt was closed (cleared, marked, aborted) while its launch was not settled.
void AdoptTooLate(EmrTurn& turn,
                  LaunchRow& launch,
                  const model::ClusterId& cluster,
                  std::string_view how) {
  launch.cluster = cluster;
  CloseLaunch(turn, launch, LaunchState::kAccepted, how);
  RecordUnwanted(turn, launch, cluster, "its attempt was ended while it was launched");
  // The cluster holds the slot now.
  if (engine::JobInstance* job = FindJob(turn.engine.state, launch.attempt.job))
    AddLive(turn.engine, *job, -1);
}

// No cluster came of the launch, and it costs no try.
void GoBack(EmrTurn& turn, LaunchRow& launch) {
  engine::JobInstance* job = FindJob(turn.engine.state, launch.attempt.job);
  if (job == nullptr)
    return;
  AddLive(turn.engine, *job, -1);
  if (OpenJobOf(turn, launch) != nullptr)
    Requeue(turn.engine, *job, launch.message);
  else
    BecomeIdle(turn, *job);
}

// ListClusters "may miss clusters that change state during the call" (EMR API reference): one look
// that lacks it proves nothing, one that is later by all that lists may lag has to agree.
bool MayBeGivenUp(const EmrTurn& turn, const LaunchRow& launch, Time looked_at) {
  return looked_at > launch.sent_by.value_or(launch.created_at) + turn.options.launch_settle +
                         turn.options.list_lag_max;
}

// The clusters that bear one token; the first is kept.
void TakeFound(EmrTurn& turn,
               LaunchRow& launch,
               const std::vector<model::ClusterId>& found,
               std::string_view how) {
  size_t taken = 0;
  if (IsUnsettled(launch)) {
    taken = 1;
    if (engine::JobInstance* job = OpenJobOf(turn, launch))
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

base::Result<json::object> PreviewLaunch(const RequestSource& source) {
  ASSIGN_OR_RETURN(json::object request,
                   MakeRequest(source, IdentityOf(source.state, source.run, source.job)));
  RETURN_IF_ERROR(PlaceOutputs(source));
  return request;
}

void Launch(EmrTurn& turn, engine::Run& run, engine::JobInstance& job) {
  const RequestSource source{
      turn.state, turn.options, turn.engine.state, turn.engine.zones, run, job};
  const emr::LaunchIdentity identity = IdentityOf(source.state, run, job);
  auto request = MakeRequest(source, identity);
  auto outputs = request ? PlaceOutputs(source) : base::Fail(request.error());
  if (outputs)
    CommitIntent(turn, job, identity, *request, std::move(*outputs));
  else
    End(turn, run, job, {model::VerdictClass::kConfiguration, outputs.error().message});
}

void OnAccepted(EmrTurn& turn, const model::LaunchAccepted& event) {
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

void OnRefused(EmrTurn& turn, const model::LaunchRefused& event) {
  auto found = turn.state.launches.find(event.token);
  if (found == turn.state.launches.end() || !IsUnsettled(found->second)) {
    ++turn.state.counters.stale_events;
    return;
  }
  LaunchRow& launch = found->second;
  switch (event.kind) {
    case model::LaunchRefused::Kind::kNotYet:
      CloseLaunch(turn, launch, LaunchState::kRefused, event.message);
      GoBack(turn, launch);
      return;
    case model::LaunchRefused::Kind::kRejected:
      CloseLaunch(turn, launch, LaunchState::kRejected, event.message);
      if (engine::JobInstance* job = OpenJobOf(turn, launch)) {
        AddLive(turn.engine, *job, -1);
        End(turn,
            *FindRun(turn.engine.state, launch.attempt.job.run),
            *job,
            emr::JudgeRefusal(event.message));
      } else if (engine::JobInstance* closed = FindJob(turn.engine.state, launch.attempt.job)) {
        AddLive(turn.engine, *closed, -1);
        BecomeIdle(turn, *closed);
      }
      return;
  }
}

void OnUncertain(EmrTurn& turn, const model::LaunchUncertain& event) {
  auto found = turn.state.launches.find(event.token);
  if (found == turn.state.launches.end() || found->second.state != LaunchState::kIntent) {
    ++turn.state.counters.stale_events;
    return;
  }
  found->second.sent_by = event.sent_at;
  SetLaunch(turn, found->second, LaunchState::kUnknown, event.message);
}

void OnLookedUp(EmrTurn& turn, const model::LaunchesLookedUp& event) {
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
    GoBack(turn, launch->second);
  }
}

}  // namespace work
