#include "engine/triggers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/conf.h"
#include "engine/notes.h"
#include "engine/runs.h"
#include "engine/schedules.h"

namespace engine {

namespace {

using base::Cat;

bool IsRunId(std::string_view text) {
  // "~" is any run to the API, and a path with a part "." or ".." is another path.
  return !text.empty() && text.size() <= 250 && text != "." && text != ".." && text != "~" &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  std::string_view("_.~:+-").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

// A run that is due may not find its id taken.
std::string_view ReservedPrefix(const model::RunId& run) {
  constexpr std::array<std::string_view, 4> kReserved = {
      "scheduled__", "backfill__", "asset_triggered__", kOperatorPrefix};
  for (std::string_view prefix : kReserved) {
    if (run.str().starts_with(prefix))
      return prefix;
  }
  return "";
}

base::Interval ManualInterval(const DagEntry& entry, Time logical_date) {
  std::optional<schedule::Fire> fire =
      entry.timetable ? entry.timetable->PrevAtOrBefore(logical_date) : std::nullopt;
  if (!fire)
    return {logical_date, logical_date};
  if (entry.timetable->kind() == model::Timetable::kDataInterval)
    return fire->data_interval;
  return {fire->run_after == logical_date ? fire->data_interval.start : fire->run_after,
          logical_date};
}

base::Status Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

base::Status CheckRunId(const WantedRun& wanted) {
  const model::RunId& run = wanted.key.run;
  if (!IsRunId(run.str()))
    return Invalid(Cat("'",
                       base::Excerpt(run.str()),
                       "' is not a run id: 1 to 250 of letters, digits and _ . ~ : + -"));
  const std::string_view reserved = ReservedPrefix(run);
  const bool is_own =
      wanted.type == model::RunType::kOperatorTriggered && reserved == kOperatorPrefix;
  if (!reserved.empty() && !is_own)
    return Invalid(Cat("run ids that begin with '",
                       reserved,
                       "' are the scheduler's own: choose another for this run"));
  return {};
}

}  // namespace

base::Status CheckWanted(const State& state, const WantedRun& wanted) {
  const model::RunKey& key = wanted.key;
  const auto found = state.dags.find(key.dag);
  if (found == state.dags.end())
    return base::Fail(base::ErrorCode::kNotFound,
                      Cat("there is no DAG '", base::Excerpt(key.dag.str()), "'"));
  const DagEntry& entry = found->second;
  if (!entry.row.is_active)
    return FileIsGone(key.dag);
  RETURN_IF_ERROR(CheckConf(*entry.plan->dag, wanted.conf));
  RETURN_IF_ERROR(CheckRunId(wanted));
  if (wanted.data_interval && wanted.data_interval->start > wanted.data_interval->end)
    return Invalid("the data interval ends before it starts: its start comes first");
  if (state.runs.contains(key))
    return base::Fail(base::ErrorCode::kConflict,
                      Cat("the run '",
                          base::Excerpt(key.run.str()),
                          "' of '",
                          base::Excerpt(key.dag.str()),
                          "' exists already"));
  return {};
}

namespace {

model::RunRow RowOf(const DagEntry& entry, const WantedRun& wanted, Time now) {
  model::RunRow row;
  row.key = wanted.key;
  row.type = wanted.type;
  row.logical_date = wanted.logical_date;
  row.data_interval =
      wanted.data_interval.value_or(ManualInterval(entry, wanted.logical_date.value_or(now)));
  row.run_after = now;
  row.conf = base::Serialize(wanted.conf);
  row.triggered_by = wanted.triggered_by;
  row.note = wanted.note;
  return row;
}

base::Result<WantedRun> WantedOf(const State& state, const model::TriggerRun& event, Time now) {
  const Time date = event.logical_date.value_or(now);
  WantedRun wanted{
      .key = {event.dag, event.run_id.value_or(model::RunId("manual__" + base::FormatIso(date)))},
      .type = model::RunType::kManual,
      .logical_date = event.logical_date,
      .data_interval = event.data_interval,
      .conf = event.conf,
      .triggered_by = event.by.name,
      .note = event.note};
  RETURN_IF_ERROR(CheckWanted(state, wanted));
  RETURN_IF_ERROR(CheckNote(event.note));
  return wanted;
}

}  // namespace

void CreateWanted(Turn& turn, const WantedRun& wanted) {
  DagEntry& entry = turn.state.dags.at(wanted.key.dag);
  CreateRun(turn, entry, RowOf(entry, wanted, turn.now));
  RefreshFire(turn.state, entry);
}

base::Result<Run> PreviewRun(const State& state, const model::TriggerRun& event, Time now) {
  ASSIGN_OR_RETURN(const WantedRun wanted, WantedOf(state, event, now));
  const DagEntry& entry = state.dags.at(wanted.key.dag);
  Run run;
  run.row = RowOf(entry, wanted, now);
  run.row.version = entry.row.version;
  run.row.deletions = state.last_deletion;
  run.plan = entry.plan;
  run.jobs.resize(run.plan->dag->jobs.size());
  for (size_t i = 0; i < run.jobs.size(); ++i) {
    JobInstance& job = run.jobs[i];
    job.def = &run.plan->dag->jobs[i];
    job.index = static_cast<int>(i);
    job.row.key = {run.row.key, job.def->id, job.def->lane};
    job.row.try_number = 1;
    job.attempt.emplace();
    job.attempt->key = {job.row.key, 1};
  }
  return run;
}

void Trigger(Turn& turn, const model::TriggerRun& event, Changes& changes) {
  const base::Result<WantedRun> wanted_run = WantedOf(turn.state, event, turn.now);
  if (!wanted_run) {
    changes.outcome = base::Fail(wanted_run.error());
    return;
  }
  const WantedRun& wanted = *wanted_run;
  changes.run = wanted.key;
  CreateWanted(turn, wanted);
}

}  // namespace engine
