#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "api/times.h"

namespace api {

namespace {

base::Result<std::optional<base::Interval>> ReadInterval(const json::object& body) {
  ASSIGN_OR_RETURN(const auto start, ReadTime(body, "data_interval_start"));
  ASSIGN_OR_RETURN(const auto end, ReadTime(body, "data_interval_end"));
  if (start.has_value() != end.has_value())
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        "'data_interval_start' and 'data_interval_end' go together: give both or none");
  return start ? std::optional(base::Interval{*start, *end}) : std::nullopt;
}

base::Result<model::TriggerRun> ReadTrigger(const Exchange& exchange) {
  const json::object& body = exchange.body;
  model::TriggerRun trigger{.dag = exchange.dag(), .by = exchange.principal()};
  const json::value* run_id = body.if_contains("dag_run_id");
  if (run_id != nullptr && !run_id->is_null())
    trigger.run_id = model::RunId(std::string(run_id->get_string()));
  ASSIGN_OR_RETURN(trigger.logical_date, ReadTime(body, "logical_date"));
  ASSIGN_OR_RETURN(trigger.data_interval, ReadInterval(body));
  const json::value* conf = body.if_contains("conf");
  if (conf != nullptr && !conf->is_null()) {
    RETURN_IF_ERROR(CheckConf(conf->get_object(), "conf"));
    trigger.conf = conf->get_object();
  }
  trigger.note = base::GetString(body, "note");
  return trigger;
}

json::object JobJson(runtime::RunPreview::Job& job) {
  json::object out{{"job_id", job.key.job.str()},
                   {"lane_id", TextOrNull(job.key.lane.str())},
                   {"display_name", DisplayName(job.key)},
                   {"type", job.type},
                   {"is_mapped", job.is_mapped},
                   {"request", nullptr},
                   {"trouble", nullptr}};
  if (!job.request)
    out["trouble"] = job.request.error().message;
  else if (!job.request->empty())
    out["request"] = *std::move(job.request);
  return out;
}

}  // namespace

Answer PreviewRun(Context& context, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const model::TriggerRun trigger, ReadTrigger(exchange));
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(
      runtime::RunPreview preview,
      context.views.PreviewRun(
          trigger, static_cast<size_t>(paging->offset), static_cast<size_t>(paging->limit)));
  json::array jobs;
  for (runtime::RunPreview::Job& job : preview.jobs)
    jobs.push_back(JobJson(job));
  const model::RunRow& row = preview.row;
  return json::object{{"dag_id", row.key.dag.str()},
                      {"dag_run_id", row.key.run.str()},
                      {"logical_date", TimeOrNull(row.logical_date)},
                      {"data_interval_start", TimeOrNull(row.data_interval.start)},
                      {"data_interval_end", TimeOrNull(row.data_interval.end)},
                      {"version", row.version.str()},
                      {"params", std::move(preview.params)},
                      {"jobs", std::move(jobs)},
                      {"total_entries", preview.total}};
}

void TriggerRun(Context& context, const SharedExchange& exchange, Answered answered) {
  base::Result<model::TriggerRun> trigger = ReadTrigger(*exchange);
  if (!trigger)
    return answered(base::Fail(trigger.error()));
  context.commands.Trigger(
      *std::move(trigger),
      [&context, exchange, answered = std::move(answered)](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        Exchange created = *exchange;
        created.args = {created.args.at(0), outcome->run->run.str()};
        AnswerWith(context, &GetRun, std::move(created), answered);
      });
}

}  // namespace api
