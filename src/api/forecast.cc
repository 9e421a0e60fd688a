// When the work that is to come will be done, and what that means for the deadlines.

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using runtime::DeadlineState;
using runtime::ForecastAnswer;
using runtime::ForecastJob;
using runtime::ForecastQuery;
using runtime::ForecastRun;

constexpr base::Duration kLongestHorizon = base::hours(24 * 35);

std::string_view StateText(const std::optional<model::RunState>& state) {
  return state ? ToString(*state) : "coming";
}

json::value ChanceJson(std::optional<double> share) {
  return share ? json::value(std::round(*share * 1000) / 1000) : json::value(nullptr);
}

json::object JobJson(const ForecastJob& job) {
  return {{"dag_id", job.key.run.dag.str()},
          {"dag_run_id", job.key.run.run.str()},
          {"job_id", job.key.job.str()},
          {"lane", TextOrNull(job.key.lane.str())},
          {"display_name", DisplayName(job.key)},
          {"start", TimeOrNull(job.begins)},
          {"end", TimeOrNull(job.ends)}};
}

// Of a path through several DAGs, the jobs that the caller sees.
json::array PathJson(const std::vector<ForecastJob>& path, const SightPtr& sight) {
  json::array jobs;
  for (const ForecastJob& job : path) {
    if (MaySee(sight, job.key.run.dag))
      jobs.push_back(JobJson(job));
  }
  return jobs;
}

json::object RunJson(const ForecastRun& run, const SightPtr& sight) {
  return {{"dag_id", run.key.dag.str()},
          {"dag_run_id", run.key.run.str()},
          {"state", StateText(run.state)},
          {"data_interval_start", TimeOrNull(run.data_interval.start)},
          {"data_interval_end", TimeOrNull(run.data_interval.end)},
          {"run_after", TimeOrNull(run.run_after)},
          {"finish_p50", TimeOrNull(run.p50)},
          {"finish_p90", TimeOrNull(run.p90)},
          {"fail_chance", ChanceJson(run.fail_chance)},
          {"basis", run.basis},
          {"no_history", TextOrNull(run.no_history)},
          {"never", TextOrNull(run.never)},
          {"critical_path", PathJson(run.critical_path, sight)}};
}

json::object DeadlineJson(const DeadlineState& deadline) {
  json::object out{{"deadline", TextOrNull(deadline.name)},
                   {"dag_id", deadline.run.dag.str()},
                   {"dag_run_id", deadline.run.run.str()},
                   {"state", StateText(deadline.state)},
                   {"job", nullptr},
                   {"due", TimeOrNull(deadline.due)},
                   {"status", ToString(deadline.status)},
                   {"miss_chance", ChanceJson(deadline.miss_chance)},
                   {"finish_p50", TimeOrNull(deadline.p50)},
                   {"finish_p90", TimeOrNull(deadline.p90)},
                   {"holds_up", TextOrNull(deadline.holds_up)}};
  if (deadline.job)
    out["job"] = DisplayName(*deadline.job);
  return out;
}

json::object ListOf(std::string_view name,
                    json::array items,
                    const ForecastAnswer& answer,
                    const Paging& paging) {
  json::object out = PageOf(name, std::move(items), paging);
  out["now"] = TimeOrNull(answer.now);
  out["horizon"] = TimeOrNull(answer.horizon);
  out["is_cut"] = answer.is_cut;
  return out;
}

// Of the open jobs, mapped ones as a whole.
json::array JobsJson(const ForecastRun& run) {
  json::array jobs;
  for (const ForecastJob& job : run.jobs) {
    json::object line = JobJson(job);
    line["end_p90"] = TimeOrNull(job.p90);
    line["slack_seconds"] = job.slack.count() / 1'000'000;
    jobs.push_back(std::move(line));
  }
  return jobs;
}

// What both lists are asked by.
base::Result<ForecastQuery> ReadQuery(const Exchange& exchange) {
  ForecastQuery query;
  ASSIGN_OR_RETURN(auto dag, ReadOne(exchange, "dag_id"));
  if (dag)
    query.dag = model::DagId(*dag);
  ASSIGN_OR_RETURN(auto horizon, ReadOne(exchange, "horizon"));
  if (!horizon)
    return query;
  const auto span = base::ParseDuration(*horizon);
  if (!span)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'horizon': ", span.error().message));
  if (*span < base::minutes(1) || *span > kLongestHorizon)
    return base::Fail(base::ErrorCode::kInvalidArgument, "'horizon' must be from 1m to 35d");
  query.horizon = *span;
  return query;
}

// The forecast is made off the loop; `answer` makes the reply of it, there too.
void Ask(Context& context,
         const SharedExchange& exchange,
         ForecastQuery query,
         std::function<Answer(const Reading&, const ForecastAnswer&)> answer,
         Answered answered) {
  context.desk.Read<Reply>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [query = std::move(query), forecaster = context.views.Forecast(), answer = std::move(answer)](
          const Reading& reading) { return answer(reading, forecaster.Ask(query)); },
      std::move(answered));
}

}  // namespace

