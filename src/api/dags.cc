#include <algorithm>
#include <set>
#include <utility>

#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

bool HasImportErrors(const Reading& reading, const model::DagRow& row) {
  if (row.missing_since)
    return true;
  const auto& errors = *reading.now.import_errors;
  return std::any_of(errors.begin(), errors.end(), [&](const yaml::Diagnostic& error) {
    return error.file == row.fileloc;
  });
}

namespace {

json::array Tags(const model::Dag& dag) {
  json::array tags;
  for (const std::string& tag : dag.tags)
    tags.push_back(
        json::object{{"name", tag}, {"dag_id", dag.id.str()}, {"dag_display_name", dag.id.str()}});
  return tags;
}

constexpr std::string_view kContinuous = "@continuous";

// Of the texts of a schedule, the others begin with a letter or are the instant of an @once.
bool IsCron(std::string_view schedule) {
  return !schedule.empty() && !schedule.starts_with("@once") && schedule != kContinuous &&
         std::string_view("*@0123456789").find(schedule[0]) != std::string_view::npos;
}

bool IsPeriodic(const model::Dag& dag) {
  return IsCron(dag.schedule.cron) || dag.schedule.cron.starts_with("every ");
}

// Airflow's sense: of one task's instances only so many work at once.
bool HasLimits(const model::Dag& dag) {
  return std::ranges::any_of(dag.jobs, [](const model::Job& job) {
    return job.capacity.max_active_tis_per_dag || job.capacity.max_active_tis_per_dagrun;
  });
}

json::value Description(const model::Dag& dag) {
  if (dag.assets && dag.schedule.cron.empty())
    return json::value(base::Cat("assets: ", model::InWords(*dag.assets)));
  if (dag.schedule.cron.empty())
    return "Never, external triggers only";  // Airflow's words
  if (dag.schedule.cron == kContinuous)
    return "As frequently as possible, but only one run at a time";  // Airflow's words
  if (IsCron(dag.schedule.cron))
    return json::value(base::Cat("cron ", dag.schedule.cron, " in ", dag.timezone));
  return json::value(dag.schedule.cron);
}

// Airflow's words.
json::value Summary(const model::Dag& dag) {
  if (!dag.assets)
    return TextOrNull(dag.schedule.cron);
  return dag.schedule.cron.empty() ? json::value("Asset")
                                   : json::value(base::Cat("Asset or ", dag.schedule.cron));
}

// Airflow's form of a condition.
json::value Expression(const model::AssetCondition& condition) {
  if (condition.kind == model::AssetCondition::Kind::kAsset)
    return json::object{{"asset", json::object{{"name", condition.asset}}}};
  json::array of;
  for (const model::AssetCondition& each : condition.of)
    of.push_back(Expression(each));
  return json::object{
      {condition.kind == model::AssetCondition::Kind::kAny ? "any" : "all", std::move(of)}};
}

void AddNextRun(json::object& out, const runtime::Published& now, const model::DagId& dag) {
  std::optional<base::Time> logical, start, end, after;
  if (const auto next = now.next_runs->find(dag); next != now.next_runs->end()) {
    logical = next->second.logical_date;
    start = next->second.data_interval.start;
    end = next->second.data_interval.end;
    after = next->second.run_after;
  }
  out["next_dagrun_logical_date"] = TimeOrNull(logical);
  out["next_dagrun_data_interval_start"] = TimeOrNull(start);
  out["next_dagrun_data_interval_end"] = TimeOrNull(end);
  out["next_dagrun_run_after"] = TimeOrNull(after);
}

json::object DagJson(const Reading& reading, const model::DagRow& row, const model::Dag& dag) {
  json::array owners;
  if (!dag.owner.empty())
    owners.emplace_back(dag.owner);
  json::object out{
      {"dag_id", row.dag.str()},
      {"dag_display_name", row.dag.str()},
      {"description", TextOrNull(dag.description)},
      {"is_paused", row.is_paused},
      {"is_stale", !row.is_active},
      {"fileloc", base::Cat(reading.now.project_dir, "/", row.fileloc)},
      {"relative_fileloc", row.fileloc},
      {"file_token", FileToken(row.fileloc)},
      {"bundle_name", nullptr},
      {"bundle_version", nullptr},
      {"has_import_errors", HasImportErrors(reading, row)},
      {"has_task_concurrency_limits", HasLimits(dag)},
      {"is_backfillable", IsPeriodic(dag)},
      {"last_parsed_time", TimeOrNull(reading.now.imported_at)},
      {"last_parse_duration", nullptr},
      {"last_expired", nullptr},
      {"missing_since", TimeOrNull(row.missing_since)},
      {"max_active_runs", dag.max_active_runs},
      {"max_active_tasks", dag.max_active_tasks.value_or(static_cast<int>(dag.jobs.size()))},
      {"max_consecutive_failed_dag_runs", dag.max_consecutive_failed_dag_runs.value_or(0)},
      {"owners", std::move(owners)},
      {"tags", Tags(dag)},
      {"timetable_summary", Summary(dag)},
      {"asset_expression", dag.assets ? Expression(*dag.assets) : json::value(nullptr)},
      {"timetable_description", Description(dag)},
      {"timetable_periodic", IsPeriodic(dag)},
      {"timetable_partitioned", false},
      {"version", row.version.str()},
  };
  AddNextRun(out, reading.now, row.dag);
  return out;
}

json::array JobsJson(const model::Dag& dag) {
  json::array jobs;
  for (const model::Job& job : dag.jobs) {
    json::array upstream, cross, tasks, outlets;
    for (int index : job.upstream) {
      const model::Job& up = dag.jobs[static_cast<size_t>(index)];
      upstream.emplace_back(model::DisplayName(up.id, up.lane));
    }
    for (const model::CrossDependency& edge : job.cross)
      cross.push_back(json::object{
          {"dag_id", edge.dag.str()},
          {"job_id", edge.job.str()},
          {"lane_id", edge.lane ? json::value(edge.lane->str()) : json::value(nullptr)},
          {"rule", ToString(edge.rule)}});
    for (const model::Outlet& outlet : job.outlets)
      outlets.emplace_back(outlet.asset);
    for (size_t task = 0; task < model::TaskIds(job).size(); ++task)
      tasks.emplace_back(model::TaskDisplayId(job, static_cast<int>(task)));
    jobs.push_back(json::object{{"job_id", job.id.str()},
                                {"lane_id", TextOrNull(job.lane.str())},
                                {"display_name", model::DisplayName(job.id, job.lane)},
                                {"task_ids", std::move(tasks)},
                                {"depends_on", std::move(upstream)},
                                {"depends_on_dags", std::move(cross)},
                                {"trigger_rule", ToString(job.trigger_rule)},
                                {"group", TextOrNull(job.group)},
                                {"is_mapped", job.map_over.has_value()},
                                {"is_setup", job.role == model::Role::kSetup},
                                {"is_teardown", job.role == model::Role::kTeardown},
                                {"doc_md", TextOrNull(job.doc_md)},
                                {"pool", job.pool.str()},
                                {"pool_slots", job.capacity.pool_slots},
                                {"priority_weight", job.capacity.priority_weight},
                                {"weight_rule", ToString(job.capacity.weight_rule)},
                                {"retries", job.retries},
                                {"infra_retries", job.infra_retries},
                                {"outlets", std::move(outlets)},
                                {"inlets", json::value_from(job.inlets)}});
  }
  return jobs;
}

json::array GroupsJson(const model::Dag& dag) {
  json::array groups;
  for (const model::Group& group : dag.groups)
    groups.push_back(json::object{{"path", group.path},
                                  {"tooltip", group.tooltip},
                                  {"retries", group.retries},
                                  {"retry_delay", base::FormatDuration(group.retry_delay)}});
  return groups;
}

void AddLastRun(json::object& out, const std::optional<model::RunRow>& run) {
  for (std::string_view name : {"last_run_id", "last_run_state", "last_run_start_date"})
    out[name] = nullptr;
  if (!run)
    return;
  out["last_run_id"] = run->key.run.str();
  out["last_run_state"] = ToString(run->state);
  out["last_run_start_date"] = TimeOrNull(run->start_date);
}

}  // namespace

