#include <map>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"

namespace api {

namespace {

json::object LaunchJson(const model::LaunchRow& launch) {
  return {{"token", launch.token.str()},
          {"launch_no", launch.launch_no},
          {"state", ToString(launch.state)},
          {"cluster_id", TextOrNull(launch.cluster.str())},
          {"created_at", TimeOrNull(launch.created_at)},
          {"message", TextOrNull(launch.message)}};
}

json::object AttemptJson(const model::AttemptRow& attempt,
                         json::array launches,
                         const std::string& cause) {
  const model::JobKey& job = attempt.key.job;
  json::array clusters;
  for (const json::value& launch : launches) {
    if (const json::value& id = launch.get_object().at("cluster_id"); !id.is_null())
      clusters.push_back(id);
  }
  json::value verdict = nullptr;
  if (attempt.verdict)
    verdict = ToString(*attempt.verdict);
  return {{"dag_id", job.run.dag.str()},
          {"dag_run_id", job.run.run.str()},
          {"job_id", job.job.str()},
          {"lane_id", TextOrNull(job.lane.str())},
          {"map_index", job.index},
          {"display_name", model::DisplayName(job)},
          {"try_number", attempt.key.n},
          {"started_at", TimeOrNull(attempt.started_at)},
          {"ended_at", TimeOrNull(attempt.ended_at)},
          {"verdict", std::move(verdict)},
          {"reason", TextOrNull(attempt.reason)},
          {"cause", TextOrNull(cause)},
          {"cluster_ids", std::move(clusters)},
          {"launches", std::move(launches)},
          {"version", attempt.version.str()}};
}

}  // namespace

Answer ListAttempts(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  store::Reader& reader = reading.rows;
  ASSIGN_OR_RETURN(auto attempts, reader.Attempts(exchange.run()));
  const Slice slice = SliceOf(attempts.size(), *paging);
  attempts.erase(attempts.begin() + static_cast<std::ptrdiff_t>(slice.end), attempts.end());
  attempts.erase(attempts.begin(), attempts.begin() + static_cast<std::ptrdiff_t>(slice.begin));
  std::map<std::pair<model::JobId, model::LaneId>, store::Instances> shown;
  for (const model::AttemptRow& attempt : attempts) {
    const model::JobKey& job = attempt.key.job;
    const auto [of, is_new] = shown.try_emplace(
        {job.job, job.lane}, store::Instances{job.job, job.lane, job.index, job.index});
    of->second.last = job.index;  // by key: the indices ascend
  }
  std::map<model::AttemptKey, json::array> launches_of;
  for (const auto& [job, of] : shown) {
    ASSIGN_OR_RETURN(auto launches, reader.Launches(exchange.run(), of));
    for (const model::LaunchRow& launch : launches)
      launches_of[launch.attempt].push_back(LaunchJson(launch));
  }
  std::map<model::AttemptKey, std::string> causes;
  ASSIGN_OR_RETURN(auto found, reader.Causes(exchange.run()));
  for (model::CauseRow& cause : found)
    causes.emplace(cause.key, std::move(cause.text));
  json::array out;
  for (const model::AttemptRow& attempt : attempts)
    out.push_back(AttemptJson(attempt, std::move(launches_of[attempt.key]), causes[attempt.key]));
  return ListObject("attempts", std::move(out), slice, *paging);
}

}  // namespace api
