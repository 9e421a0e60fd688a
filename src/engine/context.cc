#include "engine/context.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/assets.h"
#include "engine/conf.h"
#include "engine/groups.h"
#include "engine/mapping.h"
#include "engine/names.h"
#include "engine/secrets.h"
#include "model/select.h"

namespace engine {

namespace {

constexpr const char* kOutputs = "outputs";
constexpr const char* kAssetEvents = "triggering_asset_events";
constexpr const char* kPreviousSuccess = "prev_data_interval_end_success";

// What each of the jobs that decide a run has succeeded in; nothing if one of them never has.
std::vector<const Successes*> SuccessesOf(const State& state, const Run& run) {
  std::vector<const Successes*> all;
  for (int index : run.plan->deciding) {
    const model::Job& job = run.plan->dag->jobs[static_cast<size_t>(index)];
    const auto known =
        state.successes.find(PresentName(state, {run.row.key.dag, job.id, job.lane}));
    if (known == state.successes.end())
      return {};
    all.push_back(&known->second);
  }
  return all;
}

// Airflow's prev_data_interval_end_success: where the interval of the latest earlier run ends in
// which the jobs that decide a run succeeded, as far as the engine remembers. A run in which one of
// them was skipped does not count.
std::optional<Time> PreviousSuccess(const State& state, const Run& run) {
  const auto all = SuccessesOf(state, run);
  if (all.empty())
    return std::nullopt;
  const auto size = [](const Successes* runs) { return runs->size(); };
  const Successes& fewest = **std::ranges::min_element(all, {}, size);
  for (auto it = fewest.rbegin(); it != fewest.rend(); ++it)
    for (const model::RunId& id : it->second) {
      const bool everywhere = std::ranges::all_of(all, [&](const Successes* runs) {
        const auto found = runs->find(it->first);
        return found != runs->end() && found->second.contains(id);
      });
      if (everywhere && it->first.end < run.row.data_interval.end)
        return it->first.end;
    }
  return std::nullopt;
}

// The date and time in UTC, in each of Airflow's forms.
void AddDates(Time logical, json::object& values) {
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

json::array LanesOf(const model::Dag& dag) {
  json::array lanes;
  for (const model::Lane& lane : dag.lanes)
    lanes.push_back(json::object{{"id", lane.id.str()}, {"params", lane.params}});
  return lanes;
}

void AddTimes(const Run& run, Time logical, tmpl::Context& context) {
  for (const char* map : {"", "dag_run."}) {
    context.times[base::Cat(map, "logical_date")] = logical;
    context.times[base::Cat(map, "data_interval_start")] = run.row.data_interval.start;
    context.times[base::Cat(map, "data_interval_end")] = run.row.data_interval.end;
  }
}

void AddPreviousSuccess(const State& state, const Run& run, tmpl::Context& context) {
  if (auto end = PreviousSuccess(state, run))
    context.times[kPreviousSuccess] = *end;
  else
    context.values[kPreviousSuccess] = nullptr;
}

void AddOutputs(const Run& run, const JobInstance& job, tmpl::Context& context) {
  json::object outputs;
  for (const auto& [name, index] : model::OutputNames(*run.plan->dag, *job.def)) {
    const bool is_seen = IsEnded(EndSeenBy(run, index, job.index));
    const model::OutputsRow* row = is_seen ? OutputsOf(InstanceOf(run, index)) : nullptr;
    auto parsed = row == nullptr ? base::Result<json::value>() : base::ParseJson(row->outputs);
    if (row != nullptr && parsed)
      outputs[name] = std::move(*parsed);
  }
  context.values[kOutputs] = std::move(outputs);
}

}  // namespace

const model::OutputsRow* OutputsOf(const JobInstance& job) {
  const bool counts = job.outputs && job.state == JobState::kSuccess && job.attempt &&
                      job.attempt->key.n == job.outputs->key.n;
  return counts ? &*job.outputs : nullptr;
}

json::value ReturnedBy(const JobInstance& job) {
  const model::OutputsRow* row = OutputsOf(job);
  auto outputs = row == nullptr ? base::Result<json::value>() : base::ParseJson(row->outputs);
  json::value* returned = row != nullptr && outputs && outputs->is_object()
                              ? outputs->get_object().if_contains("return_value")
                              : nullptr;
  return returned == nullptr ? json::value() : std::move(*returned);
}

tmpl::Context ContextOf(const State& state,
                        const Run& run,
                        const JobInstance& job,
                        int try_number,
                        const schedule::ZoneSet& zones,
                        std::string_view texts) {
  tmpl::Context context;
  const Time logical = run.row.logical_date.value_or(run.row.run_after);
  const json::object conf = ConfOf(run.row);
  json::object& values = context.values;
  AddDates(logical, values);
  values["run_id"] = run.row.key.run.str();
  values["dag_run"] = json::object{{"run_id", run.row.key.run.str()}, {"conf", conf}};
  const int map_index = job.row.key.index;
  values["ti"] = json::object{{"try_number", try_number}, {"map_index", map_index}};
  values["map_index"] = map_index;
  if (const json::value* item = ItemOf(job))
    values["item"] = *item;
  values["dag_id"] = run.row.key.dag.str();
  values["job_id"] = job.def->id.str();
  values["try_number"] = try_number;
  values["params"] = ParamsOf(*run.plan->dag, conf);
  values["lane"] = json::object{{"id", job.def->lane.str()}, {"params", job.def->lane_params}};
  if (!run.plan->dag->lanes.empty())
    values["lanes"] = LanesOf(*run.plan->dag);
  values["deployment"] = json::object{{"id", state.identity.deployment}};
  AddTimes(run, logical, context);
  if (texts.find(kPreviousSuccess) != std::string_view::npos)
    AddPreviousSuccess(state, run, context);
  if (texts.find(kOutputs) != std::string_view::npos)
    AddOutputs(run, job, context);
  if (texts.find(kAssetEvents) != std::string_view::npos)
    values[kAssetEvents] = TriggeringEvents(state, run);
  AddSecrets(state, texts, context);
  if (auto zone = zones.Find(run.plan->dag->timezone)) {
    context.utc_offset_seconds = [zone](Time time) {
      return static_cast<int>(zone->OffsetAt(time).count());
    };
  }
  return context;
}

}  // namespace engine
