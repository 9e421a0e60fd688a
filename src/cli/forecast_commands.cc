// `deadlines`, `dags forecast`, `why`: whether this week's work will be done, what is in the way,
// and why a job does not run.

#include <algorithm>
#include <map>
#include <string>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

constexpr std::string_view kNotKnown = "not known";

// The server knows of no finish: none is to come, or it has nothing to tell it from.
bool IsKnown(const json::object& item, std::string_view chance) {
  const json::value* known = base::Find(item, chance);
  return known == nullptr || !known->is_null();
}

// A finish for people: that there is none is said.
std::string FinishCell(const json::object& item, std::string_view member, bool is_known) {
  const std::string finish = base::GetString(item, member);
  return !finish.empty() ? finish : std::string(is_known ? "never" : kNotKnown);
}

json::array ForTable(json::array items, std::string_view chance) {
  for (json::value& value : items) {
    json::object& item = value.get_object();
    const bool is_known = IsKnown(item, chance);
    item["chance"] = is_known
                         ? Cat(static_cast<int>(base::GetDouble(item, chance) * 100 + 0.5), "%")
                         : std::string(kNotKnown);
    item["p50"] = FinishCell(item, "finish_p50", is_known);
    item["p90"] = FinishCell(item, "finish_p90", is_known);
  }
  return items;
}

// "etl/build › features/join": the jobs that decide the end, the last ones.
std::string PathText(const json::object& run) {
  constexpr size_t kShown = 4;
  const json::array& path = base::GetArray(run, "critical_path");
  std::vector<std::string> names;
  const size_t from = path.size() > kShown ? path.size() - kShown : 0;
  for (size_t i = from; i < path.size(); ++i) {
    const json::object& job = path[i].get_object();
    const std::string dag = base::GetString(job, "dag_id");
    const std::string name = base::GetString(job, "display_name");
    names.push_back(dag == base::GetString(run, "dag_id") ? name : Cat(dag, "/", name));
  }
  return Cat(from > 0 ? "… > " : "", base::Join(names, " > "));
}

Outcome<void> ShowRunForecast(const LiveOptions& options, const json::object& run) {
  if (IsData(options.format)) {
    PrintData(options.format, run);
    return {};
  }
  const bool is_known = IsKnown(run, "fail_chance");
  json::array jobs = base::GetArray(run, "jobs");
  for (json::value& value : jobs) {
    json::object& job = value.get_object();
    for (const char* member : {"start", "end", "end_p90"})
      job[member] = FinishCell(job, member, is_known);
    job["slack"] = HumanDuration(base::seconds(base::GetInt(job, "slack_seconds")));
  }
  PrintList(options.format,
            jobs,
            {{"JOB", "display_name"},
             {"BEGINS", "start"},
             {"ENDS", "end"},
             {"P90", "end_p90"},
             {"SLACK", "slack"}});
  Print(is_known ? Cat("\nends at ",
                       FinishCell(run, "finish_p50", is_known),
                       " (nine times in ten by ",
                       FinishCell(run, "finish_p90", is_known),
                       "), by way of ",
                       PathText(run),
                       "\n")
                 : "\nwhen it ends is not known\n");
  if (const std::string no_history = base::GetString(run, "no_history"); !no_history.empty())
    Print(Cat(no_history, "\n"));
  if (const std::string never = base::GetString(run, "never"); !never.empty())
    Print(Cat("it does not end as things are: ", never, "\n"));
  return {};
}

}  // namespace

Outcome<void> ShowForecast(const ForecastOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  if (!options.run.empty()) {
    auto run = server->Get(RunPath(options.dag, options.run) + "/forecast");
    if (!run)
      return tl::unexpected(run.error());
    return ShowRunForecast(options.live, *run);
  }
  const std::string query =
      Query().Add("dag_id", options.dag).Add("horizon", options.horizon).text();
  auto runs = server->List("/forecast" + query, "runs", options.limit);
  if (!runs)
    return tl::unexpected(runs.error());
  if (IsData(options.live.format)) {
    PrintData(options.live.format, runs->items);
    return {};
  }
  runs->items = ForTable(std::move(runs->items), "fail_chance");
  for (json::value& value : runs->items) {
    json::object& run = value.get_object();
    const std::string never = base::GetString(run, "never");
    run["path"] = !never.empty()                ? never
                  : IsKnown(run, "fail_chance") ? PathText(run)
                                                : base::GetString(run, "no_history");
  }
  PrintList(options.live.format,
            *runs,
            {{"DAG", "dag_id"},
             {"RUN", "dag_run_id", false, Table::Fit::kCut},
             {"STATE", "state", true},
             {"ENDS", "p50"},
             {"P90", "p90"},
             {"FAILS", "chance"},
             {"BASIS", "basis", false, Table::Fit::kDrop},
             {"CRITICAL PATH", "path", false, Table::Fit::kCut}});
  return {};
}

