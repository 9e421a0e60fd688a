#include <utility>

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

}  // namespace

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
