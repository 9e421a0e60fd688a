#include "work/emr/render.h"

#include <algorithm>
#include <chrono>

#include "base/json_text.h"
#include "base/text.h"
#include "template/template.h"

namespace work {

namespace {

using RunsByInterval = engine::Successes;

// What each job of the run's plan has succeeded in; nothing if one of them never has.
std::vector<const RunsByInterval*> SuccessesOf(const engine::State& state, const engine::Run& run) {
  std::vector<const RunsByInterval*> all;
  for (const model::Job& job : run.plan->dag->jobs) {
    const auto known = state.successes.find({run.row.key.dag, job.id, job.lane});
    if (known == state.successes.end())
      return {};
    all.push_back(&known->second);
  }
  return all;
}

// Airflow's prev_data_interval_end_success: where the interval of the latest earlier run ends in
// which all jobs succeeded, as far as the engine remembers.
std::optional<base::Time> PreviousSuccess(const engine::State& state, const engine::Run& run) {
  const auto all = SuccessesOf(state, run);
  if (all.empty())
    return std::nullopt;
  const auto size = [](const RunsByInterval* runs) { return runs->size(); };
  const RunsByInterval& fewest = **std::ranges::min_element(all, {}, size);
  for (auto it = fewest.rbegin(); it != fewest.rend(); ++it)
    for (const model::RunId& id : it->second) {
      const bool everywhere = std::ranges::all_of(all, [&](const RunsByInterval* runs) {
        const auto found = runs->find(it->first);
        return found != runs->end() && found->second.contains(id);
      });
      if (everywhere && it->first.end < run.row.data_interval.end)
        return it->first.end;
    }
  return std::nullopt;
}

// The date and time in UTC, in each of Airflow's forms.
void AddDates(base::Time logical, json::object& values) {
  const std::string ts = base::FormatIso(logical);
  const std::string ds = ts.substr(0, ts.find('T'));
  auto plain = [](std::string_view text) {
    return base::ReplaceAll(base::ReplaceAll(text, "-", ""), ":", "");
  };
  values["ds"] = ds;
  values["ds_nodash"] = plain(ds);
  values["ts"] = ts;
  values["ts_nodash"] = plain(ts).substr(0, std::string_view("20260105T020000").size());
  values["ts_nodash_with_tz"] = plain(ts);
}

json::object ConfOf(const engine::Run& run) {
  auto conf = base::ParseJson(run.row.conf);
  return conf && conf->is_object() ? std::move(conf->get_object()) : json::object();
}

void AddTimes(const engine::Run& run, base::Time logical, tmpl::Context& context) {
  for (const char* map : {"", "dag_run."}) {
    context.times[base::Cat(map, "logical_date")] = logical;
    context.times[base::Cat(map, "data_interval_start")] = run.row.data_interval.start;
    context.times[base::Cat(map, "data_interval_end")] = run.row.data_interval.end;
  }
}

// Only for a request that names it: it asks about each job of the DAG.
void AddPreviousSuccess(const json::object& request,
                        const engine::State& state,
                        const engine::Run& run,
                        tmpl::Context& context) {
  constexpr const char* kName = "prev_data_interval_end_success";
  if (base::Serialize(request).find(kName) == std::string::npos)
    return;
  if (auto end = PreviousSuccess(state, run))
    context.times[kName] = *end;
  else
    context.values[kName] = nullptr;
}

tmpl::Context ContextOf(const engine::State& state,
                        const engine::Run& run,
                        const engine::JobInstance& job,
                        int try_number,
                        const std::string& region) {
  tmpl::Context context;
  const base::Time logical = run.row.logical_date.value_or(run.row.run_after);
  const json::object conf = ConfOf(run);
  json::object params = run.plan->dag->params;
  base::DeepMerge(params, conf);

  json::object& values = context.values;
  AddDates(logical, values);
  values["run_id"] = run.row.key.run.str();
  values["dag_run"] = json::object{{"run_id", run.row.key.run.str()}, {"conf", conf}};
  values["ti"] = json::object{{"try_number", try_number}};
  values["dag_id"] = run.row.key.dag.str();
  values["job_id"] = job.def->id.str();
  values["try_number"] = try_number;
  values["params"] = std::move(params);
  values["lane"] = json::object{{"id", job.def->lane.str()}, {"params", job.def->lane_params}};
  values["deployment"] = json::object{{"id", state.identity.deployment}, {"region", region}};
  AddTimes(run, logical, context);
  return context;
}

}  // namespace

base::Result<json::object> RenderRequest(json::object request,
                                         const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         int try_number,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones) {
  tmpl::Context context = ContextOf(state, run, job, try_number, region);
  AddPreviousSuccess(request, state, run, context);
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
