#include "runtime/metrics.h"

#include <array>
#include <utility>

#include "runtime/core.h"

namespace runtime {

namespace {

// What we ask of EMR; each has its samples from the start.
constexpr std::array<std::string_view, 8> kActions{"DescribeCluster",
                                                   "ListClusters",
                                                   "ListInstanceFleets",
                                                   "ListInstanceGroups",
                                                   "ListSteps",
                                                   "RunJobFlow",
                                                   "SetTerminationProtection",
                                                   "TerminateJobFlows"};
// The page stays bounded however many DAGs a project has.
constexpr size_t kDagsMost = 2000;

QuotaView QuotaOf(const driver::TokenBucket& bucket, base::Time now) {
  return {
      bucket.quota().burst, bucket.quota().per_second, bucket.RateAt(now), bucket.TokensAt(now)};
}

using CallsByAction = std::map<std::string, driver::CountsByPriority>;

BudgetView BudgetOf(const Core& core, const CallsByAction& calls) {
  const driver::Budget& budget = core.driver->caller().budget();
  const base::Time now = core.world->Now();
  BudgetView out{.now = now,
                 .share = budget.share(),
                 .launching_held = core.driver->WhyHeld(),
                 .account = QuotaOf(budget.BucketOf(driver::kAccountQuota), now),
                 .actions = {}};
  for (const auto& [action, counts] : calls) {
    ActionView view{action, QuotaOf(budget.BucketOf(action), now), {}};
    for (size_t i = 0; i < counts.size(); ++i)
      view.by_priority.emplace_back(ToString(static_cast<driver::Priority>(i)), counts[i]);
    out.actions.push_back(std::move(view));
  }
  return out;
}

// Prometheus sees an increase only of a sample that was there before.
std::vector<HintCount> HintsOf(const Core& core) {
  using driver::HintOutcome;
  using driver::HintSource;
  driver::Hints::Counts counts = core.driver->watcher().hints().counts();
  const driver::SourceOptions& sources = core.driver->options().sources;
  for (const auto& [source, is_configured] :
       {std::pair(HintSource::kWebhook, !core.webhook_token.empty()),
        std::pair(HintSource::kQueue, !sources.queue_url.empty()),
        std::pair(HintSource::kTable, !sources.table.empty())}) {
    if (!is_configured)
      continue;
    for (const std::string_view type : driver::kHintTypes) {
      for (const auto outcome : {HintOutcome::kNews,
                                 HintOutcome::kKnown,
                                 HintOutcome::kHeld,
                                 HintOutcome::kNoCluster,
                                 HintOutcome::kForeign,
                                 HintOutcome::kUnused,
                                 HintOutcome::kMalformed})
        counts.try_emplace({source, type, outcome});
    }
  }
  std::vector<HintCount> out;
  for (const auto& [key, count] : counts)
    out.push_back({ToString(key.source), key.type, ToString(key.outcome), count});
  return out;
}

std::vector<OtherCalls> OthersOf(const driver::Driver& driver) {
  auto calls = driver.caller().other_counts();
  const driver::SourceOptions& sources = driver.options().sources;
  if (!sources.queue_url.empty()) {
    for (const char* action : {"DeleteMessageBatch", "ReceiveMessage"})
      calls[{driver::Service::kSqs, action}];
  }
  if (!sources.table.empty())
    calls[{driver::Service::kDynamoDb, "BatchGetItem"}];
  std::vector<OtherCalls> out;
  for (const auto& [action, counts] : calls)
    out.push_back({ToString(action.first), action.second, counts});
  return out;
}

using Counts = std::map<std::string_view, int>;

// The states in which something live can be.
Counts NoClusters() {
  using model::ClusterPhase;
  Counts counts;
  for (const auto phase : {ClusterPhase::kStarting,
                           ClusterPhase::kBootstrapping,
                           ClusterPhase::kRunning,
                           ClusterPhase::kWaiting,
                           ClusterPhase::kTerminating})
    counts[ToString(phase)] = 0;
  for (const auto health : {model::ClusterHealth::kZeroMaster, model::ClusterHealth::kZeroCore})
    counts[ToString(health)] = 0;
  return counts;
}

Counts NoTasks() {
  using model::TaskState;
  Counts counts;
  for (const auto state : {TaskState::kNone,
                           TaskState::kQueued,
                           TaskState::kRunning,
                           TaskState::kDeferred,
                           TaskState::kUpForRetry,
                           TaskState::kRestarting,
                           TaskState::kSuccess,
                           TaskState::kFailed,
                           TaskState::kUpstreamFailed,
                           TaskState::kSkipped,
                           TaskState::kRemoved})
    counts[ToString(state)] = 0;
  return counts;
}

void CountStates(const engine::State& state, const work::EmrState& emr, MetricsView& out) {
  out.clusters = NoClusters();
  out.tasks = NoTasks();
  out.runs = {{ToString(model::RunState::kQueued), 0}, {ToString(model::RunState::kRunning), 0}};
  for (const auto& [id, cluster] : emr.clusters) {
    if (!IsTerminal(cluster.phase))
      ++out.clusters[ShownState(cluster)];
  }
  for (const auto& [key, run] : state.runs) {
    if (IsTerminal(run.row.state))
      continue;
    ++out.runs[ToString(run.row.state)];
    // Of a mapped job that has its list the instances count.
    engine::ForEachJob(run, [&](const engine::JobInstance& job) {
      if (job.state == engine::JobState::kMapped)
        return;
      for (const model::TaskRow& task : job.tasks)
        ++out.tasks[ToString(task.state)];
    });
  }
}

void CountOrphans(const work::EmrState& state, MetricsView& out) {
  for (const auto kind :
       {model::OrphanClass::kOrphan, model::OrphanClass::kForeign, model::OrphanClass::kDuplicate})
    out.orphans[ToString(kind)] = 0;
  for (const auto& [id, orphan] : state.orphans)
    ++out.orphans[ToString(orphan.kind)];
  out.orphans_found = state.counters.orphans_found;
  out.orphans_killed = state.counters.orphans_killed;
  out.reaper_refusals = state.counters.reaper_refusals;
}

void AddWork(const Core& core, base::Time now, MetricsView& out) {
  const engine::State& state = core.driver->state();
  for (const auto& [id, dag] : state.dags) {
    if (!dag.row.is_active)
      continue;
    if (out.dags.size() < kDagsMost)
      out.dags.push_back({id, core.tally->Of(id)});
    else
      ++out.dags_left_out;
  }
  out.run_lag = core.tally->run_lag();
  out.launch_lag = core.tally->launch_lag();
  if (!state.fires.empty() && state.fires.begin()->first < now)
    out.overdue = now - state.fires.begin()->first;
}

}  // namespace

CallNumbers ActionView::Total() const {
  CallNumbers total;
  for (const auto& [priority, numbers] : by_priority)
    total += numbers;
  return total;
}

BudgetView Views::Budget() const {
  return BudgetOf(core_, core_.driver->caller().counts());
}

CallHistory::Minutes Views::CallMinutes() const {
  return core_.driver->caller().history().minutes();
}

std::vector<PoolView> Views::Pools() const {
  const engine::State& state = core_.driver->state();
  std::vector<PoolView> out;
  std::map<model::PoolId, int> deferred;
  for (const auto& [key, holder] : state.holding) {
    if (holder.job->state == engine::JobState::kWorking)
      deferred[holder.job->def->pool] += holder.job->def->capacity.pool_slots;
  }
  for (const auto& [id, pool] : state.pools) {
    int queued = 0;
    for (const engine::Queued& job : pool.queue)
      queued += job.slots;
    out.push_back(
        {id.str(), pool.row.description, pool.row.slots, pool.used, deferred[id], queued});
  }
  return out;
}

MetricsView Views::Metrics() const {
  const driver::Driver& driver = *core_.driver;
  const engine::State& state = driver.state();
  CallsByAction calls = driver.caller().counts();
  for (const std::string_view action : kActions)
    calls[std::string(action)];
  MetricsView out{.budget = BudgetOf(core_, calls)};
  out.other_calls = OthersOf(driver);
  out.hints = HintsOf(core_);
  out.sweep_interval = driver.watcher().sweep_interval();
  CountStates(state, driver.emr(), out);
  out.pools = Pools();
  out.notifiers = Notifiers();
  for (const auto scope : {model::HoldScope::kAll,
                           model::HoldScope::kPool,
                           model::HoldScope::kTag,
                           model::HoldScope::kDag,
                           model::HoldScope::kJob})
    out.holds[ToString(scope)] = 0;
  for (const auto& [id, hold] : state.holds)
    ++out.holds[ToString(hold.scope)];
  for (const auto status : {model::DeadlineStatus::kOnTrack,
                            model::DeadlineStatus::kAtRisk,
                            model::DeadlineStatus::kLate})
    out.deadlines[ToString(status)] = 0;
  for (const auto& [key, deadline] : state.deadlines) {
    if (!IsFinal(deadline.status))
      ++out.deadlines[ToString(deadline.status)];
  }
  out.backfills = state.backfills.size();
  out.unclear_refusals = driver.emr().counters.unclear_refusals;
  out.unclear_refusals.try_emplace("other", 0);
  CountOrphans(driver.emr(), out);
  out.causes = core_.cause_watch->counts();
  for (const auto& exporter : core_.exporters)
    out.exports[exporter->name()] = exporter->counts();
  AddWork(core_, out.budget.now, out);
  core_.ReportHealth();
  out.health = core_.health.components();
  out.heartbeat_age = out.budget.now - core_.heartbeat;
  out.clock = core_.Clocks();
  return out;
}

}  // namespace runtime
