#include <algorithm>
#include <utility>
#include <vector>

#include "api/metrics_parts.h"

namespace api {

namespace {

using base::MetricsText;
using runtime::Tally;

// The page stays bounded however many DAGs a project has.
constexpr size_t kDagsMost = 2000;

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

struct Line {
  std::string_view dag;
  const Tally::OfDag* counts;
};

template <typename Outcomes>
void AddOutcomes(MetricsText& out,
                 const std::vector<Line>& lines,
                 const Outcomes& outcomes,
                 std::array<int64_t, std::tuple_size_v<Outcomes>> Tally::OfDag::* counts) {
  for (const Line& line : lines) {
    for (size_t i = 0; i < outcomes.size(); ++i)
      out.Sample({{"dag", line.dag}, {"state", ToString(outcomes[i])}},
                 static_cast<double>((line.counts->*counts)[i]));
  }
}

void AddDags(MetricsText& out, const std::vector<Line>& lines) {
  auto add_seconds = [&](base::Histogram Tally::OfDag::* seconds) {
    for (const Line& line : lines)
      out.Sample({{"dag", line.dag}}, line.counts->*seconds);
  };
  out.Family("signalbox_dag_runs_total", "counter", "Runs that ended, by how.");
  AddOutcomes(out, lines, runtime::kRunOutcomes, &Tally::OfDag::runs);
  out.Family("signalbox_task_instances_total",
             "counter",
             "Task instances that came into a state which ends a try.");
  AddOutcomes(out, lines, runtime::kTaskOutcomes, &Tally::OfDag::tasks);
  out.Family("signalbox_dag_run_duration_seconds", "histogram", "From a run's start to its end.");
  add_seconds(&Tally::OfDag::run_seconds);
  out.Family("signalbox_task_duration_seconds",
             "histogram",
             "From the start to the end of a task that succeeded or failed.");
  add_seconds(&Tally::OfDag::task_seconds);
  out.Family("signalbox_dag_last_success_timestamp_seconds",
             "gauge",
             "When the latest successful run ended, in seconds since 1970; 0 if none has.");
  for (const Line& line : lines) {
    const auto& at = line.counts->last_success;
    out.Sample({{"dag", line.dag}}, at ? Seconds(at->time_since_epoch()) : 0);
  }
}

}  // namespace

void AddWork(MetricsText& out, const runtime::Runtime& runtime) {
  const engine::State& state = runtime.driver().state();
  const Tally& tally = runtime.tally();
  const base::Time now = runtime.Now();
  std::vector<Line> lines;
  size_t active = 0;
  for (const auto& [id, dag] : state.dags) {
    if (dag.row.is_active && ++active <= kDagsMost)
      lines.push_back({id.str(), &tally.Of(id)});
  }
  AddDags(out, lines);
  out.Family("signalbox_dags_not_shown", "gauge", "DAGs that this page leaves out: too many.");
  out.Sample({}, static_cast<double>(active - lines.size()));

  out.Family("signalbox_scheduler_lag_seconds",
             "histogram",
             "From a tick to its run, and from a ready job to its launch.");
  out.Sample({{"until", "run_created"}}, tally.run_lag());
  out.Sample({{"until", "launched"}}, tally.launch_lag());
  const bool overdue = !state.fires.empty() && state.fires.begin()->first < now;
  out.Family("signalbox_scheduler_overdue_seconds",
             "gauge",
             "How long the oldest tick that has room for its run has been due.");
  out.Sample({}, overdue ? Seconds(now - state.fires.begin()->first) : 0);
}

}  // namespace api
