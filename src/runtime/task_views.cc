#include "runtime/task_views.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "runtime/airflow_tasks.h"
#include "runtime/core.h"
#include "work/kinds.h"

namespace runtime {

namespace {

std::optional<json::object> OutputsIn(const engine::JobInstance& job) {
  const auto parsed =
      job.outputs ? base::ParseJson(job.outputs->outputs) : base::Result<json::value>();
  if (!job.outputs || !parsed || !parsed->is_object())
    return std::nullopt;
  return parsed->get_object();
}

bool IsTriedAgain(const engine::JobInstance& job) {
  const auto& on = job.def->retry_on;
  const int failures = job.row.application_failures + job.row.infrastructure_failures;
  return job.row.application_failures < job.def->retries &&
         failures < std::max(job.def->retries, job.def->infra_retries) &&
         std::ranges::find(on, model::VerdictClass::kApplication) != on.end();
}

const model::RecordRow* RowOf(const Core& core, model::RecordKind kind, const std::string& name) {
  const auto& records = core.driver->state().records;
  const auto row = records.find({kind, name});
  return row == records.end() ? nullptr : &row->second;
}

}  // namespace

base::Result<TaskView> TaskViews::Find(std::string_view token) const {
  const auto process = core_.airflow_tasks.ProcessOf(token);
  if (!process)
    return base::Fail(base::ErrorCode::kPermission, "the token is not valid");
  const work::Processes& processes = work::ProcessesOf(core_.driver->engine());
  const auto key = processes.jobs.find(*process);
  const engine::State& state = core_.driver->state();
  const engine::JobInstance* job =
      key == processes.jobs.end() ? nullptr : FindJob(state, key->second);
  if (job == nullptr)
    return base::Fail(base::ErrorCode::kNotFound, "Task Instance not found");
  const engine::Run& run = state.runs.at(key->second.run);
  const model::ProcessRow& row = processes.live.at(key->second);
  return TaskView{.process = *process,
                  .id = TaskUuidOf(*process),
                  .key = key->second,
                  .dag = run.plan->dag,
                  .job = job->def,
                  .run = run.row,
                  .try_number = row.key.n,
                  .should_retry = IsTriedAgain(*job),
                  .is_wanted = job->attempt && job->attempt->key == row.key &&
                               !job->attempt->ended_at && !row.stop_requested_at};
}

std::optional<json::object> TaskViews::ToldBy(const model::JobKey& key) const {
  const engine::JobInstance* job = FindJob(core_.driver->state(), key);
  return job == nullptr ? std::nullopt : OutputsIn(*job);
}

std::vector<std::pair<int, json::object>> TaskViews::ToldByAll(const model::JobKey& key) const {
  std::vector<std::pair<int, json::object>> told;
  const engine::State& state = core_.driver->state();
  const engine::JobInstance* job = FindJob(state, key);
  const engine::Mapped* mapped =
      job == nullptr ? nullptr : engine::MappedOf(state.runs.at(key.run), *job);
  if (mapped == nullptr)
    return told;
  for (const engine::JobInstance& instance : mapped->instances) {
    if (auto outputs = OutputsIn(instance))
      told.emplace_back(instance.row.key.index, *std::move(outputs));
  }
  return told;
}

base::Result<json::object> TaskViews::Variable(const std::string& key) const {
  ASSIGN_OR_RETURN(const secrets::Variable variable,
                   core_.book.FindVariable(key, RowOf(core_, model::RecordKind::kVariable, key)));
  return json::object{{"key", key}, {"value", variable.value}};
}

base::Result<json::object> TaskViews::Connection(const std::string& id) const {
  ASSIGN_OR_RETURN(const secrets::Connection connection,
                   core_.book.FindConnection(id, RowOf(core_, model::RecordKind::kConnection, id)));
  json::object out = secrets::ToJson(connection);
  out["conn_id"] = id;
  return out;
}

}  // namespace runtime
