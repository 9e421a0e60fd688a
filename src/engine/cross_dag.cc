#include "engine/cross_dag.h"

#include <algorithm>

#include "base/json.h"

namespace engine {

namespace {

// `dag/job` means the same lane where both have it, else all lanes.
std::vector<model::LaneId> LanesOf(const model::Dag& dag,
                                   const model::CrossDependency& edge,
                                   const model::LaneId& mine) {
  std::vector<model::LaneId> all;
  for (const model::Job& job : dag.jobs) {
    if (job.id == edge.job)
      all.push_back(job.lane);
  }
  const model::LaneId& wanted = edge.lane ? *edge.lane : mine;
  if (edge.lane || std::find(all.begin(), all.end(), wanted) != all.end())
    return {wanted};
  return all;
}

// The logical dates of the upstream runs that an edge means.
std::vector<Time> UpstreamDates(const schedule::Timetable& timetable,
                                model::Window window,
                                const base::Interval& mine) {
  std::vector<Time> dates;
  std::optional<schedule::Fire> fire = timetable.LatestIntervalEndingBy(mine.end);
  switch (window) {
    case model::Window::kLatestDue:
      if (fire)
        dates.push_back(fire->logical_date);
      break;
    case model::Window::kSameInterval:
      if (fire && fire->data_interval == mine)
        dates.push_back(fire->logical_date);
      break;
    case model::Window::kCovers:
      while (fire && fire->data_interval.start >= mine.start) {
        dates.push_back(fire->logical_date);
        fire = timetable.Prev(fire->run_after);
      }
      std::reverse(dates.begin(), dates.end());
      break;
  }
  return dates;
}

bool IsOver(const State& state, const WaitsFor& wait) {
  for (const model::LaneId& lane : wait.lanes) {
    auto found = state.successes.find({wait.dag, wait.job, lane});
    if (found == state.successes.end())
      return false;
    const std::map<Time, Time>& dates = found->second;
    bool over = wait.logical_date ? dates.contains(*wait.logical_date)
                                  : std::any_of(dates.begin(), dates.end(), [&](const auto& date) {
                                      return date.second <= wait.until;
                                    });
    if (!over)
      return false;
  }
  return true;
}

}  // namespace

std::vector<WaitsFor> ResolveWaits(const State& state,
                                   const model::Job& job,
                                   const base::Interval& interval) {
  std::vector<WaitsFor> waits;
  for (const model::CrossDependency& edge : job.cross) {
    WaitsFor wait{edge.dag, edge.job, {}, std::nullopt, interval.end};
    auto upstream = state.dags.find(edge.dag);
    if (upstream == state.dags.end()) {
      wait.lanes = {edge.lane.value_or(job.lane)};
      waits.push_back(std::move(wait));  // waits for a DAG that does not exist yet
      continue;
    }
    const DagEntry& entry = upstream->second;
    wait.lanes = LanesOf(*entry.plan->dag, edge, job.lane);
    if (!entry.timetable) {
      waits.push_back(std::move(wait));
      continue;
    }
    for (Time date : UpstreamDates(*entry.timetable, edge.window, interval)) {
      wait.logical_date = date;
      waits.push_back(wait);
    }
  }
  return waits;
}

std::string WaitsToText(const std::vector<WaitsFor>& waits) {
  if (waits.empty())
    return "";
  json::array out;
  for (const WaitsFor& wait : waits) {
    json::array lanes;
    for (const model::LaneId& lane : wait.lanes)
      lanes.emplace_back(lane.str());
    json::object item{{"dag", wait.dag.str()},
                      {"job", wait.job.str()},
                      {"lanes", std::move(lanes)},
                      {"until_us", base::ToMicros(wait.until)}};
    if (wait.logical_date)
      item["logical_date_us"] = base::ToMicros(*wait.logical_date);
    out.push_back(std::move(item));
  }
  return json::serialize(out);
}

std::vector<WaitsFor> WaitsFromText(const std::string& text) {
  std::vector<WaitsFor> waits;
  auto parsed = base::ParseJson(text.empty() ? "[]" : text);
  if (!parsed || !parsed->is_array())
    return waits;
  for (const json::value& value : parsed->get_array()) {
    if (!value.is_object())
      continue;
    const json::object& item = value.get_object();
    WaitsFor& wait = waits.emplace_back();
    wait.dag = model::DagId(base::GetString(item, "dag"));
    wait.job = model::JobId(base::GetString(item, "job"));
    for (const json::value& lane : base::GetArray(item, "lanes"))
      wait.lanes.emplace_back(std::string(lane.is_string() ? lane.get_string().c_str() : ""));
    wait.until = base::FromMicros(base::GetInt(item, "until_us"));
    if (item.contains("logical_date_us"))
      wait.logical_date = base::FromMicros(base::GetInt(item, "logical_date_us"));
  }
  return waits;
}

bool WaitsAreOver(const State& state, const JobInstance& job) {
  return std::all_of(job.waits_for.begin(), job.waits_for.end(), [&](const WaitsFor& wait) {
    return IsOver(state, wait);
  });
}

void BeginWaiting(State& state, JobInstance& job) {
  job.upstream_elsewhere = !job.waits_for.empty();
  if (job.upstream_elsewhere)
    state.waiting_elsewhere.insert(job.row.key);
}

void StopWaiting(State& state, JobInstance& job) {
  if (job.upstream_elsewhere)
    state.waiting_elsewhere.erase(job.row.key);
  job.upstream_elsewhere = false;
}

void RememberSuccess(State& state, const JobRef& job, Time logical_date, Time interval_end) {
  state.successes[job][logical_date] = interval_end;
}

void ForgetSuccess(State& state, const Run& run, const JobInstance& job) {
  auto found = state.successes.find({run.row.key.dag, job.def->id, job.def->lane});
  if (found != state.successes.end())
    found->second.erase(run.row.logical_date.value_or(run.row.run_after));
}

std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before) {
  JobRef ref{run.row.key.dag, job.def->id, job.def->lane};
  std::map<Time, Time>& dates = state.successes[ref];
  // Before the new one is noted: whoever waits for it finds it, however old its date.
  while (dates.size() > 1 && dates.begin()->first < forget_before)
    dates.erase(dates.begin());
  dates[run.row.logical_date.value_or(run.row.run_after)] = run.row.data_interval.end;
  std::vector<model::JobKey> concerned;
  for (const model::JobKey& key : state.waiting_elsewhere) {
    const JobInstance* waiting = FindJob(state, key);
    bool names_it = std::any_of(
        waiting->waits_for.begin(), waiting->waits_for.end(), [&](const WaitsFor& wait) {
          return wait.dag == ref.dag && wait.job == ref.job;
        });
    if (names_it)
      concerned.push_back(key);
  }
  return concerned;
}

}  // namespace engine
