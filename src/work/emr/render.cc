#include "work/emr/render.h"

#include <chrono>

#include "base/text.h"
#include "template/template.h"

namespace work {

namespace {

// YYYY-MM-DD and YYYYMMDD of the UTC date, as Airflow's ds and ds_nodash.
std::string DateOf(base::Time time) {
  return base::FormatRfc3339(time).substr(0, 10);
}

tmpl::Context ContextOf(const engine::Run& run,
                        const engine::JobInstance& job,
                        int try_number,
                        const model::Identity& identity,
                        const std::string& region) {
  tmpl::Context context;
  base::Time logical = run.row.logical_date.value_or(run.row.run_after);
  std::string ds = DateOf(logical);

  json::object params = run.plan->dag->params;
  if (auto conf = base::ParseJson(run.row.conf); conf && conf->is_object())
    base::DeepMerge(params, conf->get_object());

  json::object& values = context.values;
  values["ds"] = ds;
  values["ds_nodash"] = base::ReplaceAll(ds, "-", "");
  values["ts"] = base::FormatIso(logical);
  values["run_id"] = run.row.key.run.str();
  values["dag_id"] = run.row.key.dag.str();
  values["job_id"] = job.def->id.str();
  values["try_number"] = try_number;
  values["params"] = std::move(params);
  values["lane"] = json::object{{"id", job.def->lane.str()}, {"params", job.def->lane_params}};
  values["deployment"] = json::object{{"id", identity.deployment}, {"region", region}};
  context.times["logical_date"] = logical;
  context.times["data_interval_start"] = run.row.data_interval.start;
  context.times["data_interval_end"] = run.row.data_interval.end;
  return context;
}

}  // namespace

base::Result<json::object> RenderRequest(json::object request,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         int try_number,
                                         const model::Identity& identity,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones) {
  tmpl::Context context = ContextOf(run, job, try_number, identity, region);
  if (auto zone = zones.Find(run.plan->dag->timezone)) {
    context.utc_offset_seconds = [zone](base::Time time) {
      return static_cast<int>(zone->OffsetAt(time).count());
    };
  }
  ASSIGN_OR_RETURN(json::value rendered,
                   tmpl::RenderJson(json::value(std::move(request)), context));
  if (!rendered.is_object())
    return base::Fail(base::ErrorCode::kInvalidArgument, "the rendered request is not an object");
  return std::move(rendered.get_object());
}

}  // namespace work
