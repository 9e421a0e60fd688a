#include "api/metrics.h"

#include <array>
#include <map>

#include "api/metrics_parts.h"
#include "api/resources.h"
#include "base/log.h"
#include "base/metrics.h"

namespace api {

namespace {

using base::MetricsText;

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

// What we ask of EMR; each has its samples from the start.
constexpr std::array<std::string_view, 8> kActions{"DescribeCluster",
                                                   "ListClusters",
                                                   "ListInstanceFleets",
                                                   "ListInstanceGroups",
                                                   "ListSteps",
                                                   "RunJobFlow",
                                                   "SetTerminationProtection",
                                                   "TerminateJobFlows"};

using CallsByAction = std::map<std::string, driver::CountsByPriority>;

// One sample for each action and priority.
template <typename Value>
void ByCall(MetricsText& out, const CallsByAction& calls, Value value) {
  for (const auto& [action, counts] : calls) {
    for (size_t i = 0; i < counts.size(); ++i)
      out.Sample({{"action", action}, {"priority", ToString(static_cast<driver::Priority>(i))}},
                 static_cast<double>(value(counts[i])));
  }
}

void AddCalls(MetricsText& out, const driver::Caller& caller, base::Time now) {
  using Counts = driver::CallCounts;
  CallsByAction calls = caller.counts();
  for (const std::string_view action : kActions)
    calls[std::string(action)];
  out.Family("signalbox_emr_calls_total", "counter", "Calls sent to EMR.");
  ByCall(out, calls, [](const Counts& counts) { return counts.made; });
  out.Family("signalbox_emr_calls_throttled_total", "counter", "Calls that EMR throttled.");
  ByCall(out, calls, [](const Counts& counts) { return counts.throttled; });
  out.Family("signalbox_emr_calls_failed_total", "counter", "Calls with any other error.");
  ByCall(out, calls, [](const Counts& counts) { return counts.failed; });
  out.Family("signalbox_emr_calls_waiting", "gauge", "Calls that wait for their budget.");
  ByCall(out, calls, [](const Counts& counts) { return counts.waiting; });
  out.Family("signalbox_emr_calls_waited_seconds_total", "counter", "Time that calls waited.");
  ByCall(out, calls, [](const Counts& counts) { return Seconds(counts.waited); });
  out.Family("signalbox_emr_budget_tokens", "gauge", "Calls that each action may make at once.");
  for (const auto& [action, counts] : calls)
    out.Sample({{"action", action}}, caller.budget().BucketOf(action).TokensAt(now));
  out.Family("signalbox_emr_account_budget_tokens",
             "gauge",
             "Calls that all actions together may make at once.");
  out.Sample({}, caller.budget().BucketOf(driver::kAccountQuota).TokensAt(now));
}

// The counts of events, with a zero for whatever may yet come from a configured source.
driver::Hints::Counts HintsOf(const runtime::Runtime& runtime) {
  using driver::HintOutcome;
  using driver::HintSource;
  driver::Hints::Counts counts = runtime.driver().watcher().hints().counts();
  const driver::SourceOptions& sources = runtime.driver().options().sources;
  for (const auto& [source, is_configured] :
       {std::pair(HintSource::kWebhook, !runtime.webhook_token().empty()),
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
  return counts;
}

// What is called beside EMR, and what others reported about clusters.
void AddSources(MetricsText& out, const runtime::Runtime& runtime) {
  const driver::Driver& driver = runtime.driver();
  const driver::Hints::Counts hints = HintsOf(runtime);
  auto calls = driver.caller().other_counts();
  const driver::SourceOptions& sources = driver.options().sources;
  if (!sources.queue_url.empty()) {
    for (const char* action : {"DeleteMessageBatch", "ReceiveMessage"})
      calls[{driver::Service::kSqs, action}];
  }
  if (!sources.table.empty())
    calls[{driver::Service::kDynamoDb, "BatchGetItem"}];
  auto by_action = [&](int64_t driver::CallCounts::* member) {
    for (const auto& [action, counts] : calls)
      out.Sample({{"service", ToString(action.first)}, {"action", action.second}},
                 static_cast<double>(counts.*member));
  };
  out.Family("signalbox_aws_calls_total", "counter", "Calls sent to other services than EMR.");
  by_action(&driver::CallCounts::made);
  out.Family("signalbox_aws_calls_throttled_total", "counter", "Those that were throttled.");
  by_action(&driver::CallCounts::throttled);
  out.Family("signalbox_aws_calls_failed_total", "counter", "Those with any other error.");
  by_action(&driver::CallCounts::failed);
  out.Family("signalbox_events_total",
             "counter",
             "Events and items of the state table that were taken, and what became of them.");
  for (const auto& [key, count] : hints)
    out.Sample(
        {{"source", ToString(key.source)}, {"type", key.type}, {"outcome", ToString(key.outcome)}},
        static_cast<double>(count));
  out.Family("signalbox_sweep_interval_seconds", "gauge", "Between sweeps of ListClusters, now.");
  out.Sample({}, Seconds(driver.watcher().sweep_interval()));
}

using Counts = std::map<std::string_view, int>;

// The states in which something live can be, each with no sample yet.
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
                           TaskState::kSkipped})
    counts[ToString(state)] = 0;
  return counts;
}

void AddStates(MetricsText& out, const engine::State& state, const work::EmrState& emr) {
  Counts clusters = NoClusters(), tasks = NoTasks();
  Counts runs{{ToString(model::RunState::kQueued), 0}, {ToString(model::RunState::kRunning), 0}};
  for (const auto& [id, cluster] : emr.clusters) {
    if (!IsTerminal(cluster.phase))
      ++clusters[ShownState(cluster)];
  }
  for (const auto& [key, run] : state.runs) {
    if (IsTerminal(run.row.state))
      continue;
    ++runs[ToString(run.row.state)];
    for (const engine::JobInstance& job : run.jobs) {
      for (const model::TaskRow& task : job.tasks)
        ++tasks[ToString(task.state)];
    }
  }
  auto add = [&](std::string_view name, std::string_view help, const auto& counts) {
    out.Family(name, "gauge", help);
    for (const auto& [word, count] : counts)
      out.Sample({{"state", word}}, count);
  };
  add("signalbox_clusters", "Clusters not seen terminated.", clusters);
  add("signalbox_runs", "Runs that have not ended.", runs);
  add("signalbox_tasks", "Task instances of those runs.", tasks);
}

void AddRefusals(MetricsText& out, const work::EmrState& state) {
  out.Family("signalbox_unclear_refusals_total",
             "counter",
             "Launches that EMR refused in words that no rule knows: each was tried once more.");
  std::map<std::string, int64_t> counts = state.counters.unclear_refusals;
  counts.try_emplace("other", 0);
  for (const auto& [text, count] : counts)
    out.Sample({{"text", text}}, static_cast<double>(count));
}

void AddPools(MetricsText& out, const engine::State& state) {
  out.Family("signalbox_pool_slots", "gauge", "Slots of a pool.");
  for (const auto& [id, pool] : state.pools)
    out.Sample({{"pool", id.str()}}, pool.row.slots);
  out.Family("signalbox_pool_slots_used", "gauge", "Slots that live clusters and launches hold.");
  for (const auto& [id, pool] : state.pools)
    out.Sample({{"pool", id.str()}}, pool.used);
}

void AddOrphans(MetricsText& out, const work::EmrState& state) {
  Counts orphans;
  for (const auto kind :
       {model::OrphanClass::kOrphan, model::OrphanClass::kForeign, model::OrphanClass::kDuplicate})
    orphans[ToString(kind)] = 0;
  for (const auto& [id, orphan] : state.orphans)
    ++orphans[ToString(orphan.kind)];
  out.Family("signalbox_orphans", "gauge", "Live clusters with our name that no attempt claims.");
  for (const auto& [word, count] : orphans)
    out.Sample({{"class", word}}, count);
  out.Family("signalbox_orphans_found_total", "counter", "Orphans seen for the first time.");
  out.Sample({}, static_cast<double>(state.counters.orphans_found));
  out.Family("signalbox_orphans_killed_total", "counter", "Orphans ended by the reaper.");
  out.Sample({}, static_cast<double>(state.counters.orphans_killed));
  out.Family("signalbox_reaper_refusals_total", "counter", "Passes that refused to kill any.");
  out.Sample({}, static_cast<double>(state.counters.reaper_refusals));
}

void AddServer(MetricsText& out, const http::ServerCounts& counts) {
  auto add = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.Family(name, type, help);
    out.Sample({}, static_cast<double>(value));
  };
  add("signalbox_http_connections", "gauge", "Open connections.", counts.connections);
  add("signalbox_http_strangers",
      "gauge",
      "Those that have shown no valid token.",
      counts.strangers);
  add("signalbox_http_accepted_total", "counter", "Connections taken in.", counts.accepted);
  add("signalbox_http_evicted_total",
      "counter",
      "Connections closed to make room for others.",
      counts.evicted);
  add("signalbox_http_timed_out_total",
      "counter",
      "Connections closed because they were slow or idle.",
      counts.timed_out);
  add("signalbox_http_accept_failures_total",
      "counter",
      "Connections that could not be taken in.",
      counts.accept_failures);
  add("signalbox_refused_logins_total",
      "counter",
      "Requests without a valid token.",
      counts.refused_logins);
}

