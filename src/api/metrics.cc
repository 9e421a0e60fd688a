#include "base/metrics.h"

#include "api/metrics_parts.h"
#include "api/resources.h"
#include "base/log.h"
#include "base/safe_text.h"

namespace api {

namespace {

using base::MetricsText;

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

// One sample for each action and priority.
template <typename Value>
void ByCall(MetricsText& out, const std::vector<runtime::ActionView>& actions, Value value) {
  for (const runtime::ActionView& action : actions) {
    for (const auto& [priority, numbers] : action.by_priority)
      out.Sample({{"action", action.action}, {"priority", priority}},
                 static_cast<double>(value(numbers)));
  }
}

void AddCalls(MetricsText& out, const runtime::BudgetView& budget) {
  const std::vector<runtime::ActionView>& actions = budget.actions;
  using Numbers = runtime::CallNumbers;
  out.Family("signalbox_emr_calls_total", "counter", "Calls sent to EMR.");
  ByCall(out, actions, [](const Numbers& numbers) { return numbers.made; });
  out.Family("signalbox_emr_calls_throttled_total", "counter", "Calls that EMR throttled.");
  ByCall(out, actions, [](const Numbers& numbers) { return numbers.throttled; });
  out.Family("signalbox_emr_calls_failed_total", "counter", "Calls with any other error.");
  ByCall(out, actions, [](const Numbers& numbers) { return numbers.failed; });
  out.Family("signalbox_emr_calls_waiting", "gauge", "Calls that wait for their budget.");
  ByCall(out, actions, [](const Numbers& numbers) { return numbers.waiting; });
  out.Family("signalbox_emr_calls_waited_seconds_total", "counter", "Time that calls waited.");
  ByCall(out, actions, [](const Numbers& numbers) { return Seconds(numbers.waited); });
  out.Family("signalbox_emr_budget_tokens", "gauge", "Calls that each action may make at once.");
  for (const runtime::ActionView& action : actions)
    out.Sample({{"action", action.action}}, action.quota.tokens);
  out.Family("signalbox_emr_account_budget_tokens",
             "gauge",
             "Calls that all actions together may make at once.");
  out.Sample({}, budget.account.tokens);
}

// What is called beside EMR, and what others reported of clusters.
void AddSources(MetricsText& out, const runtime::MetricsView& view) {
  auto by_action = [&](int64_t runtime::CallNumbers::* member) {
    for (const runtime::OtherCalls& calls : view.other_calls)
      out.Sample({{"service", calls.service}, {"action", calls.action}},
                 static_cast<double>(calls.numbers.*member));
  };
  out.Family("signalbox_aws_calls_total", "counter", "Calls sent to other services than EMR.");
  by_action(&runtime::CallNumbers::made);
  out.Family("signalbox_aws_calls_throttled_total", "counter", "Those that were throttled.");
  by_action(&runtime::CallNumbers::throttled);
  out.Family("signalbox_aws_calls_failed_total", "counter", "Those with any other error.");
  by_action(&runtime::CallNumbers::failed);
  out.Family("signalbox_events_total",
             "counter",
             "Events and items of the state table that were taken, and what became of them.");
  for (const runtime::HintCount& hint : view.hints)
    out.Sample({{"source", hint.source}, {"type", hint.type}, {"outcome", hint.outcome}},
               static_cast<double>(hint.count));
  out.Family("signalbox_sweep_interval_seconds", "gauge", "Between sweeps of ListClusters, now.");
  out.Sample({}, Seconds(view.sweep_interval));
}

void AddStates(MetricsText& out, const runtime::MetricsView& view) {
  auto add = [&](std::string_view name, std::string_view help, const auto& counts) {
    out.Family(name, "gauge", help);
    for (const auto& [word, count] : counts)
      out.Sample({{"state", word}}, count);
  };
  add("signalbox_clusters", "Clusters not seen terminated.", view.clusters);
  add("signalbox_runs", "Runs that have not ended.", view.runs);
  add("signalbox_tasks", "Task instances of those runs.", view.tasks);
}

void AddRefusals(MetricsText& out, const runtime::MetricsView& view) {
  out.Family("signalbox_unclear_refusals_total",
             "counter",
             "Launches that EMR refused in words that no rule knows: each was tried once more.");
  for (const auto& [text, count] : view.unclear_refusals)
    out.Sample({{"text", text}}, static_cast<double>(count));
}

void AddPools(MetricsText& out, const std::vector<runtime::PoolView>& pools) {
  out.Family("signalbox_pool_slots", "gauge", "Slots of a pool.");
  for (const runtime::PoolView& pool : pools)
    out.Sample({{"pool", pool.pool}}, pool.slots);
  out.Family("signalbox_pool_slots_used", "gauge", "Slots that live clusters and launches hold.");
  for (const runtime::PoolView& pool : pools)
    out.Sample({{"pool", pool.pool}}, pool.used);
  out.Family("signalbox_pool_slots_queued", "gauge", "Slots that queued jobs wait for.");
  for (const runtime::PoolView& pool : pools)
    out.Sample({{"pool", pool.pool}}, pool.queued);
}

void AddAsked(MetricsText& out, const runtime::MetricsView& view) {
  out.Family("signalbox_holds", "gauge", "Holds of launches that people have placed, by scope.");
  for (const auto& [scope, count] : view.holds)
    out.Sample({{"scope", scope}}, count);
  out.Family("signalbox_deadlines", "gauge", "Deadlines of runs under way, by what is expected.");
  for (const auto& [status, count] : view.deadlines)
    out.Sample({{"status", status}}, count);
  out.Family("signalbox_backfills", "gauge", "Backfills that are not completed.");
  out.Sample({}, static_cast<double>(view.backfills));
}

void AddOrphans(MetricsText& out, const runtime::MetricsView& view) {
  out.Family("signalbox_orphans", "gauge", "Live clusters with our name that no attempt claims.");
  for (const auto& [word, count] : view.orphans)
    out.Sample({{"class", word}}, count);
  out.Family("signalbox_orphans_found_total", "counter", "Orphans seen for the first time.");
  out.Sample({}, static_cast<double>(view.orphans_found));
  out.Family("signalbox_orphans_killed_total", "counter", "Orphans ended by the reaper.");
  out.Sample({}, static_cast<double>(view.orphans_killed));
  out.Family("signalbox_reaper_refusals_total", "counter", "Passes that refused to kill any.");
  out.Sample({}, static_cast<double>(view.reaper_refusals));
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
  add("signalbox_http_failed_handshakes_total",
      "counter",
      "Connections whose TLS handshake failed.",
      counts.failed_handshakes);
  add("signalbox_http_turned_away_total",
      "counter",
      "Connections without TLS that did not come from a trusted proxy.",
      counts.turned_away);
  out.Family("signalbox_http_certificate_end_seconds",
             "gauge",
             "When the server's certificate expires, in seconds since 1970; without TLS nothing.");
  if (counts.certificate_ends)
    out.Sample(
        {}, static_cast<double>(counts.certificate_ends->time_since_epoch().count() / 1'000'000));
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

void AddCauses(MetricsText& out, const runtime::CauseWatch::Counts& causes) {
  out.Family("signalbox_causes_total",
             "counter",
             "Failed attempts whose logs were looked at for the cause, by what came of it.");
  out.Sample({{"outcome", "found"}}, static_cast<double>(causes.found));
  out.Sample({{"outcome", "not_found"}}, static_cast<double>(causes.not_found));
  out.Sample({{"outcome", "left_out"}}, static_cast<double>(causes.left_out));
}

void AddExports(MetricsText& out, const std::map<std::string, runtime::Exporter::Counts>& all) {
  if (all.empty())
    return;
  out.Family("signalbox_exported_total",
             "counter",
             "What receivers of lineage and traces were to be told, by what came of it.");
  for (const auto& [to, counts] : all) {
    out.Sample({{"to", to}, {"outcome", "sent"}}, static_cast<double>(counts.sent));
    out.Sample({{"to", to}, {"outcome", "refused"}}, static_cast<double>(counts.refused));
    out.Sample({{"to", to}, {"outcome", "too_old"}}, static_cast<double>(counts.too_old));
    out.Sample({{"to", to}, {"outcome", "not_made"}}, static_cast<double>(counts.not_made));
  }
  out.Family("signalbox_export_failed_calls_total",
             "counter",
             "Calls of those receivers that failed and were, or will be, made again.");
  for (const auto& [to, counts] : all)
    out.Sample({{"to", to}}, static_cast<double>(counts.failed_calls));
  out.Family("signalbox_export_rows_behind",
             "gauge",
             "Rows of history that were not looked at for those receivers yet.");
  for (const auto& [to, counts] : all)
    out.Sample({{"to", to}}, static_cast<double>(counts.behind));
}

}  // namespace

Answer GetMetrics(Context& context, const Exchange& exchange) {
  runtime::MetricsView view = context.views.Metrics();
  std::erase_if(view.dags, [&](const auto& of) { return !exchange.MaySee(of.dag); });
  MetricsText out;
  AddCalls(out, view.budget);
  AddSources(out, view);
  AddStates(out, view);
  AddPools(out, view.pools);
  AddNotifiers(out, view.notifiers);
  AddAsked(out, view);
  // What EMR said may quote a request of a DAG that the caller does not see.
  if (!exchange.IsScoped())
    AddRefusals(out, view);
  AddOrphans(out, view);
  AddCauses(out, view.causes);
  AddExports(out, view.exports);
  if (context.server != nullptr)
    AddServer(out, context.server->counts());
  AddWork(out, view);
  out.Family("signalbox_launching_held", "gauge", "1 while nothing is launched: see the health.");
  out.Sample({}, view.budget.launching_held ? 1 : 0);
  out.Family("signalbox_health", "gauge", "1 while a component is healthy, else 0.");
  for (const runtime::Component& part : view.health)
    out.Sample({{"component", part.name}}, part.healthy() ? 1 : 0);
  out.Family("signalbox_heartbeat_age_seconds", "gauge", "Since the scheduler last worked.");
  out.Sample({}, Seconds(view.heartbeat_age));
  AddProcess(out, context.version);
  AddClock(out, view.clock);
  out.Family("signalbox_log_lines_dropped_total",
             "counter",
             "Log lines that found no room in the queue, or could not be written.");
  out.Sample({}, static_cast<double>(base::LogLinesDropped()));
  http::Response page{.status = 200, .body = base::ValidUtf8(out.text())};
  page.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return page;
}

}  // namespace api
