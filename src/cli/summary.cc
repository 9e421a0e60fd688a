#include "cli/summary.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.h"

namespace cli {

namespace {

using base::Cat;

double Seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

json::array Incidents(const Progress& progress) {
  json::array incidents;
  for (const RunProgress& run : progress.runs) {
    for (const AttemptProgress& attempt : run.attempts) {
      if (attempt.verdict.empty() || attempt.verdict == "success")
        continue;
      json::array clusters;
      for (const std::string& id : attempt.clusters)
        clusters.emplace_back(id);
      incidents.push_back(json::object{{"kind", "try_failed"},
                                       {"dag_id", run.dag},
                                       {"dag_run_id", run.run},
                                       {"job", attempt.job},
                                       {"try_number", attempt.try_number},
                                       {"verdict", attempt.verdict},
                                       {"reason", attempt.reason},
                                       {"cluster_ids", std::move(clusters)}});
    }
  }
  for (const auto& [action, calls] : progress.calls) {
    if (calls.throttled > 0)
      incidents.push_back(
          json::object{{"kind", "throttled"}, {"action", action}, {"times", calls.throttled}});
    if (calls.failed > 0)
      incidents.push_back(
          json::object{{"kind", "call_failed"}, {"action", action}, {"times", calls.failed}});
  }
  return incidents;
}

json::object RunJson(const RunProgress& run) {
  std::set<std::string> jobs;
  // "labeling_1.start_cluster" is a task of the job labeling_1.
  for (const auto& [task, progress] : run.tasks)
    jobs.insert(task.substr(0, task.find('.')));
  return {{"dag_id", run.dag},
          {"dag_run_id", run.run},
          {"state", run.state},
          {"start_date", run.start ? json::value(base::FormatRfc3339(*run.start)) : nullptr},
          {"end_date", run.end ? json::value(base::FormatRfc3339(*run.end)) : nullptr},
          {"jobs", static_cast<int64_t>(jobs.size())},
          {"tasks", static_cast<int64_t>(run.tasks.size())},
          {"tries", static_cast<int64_t>(run.attempts.size())}};
}

json::object ClustersJson(const Progress& progress) {
  const int64_t left_over = progress.LiveClusters();
  const auto launched = static_cast<int64_t>(progress.clusters.size());
  return {{"launched", launched}, {"terminated", launched - left_over}, {"left_over", left_over}};
}

std::string IncidentLine(const json::object& incident) {
  const std::string kind = base::GetString(incident, "kind");
  if (kind == "try_failed") {
    std::vector<std::string> clusters;
    for (const json::value& id : base::GetArray(incident, "cluster_ids"))
      clusters.emplace_back(id.get_string());
    return Cat(base::GetString(incident, "job"),
               " try ",
               base::GetInt(incident, "try_number"),
               clusters.empty() ? "" : Cat(" (", base::Join(clusters, ", "), ")"),
               ": ",
               base::GetString(incident, "verdict"),
               " failure, ",
               base::GetString(incident, "reason"));
  }
  const std::string times = Count(base::GetInt(incident, "times"), "time");
  const std::string action = base::GetString(incident, "action");
  return kind == "throttled" ? Cat(action, ": throttled ", times, ", sent again later, no try used")
                             : Cat(action, ": failed ", times);
}

}  // namespace

bool AllIsWell(const Progress& progress) {
  return progress.LiveClusters() == 0 && !progress.runs.empty() &&
         std::all_of(progress.runs.begin(), progress.runs.end(), [](const RunProgress& run) {
           return run.state == "success";
         });
}

json::object SummaryJson(const Progress& progress, const Elapsed& elapsed) {
  json::array runs;
  int64_t tries = 0;
  for (const RunProgress& run : progress.runs) {
    runs.push_back(RunJson(run));
    tries += static_cast<int64_t>(run.attempts.size());
  }
  json::object calls;
  int64_t total = 0;
  for (const auto& [action, count] : progress.calls) {
    calls[action] = json::object{
        {"made", count.made}, {"throttled", count.throttled}, {"failed", count.failed}};
    total += count.made;
  }
  return {{"ok", AllIsWell(progress)},
          {"runs", std::move(runs)},
          {"incidents", Incidents(progress)},
          {"clusters", ClustersJson(progress)},
          {"calls", std::move(calls)},
          {"calls_total", total},
          {"tries", tries},
          {"world_begin", base::FormatRfc3339(elapsed.world_begin)},
          {"world_end", base::FormatRfc3339(elapsed.world_end)},
          {"world_seconds", Seconds(elapsed.world_end - elapsed.world_begin)},
          {"wall_seconds", Seconds(elapsed.wall)},
          {"speed", elapsed.speed}};
}

std::string SummaryText(const json::object& summary, const Terminal& terminal) {
  std::string out;
  Table runs({{"DAG"}, {"RUN"}, {"STATE", true}, {"JOBS"}, {"TASKS"}, {"TRIES"}});
  for (const json::value& value : base::GetArray(summary, "runs")) {
    const json::object& run = value.get_object();
    runs.Add({Cell(run, "dag_id"),
              Cell(run, "dag_run_id"),
              Cell(run, "state"),
              Cell(run, "jobs"),
              Cell(run, "tasks"),
              Cell(run, "tries")});
  }
  out += runs.Render(terminal) + "\n";

  const json::array& incidents = base::GetArray(summary, "incidents");
  out += incidents.empty() ? "no incidents\n" : Cat("incidents (", incidents.size(), ")\n");
  for (const json::value& value : incidents)
    out += Cat("  ", terminal.Paint(IncidentLine(value.get_object()), Colour::kYellow), "\n");

  const int64_t left_over = base::GetInt(summary, "clusters.left_over");
  out += Cat(
      "\nclusters   ",
      base::GetInt(summary, "clusters.launched"),
      " launched, ",
      base::GetInt(summary, "clusters.terminated"),
      " terminated, ",
      terminal.Paint(Cat(left_over, " left over"), left_over == 0 ? Colour::kGreen : Colour::kRed),
      "\n");
  std::vector<std::string> parts;
  for (const auto& [action, value] : base::GetObject(summary, "calls"))
    parts.push_back(Cat(std::string_view(action), " ", base::GetInt(value.get_object(), "made")));
  out +=
      Cat("EMR calls  ", base::GetInt(summary, "calls_total"), ": ", base::Join(parts, ", "), "\n");
  out += Cat("tries      ", base::GetInt(summary, "tries"), "\n");
  auto span = [&](std::string_view member) {
    const double seconds = base::GetDouble(summary, member);
    return HumanDuration(base::Duration(static_cast<int64_t>(seconds * 1e6)));
  };
  out +=
      Cat("time       ", span("world_seconds"), " of world time in ", span("wall_seconds"), "\n");
  return out;
}

}  // namespace cli
