// The lanes of a DAG: their params, their jobs, and how these are in the DAG's latest run.

#include <map>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "api/task_facts.h"

namespace api {

namespace {

struct Lane {
  json::object params;
  json::array jobs;
  std::map<std::string_view, int64_t> states;  // of their last tasks, in the latest run
};

// In the order of the file.
using Lanes = std::vector<std::pair<model::LaneId, Lane>>;

Lane& LaneOf(Lanes& lanes, const model::LaneId& id) {
  for (auto& [known, lane] : lanes) {
    if (known == id)
      return lane;
  }
  return lanes.emplace_back(id, Lane()).second;
}

Lanes LanesOf(const model::Dag& dag) {
  Lanes lanes;
  for (const model::Lane& lane : dag.lanes)
    LaneOf(lanes, lane.id).params = lane.params;
  for (const model::Job& job : dag.jobs) {
    if (job.lane.empty())
      continue;
    Lane& lane = LaneOf(lanes, job.lane);
    lane.jobs.emplace_back(job.id.str());
    if (lane.params.empty())
      lane.params = job.lane_params;
  }
  return lanes;
}

base::Status CountStates(const Reading& reading, const model::RunKey& run, Lanes& lanes) {
  ASSIGN_OR_RETURN(const auto tasks, reading.rows.Tasks(run, {.last = -1}));
  std::map<std::pair<model::JobId, model::LaneId>, model::TaskState> last;
  for (const model::TaskRow& task : tasks)
    last[{task.job.job, task.job.lane}] = task.state;
  for (const auto& [job, state] : last) {
    if (!job.second.empty())
      ++LaneOf(lanes, job.second)
            .states[state == model::TaskState::kNone ? "no_status" : ToString(state)];
  }
  return {};
}

}  // namespace

Answer ListLanes(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const model::DagRow row, FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
  ASSIGN_OR_RETURN(const auto run, reading.rows.LatestRun(row.dag));
  Lanes lanes = LanesOf(*dag);
  if (run) {
    RETURN_IF_ERROR(CountStates(reading, run->key, lanes));
  }
  json::array out;
  for (auto& [id, lane] : lanes) {
    json::object states;
    for (const auto& [state, count] : lane.states)
      states[state] = count;
    out.push_back(json::object{{"lane_id", id.str()},
                               {"params", std::move(lane.params)},
                               {"jobs", std::move(lane.jobs)},
                               {"states", std::move(states)}});
  }
  json::object answer = PageOf("lanes", std::move(out), *paging);
  answer["dag_id"] = row.dag.str();
  answer["dag_run_id"] = run ? json::value(run->key.run.str()) : json::value(nullptr);
  return answer;
}

}  // namespace api