namespace {

void AddNames(json::array& deadlines) {
  for (json::value& value : deadlines) {
    json::object& item = value.get_object();
    const std::string job = base::GetString(item, "job");
    const std::string dag = base::GetString(item, "dag_id");
    item["of"] = job.empty() ? dag : Cat(dag, "/", job);
  }
}

Outcome<void> ListPastDeadlines(ServerClient& server, const DeadlineOptions& options) {
  const std::string query = Query().Add("dag_id", options.dag).text();
  auto deadlines = server.List("/deadlines/past" + query, "deadlines", options.limit);
  if (!deadlines)
    return tl::unexpected(deadlines.error());
  if (IsData(options.live.format)) {
    PrintData(options.live.format, deadlines->items);
    return {};
  }
  if (deadlines->items.empty()) {
    PrintError("no deadline is over yet\n");
    return {};
  }
  AddNames(deadlines->items);
  PrintList(options.live.format,
            *deadlines,
            {{"STATUS", "status", true},
             {"DUE", "due"},
             {"DEADLINE", "deadline"},
             {"OF", "of"},
             {"RUN", "dag_run_id", false, Table::Fit::kCut},
             {"SINCE", "since"}});
  return {};
}

}  // namespace

Outcome<void> ListDeadlines(const DeadlineOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  if (options.past)
    return ListPastDeadlines(*server, options);
  const std::string query = Query()
                                .Add("dag_id", options.dag)
                                .Add("horizon", options.horizon)
                                .Add("status", options.statuses)
                                .text();
  auto deadlines = server->List("/deadlines" + query, "deadlines", options.limit);
  if (!deadlines)
    return tl::unexpected(deadlines.error());
  if (IsData(options.live.format)) {
    PrintData(options.live.format, deadlines->items);
    return {};
  }
  if (deadlines->items.empty()) {
    PrintError("no deadlines: set 'deadline' in a DAG file, or 'deadlines' in signalbox.yaml\n");
    return {};
  }
  deadlines->items = ForTable(std::move(deadlines->items), "miss_chance");
  AddNames(deadlines->items);
  PrintList(options.live.format,
            *deadlines,
            {{"STATUS", "status", true},
             {"DUE", "due"},
             {"DEADLINE", "deadline"},
             {"OF", "of"},
             {"RUN", "dag_run_id", false, Table::Fit::kDrop},
             {"ENDS", "p50"},
             {"P90", "p90"},
             {"MISSED", "chance"},
             {"HELD UP BY", "holds_up", false, Table::Fit::kCut}});
  return {};
}

namespace {

// "training_2", or "training_2[7]" of an instance.
std::string JobOf(const json::object& task) {
  std::string job = base::GetString(task, "task_id");
  job = job.substr(0, job.find('.'));
  const int64_t index = base::GetInt(task, "map_index", -1);
  return index < 0 ? job : Cat(job, "[", index, "]");
}

// The reasons of each job that does not run, by its name; those that work or have ended have none.
std::map<std::string, std::vector<std::string>> ReasonsOf(const json::array& tasks) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (const json::value& value : tasks) {
    const json::object& task = value.get_object();
    const std::string job = JobOf(task);
    for (const json::value& blocker : base::GetArray(task, "blocked_by")) {
      const std::string sentence = base::GetString(blocker.get_object(), "message");
      std::vector<std::string>& of = reasons[job];
      if (std::find(of.begin(), of.end(), sentence) == of.end())
        of.push_back(sentence);
    }
  }
  return reasons;
}

bool IsOf(const std::string& job, const std::string& wanted) {
  const std::string name = wanted.substr(0, wanted.find('.'));
  return wanted.empty() || job == name || job.starts_with(name + "_");
}

}  // namespace

Outcome<void> ShowWhy(const WhyOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  // A mapped job stands for its instances, unless one of them is asked for: train[7].
  const size_t bracket = options.job.find('[');
  const std::string query =
      bracket == std::string::npos
          ? "?expanded=false"
          : "?map_index=" + http::PercentEncode(options.job.substr(
                                bracket + 1, options.job.find(']') - bracket - 1));
  auto tasks =
      server->List(RunPath(options.dag, options.run) + "/taskInstances" + query, "task_instances");
  if (!tasks)
    return tl::unexpected(tasks.error());
  const bool is_known = options.job.empty() ||
                        std::any_of(tasks->begin(), tasks->end(), [&](const json::value& task) {
                          return IsOf(JobOf(task.get_object()), options.job);
                        });
  if (!is_known)
    return Fail(Exit::kUsage,
                Cat("the run has no job '",
                    options.job,
                    "': signalbox tasks states-for-dag-run ",
                    options.dag,
                    " ",
                    options.run,
                    " lists them"));
  json::array lines;
  for (const auto& [job, reasons] : ReasonsOf(*tasks)) {
    if (!IsOf(job, options.job))
      continue;
    for (const std::string& reason : reasons)
      lines.push_back(json::object{{"job", job}, {"reason", reason}});
  }
  if (IsData(options.live.format)) {
    PrintData(options.live.format, lines);
    return {};
  }
  if (lines.empty()) {
    PrintError("nothing holds it: it works, or it has ended\n");
    return {};
  }
  PrintList(options.live.format, lines, {{"JOB", "job"}, {"WHY", "reason"}});
  return {};
}

}  // namespace cli