base::Result<json::object> DescribeDag(const Reading& reading, const model::DagRow& row) {
  ASSIGN_OR_RETURN(const auto last_run, reading.rows.LatestRun(row.dag));
  return DescribeDag(reading, row, last_run);
}

base::Result<json::object> DescribeDag(const Reading& reading,
                                       const model::DagRow& row,
                                       const std::optional<model::RunRow>& last_run) {
  ASSIGN_OR_RETURN(auto dag, reading.Dag(row.version));
  json::object out = DagJson(reading, row, *dag);
  AddLastRun(out, last_run);
  return out;
}

base::Result<model::DagRow> FindDag(const Reading& reading, const model::DagId& dag) {
  ASSIGN_OR_RETURN(auto rows, reading.rows.Dags());
  for (model::DagRow& row : rows) {
    if (row.dag == dag)
      return std::move(row);
  }
  return base::Fail(NoDag(dag));
}

base::Error NoDag(const model::DagId& dag) {
  return {base::ErrorCode::kNotFound,
          base::Cat("there is no DAG '", base::Excerpt(dag.str()), "'")};
}

Answer GetDag(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(model::DagRow row, FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(json::object dag, DescribeDag(reading, row));
  return dag;
}

namespace {

// "2 of 3 assets are there", and which are not; null where it follows none. Airflow's name.
base::Result<json::value> NextRunInfo(const Reading& reading, const model::Dag& dag) {
  if (!dag.assets)
    return json::value(nullptr);
  ASSIGN_OR_RETURN(const auto assets, reading.rows.Assets());
  ASSIGN_OR_RETURN(const auto queues, reading.rows.AssetQueues());
  std::set<std::string> queued;
  for (const model::AssetQueueRow& queue : queues) {
    if (queue.dag != dag.id)
      continue;
    for (const model::QueuedAsset& asset : queue.assets) {
      const auto row = std::ranges::find(assets, asset.asset, &model::AssetRow::id);
      if (asset.queued_at && row != assets.end())
        queued.insert(row->asset.name);
    }
  }
  const std::vector<std::string> names = model::AssetsOf(*dag.assets);
  json::array waits_for;
  for (const std::string& name : names) {
    if (!queued.contains(name))
      waits_for.emplace_back(name);
  }
  return json::object{{"ready", names.size() - waits_for.size()},
                      {"total", names.size()},
                      {"waits_for", std::move(waits_for)}};
}

// Airflow's Param, as its API shows it.
json::object ParamJson(const json::value* value, const json::value* schema) {
  json::object of = schema != nullptr ? schema->as_object() : json::object();
  const std::string about = base::GetString(of, "description");
  return {{"value", value != nullptr ? *value : json::value(nullptr)},
          {"schema", std::move(of)},
          {"description", TextOrNull(about)},
          {"source", "dag"}};
}

json::object ParamsJson(const model::Dag& dag) {
  json::object out;
  for (const auto& param : dag.params)
    out[param.key()] = ParamJson(&param.value(), dag.param_schemas.if_contains(param.key()));
  for (const auto& param : dag.param_schemas) {
    if (!dag.params.contains(param.key()))
      out[param.key()] = ParamJson(nullptr, &param.value());
  }
  return out;
}

}  // namespace

Answer GetDagDetails(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(model::DagRow row, FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(auto dag, reading.Dag(row.version));
  ASSIGN_OR_RETURN(
      auto active,
      reading.rows.Runs({.dag = row.dag, .states = {model::RunState::kRunning}, .limit = 1}));
  ASSIGN_OR_RETURN(json::object out, DescribeDag(reading, row));
  out["active_runs_count"] = active.total;
  out["catchup"] = dag->catchup;
  ASSIGN_OR_RETURN(const auto favourites, FavouritesOf(reading, exchange.identity.name));
  out["is_favorite"] = favourites.contains(row.dag);
  out["concurrency"] = dag->jobs.size();
  out["is_paused_upon_creation"] = dag->is_paused_upon_creation;
  out["last_parsed"] = TimeOrNull(reading.now.imported_at);
  out["params"] = ParamsJson(*dag);
  ASSIGN_OR_RETURN(out["asset_triggered_next_run_info"], NextRunInfo(reading, *dag));
  out["render_template_as_native_obj"] = true;
  out["start_date"] = TimeOrNull(dag->start_date);
  out["end_date"] = TimeOrNull(dag->end_date);
  out["timezone"] = dag->timezone;
  out["timetable"] =
      dag->schedule.timetable == model::Timetable::kDataInterval ? "data_interval" : "trigger";
  out["jobs"] = JobsJson(*dag);
  out["groups"] = GroupsJson(*dag);
  return out;
}

void PatchDag(Context& context, const SharedExchange& exchange, Answered answered) {
  const json::value* is_paused = exchange->body.if_contains("is_paused");
  if (is_paused == nullptr || !is_paused->is_bool())
    return answered(
        base::Fail(base::ErrorCode::kInvalidArgument, "'is_paused' must be true or false"));
  context.commands.SetPaused(
      {exchange->dag(), is_paused->get_bool(), exchange->principal()},
      [&context, exchange, answered = std::move(answered)](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        AnswerWith(context, &GetDag, *exchange, answered);
      });
}

}  // namespace api
