#include "engine/context.h"

#include "base/json_text.h"
#include "base/text.h"

namespace engine {

namespace {

// YYYY-MM-DD of the UTC date, as Airflow's ds.
std::string DateOf(Time time) {
  return base::FormatRfc3339(time).substr(0, 10);
}

// The DAG's params, changed by what the run was triggered with.
json::object ParamsOf(const Run& run) {
  json::object params = run.plan->dag->params;
  if (auto conf = base::ParseJson(run.row.conf); conf && conf->is_object())
    base::DeepMerge(params, conf->get_object());
  return params;
}

}  // namespace

tmpl::Context ContextOf(const Run& run,
                        const JobInstance& job,
                        int try_number,
                        const model::Identity& identity,
                        const schedule::ZoneSet& zones) {
  tmpl::Context context;
  const Time logical = run.row.logical_date.value_or(run.row.run_after);
  const std::string ds = DateOf(logical);
  json::object& values = context.values;
  values["ds"] = ds;
  values["ds_nodash"] = base::ReplaceAll(ds, "-", "");
  values["ts"] = base::FormatIso(logical);
  values["run_id"] = run.row.key.run.str();
  values["dag_id"] = run.row.key.dag.str();
  values["job_id"] = job.def->id.str();
  values["try_number"] = try_number;
  values["params"] = ParamsOf(run);
  values["lane"] = json::object{{"id", job.def->lane.str()}, {"params", job.def->lane_params}};
  values["deployment"] = json::object{{"id", identity.deployment}};
  context.times["logical_date"] = logical;
  context.times["data_interval_start"] = run.row.data_interval.start;
  context.times["data_interval_end"] = run.row.data_interval.end;
  if (auto zone = zones.Find(run.plan->dag->timezone)) {
    context.utc_offset_seconds = [zone](Time time) {
      return static_cast<int>(zone->OffsetAt(time).count());
    };
  }
  return context;
}

}  // namespace engine
