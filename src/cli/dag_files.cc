// `dags validate`, `dags show`, `dags next-execution`: what the project's files say.

#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/dag_picture.h"
#include "cli/project.h"
#include "schedule/timetable.h"

namespace cli {

namespace {

using base::Cat;

std::string ScheduleText(const model::Dag& dag) {
  return dag.schedule.cron.empty() ? "only triggered" : dag.schedule.cron;
}

int64_t TaskCount(const model::Dag& dag) {
  size_t count = 0;
  for (const model::Job& job : dag.jobs)
    count += TaskIds(job).size();
  return static_cast<int64_t>(count);
}

json::object DescribeDag(const model::Dag& dag) {
  json::array jobs;
  for (const model::Job& job : dag.jobs) {
    json::array upstream, cross, tasks;
    for (int index : job.upstream)
      upstream.emplace_back(model::DisplayName(dag.jobs[index].id, dag.jobs[index].lane));
    for (const model::CrossDependency& other : job.cross)
      cross.emplace_back(Cat(other.dag.str(), "/", other.job.str()));
    for (size_t task = 0; task < TaskIds(job).size(); ++task)
      tasks.emplace_back(TaskDisplayId(job, static_cast<int>(task)));
    jobs.push_back(json::object{{"job_id", job.id.str()},
                                {"lane_id", job.lane.str()},
                                {"task_ids", std::move(tasks)},
                                {"upstream", std::move(upstream)},
                                {"upstream_elsewhere", std::move(cross)},
                                {"trigger_rule", ToString(job.trigger_rule)},
                                {"group", job.group},
                                {"retries", job.retries},
                                {"pool", job.pool.str()},
                                {"pool_slots", job.capacity.pool_slots},
                                {"priority_weight", job.capacity.priority_weight},
                                {"weight_rule", ToString(job.capacity.weight_rule)}});
  }
  return {{"dag_id", dag.id.str()},
          {"description", dag.description},
          {"fileloc", dag.fileloc},
          {"timetable_summary", dag.schedule.cron},
          {"timezone", dag.timezone},
          {"max_active_runs", dag.max_active_runs},
          {"jobs", std::move(jobs)}};
}

std::string PoolText(const model::Job& job) {
  const int slots = job.capacity.pool_slots;
  return slots == 1 ? job.pool.str() : Cat(job.pool.str(), " (", slots, " slots)");
}

// "integer, minimum 1": a schema, for people.
std::string SchemaText(const json::object& schema) {
  std::vector<std::string> parts;
  for (const auto& member : schema) {
    const std::string value = base::ScalarText(member.value());
    if (member.key() == "type")
      parts.insert(parts.begin(), value);
    else if (member.key() != "description")
      parts.push_back(Cat(std::string_view(member.key()), " ", value));
  }
  return base::Join(parts, ", ");
}

void PrintParams(const model::Dag& dag, const Terminal& terminal) {
  const auto add = [&](Table& table, std::string_view name, const json::value* value) {
    const json::value* own = dag.param_schemas.if_contains(name);
    const json::object schema = own != nullptr ? own->as_object() : json::object();
    table.Add({std::string(name),
               value == nullptr ? "(each trigger gives it)" : base::ScalarText(*value),
               SchemaText(schema),
               base::GetString(schema, "description")});
  };
  if (dag.params.empty() && dag.param_schemas.empty())
    return;
  Table table({{"PARAM"}, {"DEFAULT"}, {"HAS TO BE"}, {"ABOUT"}});
  for (const auto& param : dag.params)
    add(table, param.key(), &param.value());
  for (const auto& param : dag.param_schemas) {
    if (!dag.params.contains(param.key()))
      add(table, param.key(), nullptr);
  }
  Print("\n");
  PrintPainted(table.Render(terminal));
}

void PrintDag(const model::Dag& dag) {
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  const auto lanes = static_cast<int64_t>(LanesOf(dag).size());
  PrintPainted(terminal.Paint(dag.id.str(), Colour::kBold) + "\n");
  if (!dag.description.empty())
    Print(dag.description + "\n");
  Print(Cat(ScheduleText(dag),
            " ",
            dag.timezone,
            ", ",
            Count(lanes, "lane"),
            ", ",
            Count(static_cast<int64_t>(dag.jobs.size()), "job"),
            ", ",
            Count(TaskCount(dag), "task"),
            " (",
            dag.fileloc,
            ")\n\n",
            DrawDag(dag),
            "\n"));
  Table table({{"JOB"}, {"WAITS FOR"}, {"RETRIES"}, {"DELAY"}, {"POOL"}});
  for (const model::JobId& id : JobIdsOf(dag)) {
    for (const model::Job& job : dag.jobs) {
      if (job.id != id)
        continue;
      table.Add({id.str() + (job.lane.empty() ? "" : "[*]"),
                 base::Join(DependenciesOf(dag, id), ", "),
                 Cat(job.retries),
                 base::FormatDuration(job.retry_delay),
                 PoolText(job)});
      break;
    }
  }
  PrintPainted(table.Render(terminal));
  PrintParams(dag, terminal);
}

// What makes a path of the project one that can be opened from the current folder.
std::string PathPrefix(const std::string& folder) {
  std::error_code ignored;
  std::string relative = std::filesystem::proximate(folder, ignored).string();
  if (relative == ".")
    return "";
  return (relative.empty() || relative.starts_with("..") ? folder : relative) + "/";
}

void PrintDiagnostic(const std::string& prefix,
                     yaml::Diagnostic diagnostic,
                     const std::string& kind) {
  // The kind in its colour, the rest as the file has it.
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  diagnostic.file = terminal.Paint(prefix + diagnostic.file, Colour::kNone);
  diagnostic.message =
      terminal.Paint(kind, Colour::kYellow) + terminal.Paint(diagnostic.message, Colour::kNone);
  PrintPainted(diagnostic.ToString() + "\n");
}

Outcome<schedule::Timetable> TimetableOf(const model::Dag& dag, const schedule::ZoneSet& zones) {
  auto rule = schedule::ParseRule(dag.schedule.cron);
  auto zone = zones.Find(dag.timezone);
  if (!rule || zone == nullptr)
    return Fail(Exit::kInvalidProject, Cat("the schedule of ", dag.id.str(), " can't be read"));
  return schedule::Timetable(*std::move(rule), zone, dag.schedule.timetable);
}

}  // namespace

Outcome<void> ValidateDags(const std::string& path) {
  auto project = LoadProject(path);
  if (!project)
    return tl::unexpected(project.error());
  const dagfile::Loaded& loaded = project->loaded;
  const std::string prefix = PathPrefix(project->folder);
  for (const yaml::Diagnostic& error : loaded.errors)
    PrintDiagnostic(prefix, error, "");
  for (const yaml::Diagnostic& warning : loaded.warnings)
    PrintDiagnostic(prefix, warning, "warning: ");
  std::vector<std::string> counts;
  for (const auto& dag : loaded.dags)
    counts.push_back(
        Cat(dag->id.str(), " (", Count(static_cast<int64_t>(dag->jobs.size()), "job"), ")"));
  const auto dag_count = static_cast<int64_t>(loaded.dags.size());
  const auto error_count = static_cast<int64_t>(loaded.errors.size());
  Print(Cat(project->folder,
            ": ",
            dag_count,
            dag_count == 1 ? " good DAG" : " good DAGs",
            counts.empty() ? "" : ": ",
            base::Join(counts, ", "),
            ", ",
            Count(error_count, "error"),
            ", ",
            Count(static_cast<int64_t>(loaded.warnings.size()), "warning"),
            "\n"));
  if (error_count > 0)
    return Fail(Exit::kInvalidProject, "");
  return {};
}

Outcome<void> ShowDag(const DagFileOptions& options) {
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  auto dag = FindDag(*project, options.dag);
  if (!dag)
    return tl::unexpected(dag.error());
  if (IsData(options.format))
    PrintData(options.format, DescribeDag(**dag));
  else
    PrintDag(**dag);
  return {};
}

Outcome<void> ShowTranslation(const DagFileOptions& options) {
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  const airflow::TranslatedDag* dag =
      project->airflow == nullptr ? nullptr : project->airflow->Find(options.dag);
  if (dag == nullptr)
    return Fail(Exit::kFailed,
                Cat("no DAG file of Airflow in ",
                    project->folder,
                    " has the DAG '",
                    options.dag,
                    "'",
                    project->airflow == nullptr ? ": signalbox.yaml names no 'python'" : ""));
  if (IsData(options.format)) {
    PrintData(options.format, dag->plan);
    return {};
  }
  Table table({{"TASK"}, {"LINE"}, {"BECOMES"}, {"JOB"}, {"WHY"}});
  std::vector<std::string> changes = airflow::TextsAt(dag->plan, "changes");
  for (const json::value& row : base::GetArray(dag->plan, "tasks")) {
    const json::object& task = row.as_object();
    const bool is_native = base::GetString(task, "verdict") == "native";
    table.Add({base::GetString(task, "task_id"),
               Cat(base::GetInt(task, "line", 1)),
               is_native ? base::GetString(task, "kind") : "Airflow's code",
               base::GetString(task, "job"),
               base::GetString(task, "reason")});
    for (const std::string& change : airflow::TextsAt(task, "changes"))
      changes.push_back(Cat(base::GetString(task, "task_id"), ": ", change));
  }
  PrintPainted(table.Render(Terminal::Of(STDOUT_FILENO)));
  if (!changes.empty())
    Print("\nWhat differs from Airflow:\n");
  for (const std::string& change : changes)
    Print(Cat("  ", change, "\n"));
  return {};
}

Outcome<void> NextExecution(const DagFileOptions& options, int count) {
  auto clock = base::Clock::FromEnvironment();
  if (!clock)
    return FailEnvironment(clock.error());
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  auto dag = FindDag(*project, options.dag);
  if (!dag)
    return tl::unexpected(dag.error());
  if ((*dag)->schedule.cron.empty() && (*dag)->assets)
    return Fail(Exit::kFailed,
                Cat(options.dag,
                    " follows assets: a run begins once ",
                    model::InWords(*(*dag)->assets),
                    model::AssetsOf(*(*dag)->assets).size() == 1 ? " is" : " are",
                    " updated"));
  if ((*dag)->schedule.cron.empty())
    return Fail(Exit::kFailed, Cat(options.dag, " has no schedule: it is only triggered"));
  if ((*dag)->schedule.cron == schedule::kContinuous)
    return Fail(Exit::kFailed,
                Cat(options.dag, " is @continuous: a run begins once the one before has ended"));
  auto timetable = TimetableOf(**dag, project->zones);
  if (!timetable)
    return tl::unexpected(timetable.error());

  auto zone = project->zones.Find((*dag)->timezone);
  const schedule::Window window{.start_date = (*dag)->start_date, .end_date = (*dag)->end_date};
  json::array fires;
  Table table({{"RUN AFTER"}, {"LOGICAL DATE (UTC)"}, {"DATA INTERVAL (UTC)"}});
  auto fire = timetable->NextIn(window, clock->World());
  for (int i = 0; i < count && fire; ++i) {
    fires.push_back(
        json::object{{"dag_id", options.dag},
                     {"run_after", base::FormatRfc3339(fire->run_after)},
                     {"logical_date", base::FormatRfc3339(fire->logical_date)},
                     {"data_interval_start", base::FormatRfc3339(fire->data_interval.start)},
                     {"data_interval_end", base::FormatRfc3339(fire->data_interval.end)}});
    table.Add({zone->FormatIso(fire->run_after),
               base::FormatRfc3339(fire->logical_date),
               Cat(base::FormatRfc3339(fire->data_interval.start),
                   " to ",
                   base::FormatRfc3339(fire->data_interval.end))});
    fire = timetable->NextIn(window, fire->run_after);
  }
  if (fires.empty())
    return Fail(Exit::kFailed, Cat(options.dag, " has no further run: its last tick has passed"));
  if (IsData(options.format))
    PrintData(options.format, fires);
  else
    PrintTable(options.format, table);
  return {};
}

}  // namespace cli
