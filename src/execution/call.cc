#include "execution/call.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/dag_json.h"
#include "model/select.h"

namespace execution {

using base::Cat;

namespace {

struct Refusal {
  int status;
  std::string_view reason;
};

Refusal RefusalOf(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kNotFound:
      return {404, "not_found"};
    case base::ErrorCode::kConflict:
      return {409, "conflict"};
    case base::ErrorCode::kInvalidArgument:
      return {400, "invalid_request"};
    case base::ErrorCode::kPermission:
      return {403, "access_denied"};
    case base::ErrorCode::kStale:
    case base::ErrorCode::kThrottled:
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeoutUnknown:
      return {503, "unavailable"};
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kInternal:
      break;
  }
  return {500, "internal"};
}

}  // namespace

model::Principal Call::principal() const {
  return {Cat("task ", ToString(task.key)), "task", request.peer};
}

base::Result<std::optional<int64_t>> Call::Number(std::string_view name) const {
  const auto text = target.Param(name);
  if (!text)
    return std::nullopt;
  const auto number = base::ParseInt(*text);
  if (!number)
    return base::Fail(base::ErrorCode::kInvalidArgument, Cat("'", name, "' is a whole number"));
  return *number;
}

bool Call::Flag(std::string_view name) const {
  const std::string text = base::ToLower(target.Param(name).value_or("false"));
  return text == "true" || text == "1";
}

std::vector<std::string> Call::All(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : target.query) {
    if (key == name)
      all.push_back(value);
  }
  return all;
}

void Call::Send(const json::value& answer, int status) const {
  http::Response response{.status = status, .body = base::ValidUtf8(base::Serialize(answer))};
  response.headers.Set("Content-Type", "application/json");
  responder.Send(std::move(response));
}

void Call::SendNothing() const {
  responder.Send({.status = 204});
}

void Call::Refuse(int status, std::string_view reason, std::string_view message) const {
  Send(json::object{{"detail", json::object{{"reason", reason}, {"message", message}}}}, status);
}

void Call::Refuse(const base::Error& error) const {
  const Refusal refusal = RefusalOf(error.code);
  Refuse(refusal.status, refusal.reason, error.message);
}

const model::Job* JobCalled(const model::Dag& dag, std::string_view task_id) {
  const auto found = std::ranges::find_if(
      dag.jobs, [&](const model::Job& job) { return model::IsCalled(job, task_id); });
  return found == dag.jobs.end() ? nullptr : &*found;
}

std::string TaskIdOf(const model::Job& job) {
  const model::CommandWork* command = model::CommandOf(job);
  return command != nullptr && command->airflow ? command->airflow->task_id
                                                : model::DisplayName(job.id, job.lane);
}

base::Result<std::shared_ptr<const model::Dag>> DagOf(store::Reader& rows,
                                                      const model::VersionId& version) {
  ASSIGN_OR_RETURN(const model::DagVersionRow row, rows.Version(version));
  return model::DagOf(row);
}

json::value TimeOrNull(const std::optional<base::Time>& time) {
  return time ? json::value(base::FormatRfc3339(*time)) : json::value();
}

json::object DagRunJson(const model::RunRow& run) {
  const auto conf = base::ParseJson(run.conf.empty() ? "{}" : run.conf);
  return {{"dag_id", run.key.dag.str()},
          {"run_id", run.key.run.str()},
          {"logical_date", TimeOrNull(run.logical_date)},
          {"data_interval_start", TimeOrNull(run.data_interval.start)},
          {"data_interval_end", TimeOrNull(run.data_interval.end)},
          {"run_after", TimeOrNull(run.run_after)},
          {"start_date", TimeOrNull(run.start_date ? run.start_date : run.queued_at)},
          {"end_date", TimeOrNull(run.end_date)},
          {"clear_number", 0},
          {"run_type", ToString(run.type)},
          {"state", ToString(run.state)},
          {"conf", conf ? *conf : json::value(json::object())},
          {"triggering_user_name",
           run.triggered_by.empty() ? json::value() : json::value(run.triggered_by)},
          {"consumed_asset_events", json::array()},
          {"partition_key", nullptr},
          {"note", run.note.empty() ? json::value() : json::value(run.note)}};
}

}  // namespace execution