void GetForecast(Context& context, const SharedExchange& exchange, Answered answered) {
  auto query = ReadQuery(*exchange);
  if (!query)
    return answered(base::Fail(query.error()));
  const auto with_jobs = ReadBool(*exchange, "with_jobs");
  if (!with_jobs)
    return answered(base::Fail(with_jobs.error()));
  query->with_jobs = with_jobs->value_or(false);
  const auto paging = ReadPaging(*exchange);
  if (!paging)
    return answered(Answer(paging.error()));
  Ask(
      context,
      exchange,
      std::move(*query),
      [paging = *paging, with_jobs = with_jobs->value_or(false), sight = exchange->sight](
          const Reading&, const ForecastAnswer& forecast) -> Answer {
        json::array runs;
        for (const ForecastRun& run : forecast.runs) {
          if (!MaySee(sight, run.key.dag))
            continue;
          json::object item = RunJson(run, sight);
          if (with_jobs)
            item["jobs"] = JobsJson(run);
          runs.push_back(std::move(item));
        }
        return ListOf("runs", std::move(runs), forecast, paging);
      },
      std::move(answered));
}

void GetRunForecast(Context& context, const SharedExchange& exchange, Answered answered) {
  ForecastQuery query{.horizon = {}, .dag = exchange->dag(), .run = exchange->run().run};
  query.with_jobs = true;
  Ask(
      context,
      exchange,
      std::move(query),
      [key = exchange->run(), sight = exchange->sight](const Reading& reading,
                                                       const ForecastAnswer& forecast) -> Answer {
        if (forecast.runs.empty()) {
          ASSIGN_OR_RETURN(const model::RunRow row, reading.rows.Run(key));
          return base::Fail(base::ErrorCode::kNotFound,
                            base::Cat("the run has ended (", ToString(row.state), ")"));
        }
        const ForecastRun& run = forecast.runs.front();
        json::object out = RunJson(run, sight);
        out["jobs"] = JobsJson(run);
        return out;
      },
      std::move(answered));
}

namespace {

base::Status CheckStatuses(const std::vector<std::string>& statuses) {
  for (const std::string& status : statuses) {
    const auto known = {"on_track", "at_risk", "late", "missed"};
    if (std::find(known.begin(), known.end(), status) == known.end())
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("there is no status '",
                                  base::Excerpt(status),
                                  "'; there are on_track, at_risk, late and missed"));
  }
  return {};
}

}  // namespace

void ListDeadlines(Context& context, const SharedExchange& exchange, Answered answered) {
  auto query = ReadQuery(*exchange);
  if (!query)
    return answered(base::Fail(query.error()));
  query->about = ForecastQuery::About::kDeadlines;
  const auto paging = ReadPaging(*exchange);
  if (!paging)
    return answered(Answer(paging.error()));
  std::vector<std::string> wanted = ReadAll(*exchange, "status");
  if (const base::Status known = CheckStatuses(wanted); !known)
    return answered(base::Fail(known.error()));
  Ask(
      context,
      exchange,
      std::move(*query),
      [paging = *paging, wanted = std::move(wanted), sight = exchange->sight](
          const Reading&, const ForecastAnswer& forecast) -> Answer {
        json::array deadlines;
        for (const DeadlineState& deadline : forecast.deadlines) {
          const bool is_wanted =
              wanted.empty() ||
              std::find(wanted.begin(), wanted.end(), ToString(deadline.status)) != wanted.end();
          if (!is_wanted || !MaySee(sight, deadline.run.dag))
            continue;
          json::object item = DeadlineJson(deadline);
          // It may name jobs of DAGs that the caller does not see.
          if (IsScoped(sight))
            item["holds_up"] = nullptr;
          deadlines.push_back(std::move(item));
        }
        return ListOf("deadlines", std::move(deadlines), forecast, paging);
      },
      std::move(answered));
}

Answer ListPastDeadlines(const Reading& reading, const Exchange& exchange) {
  constexpr int64_t kMost = 10'000;
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto dag, ReadOne(exchange, "dag_id"));
  ASSIGN_OR_RETURN(const auto rows, reading.rows.PastDeadlines(kMost));
  json::array deadlines;
  for (const model::DeadlineRow& row : rows) {
    const model::JobKey& key = row.key.job;
    if (dag && *dag != key.run.dag.str())
      continue;
    json::object item{{"deadline", TextOrNull(row.key.name)},
                      {"dag_id", key.run.dag.str()},
                      {"dag_run_id", key.run.run.str()},
                      {"job", nullptr},
                      {"due", TimeOrNull(row.due)},
                      {"status", ToString(row.status)},
                      {"since", TimeOrNull(row.since)}};
    if (!key.job.empty())
      item["job"] = DisplayName(key.job, key.lane);
    deadlines.push_back(std::move(item));
  }
  return PageOf("deadlines", std::move(deadlines), *paging);
}

}  // namespace api