void AddClock(MetricsText& out, const runtime::ClockState& clock) {
  out.Family("signalbox_clock_skew_seconds",
             "gauge",
             "How far this machine's clock is behind AWS's, by which calls are signed.");
  out.Sample({}, Seconds(clock.skew));
  out.Family("signalbox_clock_ahead_seconds",
             "gauge",
             "How far world time is ahead of this machine's clock, which was set back.");
  out.Sample({}, Seconds(clock.ahead));
}

}  // namespace

std::string MetricsPage(Context& context) {
  const driver::Driver& driver = context.runtime.driver();
  const base::Time now = context.runtime.Now();
  MetricsText out;
  AddCalls(out, driver.caller(), now);
  AddSources(out, context.runtime);
  AddStates(out, driver.state(), driver.emr());
  AddPools(out, driver.state());
  AddRefusals(out, driver.emr());
  AddOrphans(out, driver.emr());
  if (context.server != nullptr)
    AddServer(out, context.server->counts());
  AddWork(out, context.runtime);
  out.Family("signalbox_launching_held", "gauge", "1 while nothing is launched: see the health.");
  out.Sample({}, LaunchingHeld(driver).is_null() ? 0 : 1);
  out.Family("signalbox_health", "gauge", "1 while a component is healthy, else 0.");
  for (const runtime::Component& part : context.runtime.health().components())
    out.Sample({{"component", part.name}}, part.healthy() ? 1 : 0);
  out.Family("signalbox_heartbeat_age_seconds", "gauge", "Since the scheduler last worked.");
  out.Sample({}, Seconds(now - context.runtime.heartbeat()));
  AddProcess(out, context.version);
  AddClock(out, context.runtime.clock());
  out.Family("signalbox_log_lines_dropped_total",
             "counter",
             "Log lines that found no room in the queue, or could not be written.");
  out.Sample({}, static_cast<double>(base::LogLinesDropped()));
  return out.text();
}

}  // namespace api
