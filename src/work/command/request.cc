#include "work/command/request.h"

#include "base/json_text.h"
#include "base/text.h"
#include "model/dag.h"
#include "work/emr/render.h"

namespace work {

namespace {

using base::Cat;

// execve takes 128 KiB a text (MAX_ARG_STRLEN of Linux) and a quarter of the stack, 2 MiB, in all.
constexpr size_t kTextBytesMax = size_t{127} << 10;
constexpr size_t kAllBytesMax = size_t{1} << 20;
constexpr size_t kInputBytesMax = size_t{1} << 20;

json::object TextsOf(const model::CommandWork& work) {
  json::array argv(work.argv.begin(), work.argv.end());
  json::object env;
  for (const auto& [name, value] : work.env)
    env[name] = value;
  return {
      {"argv", std::move(argv)}, {"env", std::move(env)}, {"cwd", work.cwd}, {"stdin", work.input}};
}

base::Status CheckText(std::string_view what, std::string_view text, size_t most) {
  if (text.find('\0') != std::string_view::npos)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat(what, ": a NUL character can't be passed to a process"));
  if (text.size() > most)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat(what,
                          ": it has ",
                          text.size(),
                          " bytes; at most ",
                          most,
                          " are allowed: pass large inputs by a file or by S3"));
  return {};
}

void PutLimits(const model::ProcessLimits& limits, json::object& request) {
  json::object put;
  for (const auto& [key, limit] : {std::pair("memory", limits.memory),
                                   std::pair("file_size", limits.file_size),
                                   std::pair("open_files", limits.open_files)}) {
    if (limit)
      put[key] = *limit;
  }
  if (limits.cpu_time)
    put["cpu_time_us"] = limits.cpu_time->count();
  if (!put.empty())
    request["limits"] = std::move(put);
}

// What a task of Airflow needs to know about itself: of Airflow's workload (its ExecuteTask) the
// parts that rows know. The machine adds the rest (runtime/airflow_tasks.h).
json::object RequestOfTask(const model::AirflowTask& task,
                           const engine::Run& run,
                           const engine::JobInstance& job,
                           const model::CommandWork& work) {
  json::object ti{{"task_id", task.task_id},
                  {"dag_id", run.row.key.dag.str()},
                  {"run_id", run.row.key.run.str()},
                  {"try_number", job.row.try_number},
                  {"map_index", job.row.key.index},
                  {"pool_slots", job.def->capacity.pool_slots},
                  {"queue", "default"},
                  {"priority_weight", job.def->capacity.priority_weight}};
  json::object request{
      {"airflow",
       json::object{{"ti", std::move(ti)}, {"file", task.file}, {"version", task.version}}},
      {"outputs", "told"}};
  PutLimits(work.limits, request);
  return request;
}

// As Airflow's tasks find them.
void AddContext(const engine::Run& run, const engine::JobInstance& job, json::object& env) {
  const auto add = [&](std::string_view name, std::string value) {
    if (!env.contains(name))
      env[name] = std::move(value);
  };
  add("AIRFLOW_CTX_DAG_ID", run.row.key.dag.str());
  add("AIRFLOW_CTX_DAG_RUN_ID", run.row.key.run.str());
  add("AIRFLOW_CTX_TASK_ID", model::TaskDisplayId(*job.def, 0, job.row.key.index));
  add("AIRFLOW_CTX_TRY_NUMBER", Cat(job.row.try_number));
  if (run.row.logical_date)
    add("AIRFLOW_CTX_LOGICAL_DATE", base::FormatRfc3339(*run.row.logical_date));
}

}  // namespace

base::Result<json::object> RenderProcess(const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones) {
  const model::CommandWork& work = *model::CommandOf(*job.def);
  if (work.airflow)
    return RequestOfTask(*work.airflow, run, job, work);
  ASSIGN_OR_RETURN(json::object request,
                   RenderRequest(TextsOf(work),
                                 state,
                                 run,
                                 job,
                                 job.row.try_number,
                                 region,
                                 zones,
                                 &model::MayHoldSecret));
  size_t all = 0;
  const auto settle = [&](const std::string& what, json::value& value) -> base::Status {
    const std::string text = base::ScalarText(value);
    all += text.size() + 1;
    value = text;
    return CheckText(what, text, kTextBytesMax);
  };
  json::array& argv = request["argv"].as_array();
  for (size_t i = 0; i < argv.size(); ++i)
    RETURN_IF_ERROR(settle(Cat("command[", i, "]"), argv[i]));
  if (argv.front().as_string().empty())
    return base::Fail(base::ErrorCode::kInvalidArgument, "command[0]: it names no program");
  json::object& env = request["env"].as_object();
  for (auto& item : env)
    RETURN_IF_ERROR(settle(Cat("env.", std::string_view(item.key())), item.value()));
  if (all > kAllBytesMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("command and env have ",
                          all,
                          " bytes; at most ",
                          kAllBytesMax,
                          " are allowed: pass large inputs by a file or by S3"));
  for (const auto& [key, most] :
       {std::pair("cwd", size_t{4096}), std::pair("stdin", kInputBytesMax)}) {
    const std::string text = base::ScalarText(request[key]);
    if (std::string_view(key) == "cwd" || text.size() > most)
      RETURN_IF_ERROR(CheckText(key, text, most));
    if (text.empty())
      request.erase(key);
    else
      request[key] = text;
  }
  AddContext(run, job, env);
  if (work.outputs != model::OutputsFrom::kNothing)
    request["outputs"] = work.outputs == model::OutputsFrom::kFile ? "file" : "last_line";
  if (job.def->execution_timeout)
    request["timeout_us"] = job.def->execution_timeout->count();
  PutLimits(work.limits, request);
  return request;
}

}  // namespace work
