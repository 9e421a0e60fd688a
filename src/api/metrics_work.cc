#include <algorithm>
#include <utility>
#include <vector>

#include "api/metrics_parts.h"

namespace api {

namespace {

using base::MetricsText;
using runtime::Tally;

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

using Lines = std::vector<runtime::MetricsView::OfDag>;

template <typename Outcomes>
void AddOutcomes(MetricsText& out,
                 const Lines& lines,
                 const Outcomes& outcomes,
                 std::array<int64_t, std::tuple_size_v<Outcomes>> Tally::OfDag::* counts) {
  for (const auto& line : lines) {
    for (size_t i = 0; i < outcomes.size(); ++i)
      out.Sample({{"dag", line.dag.str()}, {"state", ToString(outcomes[i])}},
                 static_cast<double>((line.counts.*counts)[i]));
  }
}

void AddDags(MetricsText& out, const Lines& lines) {
  auto add_seconds = [&](base::Histogram Tally::OfDag::* seconds) {
    for (const auto& line : lines)
      out.Sample({{"dag", line.dag.str()}}, line.counts.*seconds);
  };
  out.Family("signalbox_dag_runs_total", "counter", "Runs that ended, by how.");
  AddOutcomes(out, lines, runtime::kRunOutcomes, &Tally::OfDag::runs);
  out.Family("signalbox_task_instances_total",
             "counter",
             "Task instances that came into a state which ends a try.");
  AddOutcomes(out, lines, runtime::kTaskOutcomes, &Tally::OfDag::tasks);
  out.Family("signalbox_deadlines_total", "counter", "Deadlines that were met or missed.");
  for (const auto& line : lines) {
    for (size_t i = 0; i < runtime::kDeadlineOutcomes.size(); ++i)
      out.Sample({{"dag", line.dag.str()}, {"status", ToString(runtime::kDeadlineOutcomes[i])}},
                 static_cast<double>(line.counts.deadlines[i]));
  }
  out.Family("signalbox_dag_run_duration_seconds", "histogram", "From a run's start to its end.");
  add_seconds(&Tally::OfDag::run_seconds);
  out.Family("signalbox_task_duration_seconds",
             "histogram",
             "From the start to the end of a task that succeeded or failed.");
  add_seconds(&Tally::OfDag::task_seconds);
  out.Family("signalbox_dag_last_success_timestamp_seconds",
             "gauge",
             "When the latest successful run ended, in seconds since 1970; 0 if none has.");
  for (const auto& line : lines) {
    const auto& at = line.counts.last_success;
    out.Sample({{"dag", line.dag.str()}}, at ? Seconds(at->time_since_epoch()) : 0);
  }
  out.Family("signalbox_spend_usd_total",
             "counter",
             "What clusters that ended have cost, by the project's prices: an estimate.");
  for (const auto& line : lines)
    out.Sample({{"dag", line.dag.str()}}, model::Usd(line.counts.spent));
}

}  // namespace

void AddWork(MetricsText& out, const runtime::MetricsView& view) {
  AddDags(out, view.dags);
  out.Family("signalbox_dags_not_shown", "gauge", "DAGs that this page leaves out: too many.");
  out.Sample({}, static_cast<double>(view.dags_left_out));

  out.Family("signalbox_scheduler_lag_seconds",
             "histogram",
             "From a tick to its run, and from a ready job to its launch.");
  out.Sample({{"until", "run_created"}}, view.run_lag);
  out.Sample({{"until", "launched"}}, view.launch_lag);
  out.Family("signalbox_scheduler_overdue_seconds",
             "gauge",
             "How long the oldest tick that has room for its run has been due.");
  out.Sample({}, Seconds(view.overdue));
}

void AddNotifiers(MetricsText& out, const std::vector<runtime::NotifierView>& notifiers) {
  const auto add = [&](std::string_view name,
                       std::string_view type,
                       std::string_view help,
                       auto runtime::NotifierView::* count) {
    out.Family(name, type, help);
    for (const runtime::NotifierView& each : notifiers)
      out.Sample({{"notifier", each.name}}, static_cast<double>(each.*count));
  };
  using View = runtime::NotifierView;
  add("signalbox_notifications_sent_total", "counter", "Messages that have arrived.", &View::sent);
  add("signalbox_notifications_failed_total",
      "counter",
      "Attempts to send a message that failed.",
      &View::failed);
  add("signalbox_notifications_given_up_total",
      "counter",
      "Messages that were not sent in the end.",
      &View::given_up);
  add("signalbox_notifications_pending", "gauge", "Messages that wait.", &View::pending);
}

}  // namespace api
