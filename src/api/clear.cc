// Clear: tasks run again, with Airflow's paths, fields and defaults. What is beyond one run goes
// run by run, those upstream first; each is one step of its own, and a clear that broke off can be
// repeated.

#include <utility>

#include "api/clear_reach.h"
#include "api/job_names.h"
#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kLongestRunId = 250;  // of those that can be made

struct ClearRequest {
  ClearScope scope;
  bool dry_run = true;
  bool on_latest_version = false;
  model::Principal by;
  SightPtr sight;  // who asks clears nothing that they do not see
};

base::Result<std::vector<std::string>> ReadTaskIds(const json::object& body) {
  std::vector<std::string> ids;
  for (const json::value& id : base::GetArray(body, "task_ids")) {
    if (id.is_string()) {
      ids.emplace_back(std::string_view(id.get_string()));
      continue;
    }
    const json::array* pair = id.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_int64())
      return Invalid("'task_ids' must be a list of texts, or of [task_id, map_index]");
    ids.push_back(InstanceName(std::string_view((*pair)[0].get_string()), (*pair)[1].get_int64()));
  }
  return ids;
}

base::Result<ClearRequest> ReadClearTaskInstances(const Exchange& exchange) {
  const json::object& body = exchange.body;
  ClearRequest request;
  const std::string run_id = base::GetString(body, "dag_run_id");
  if (run_id.empty() || run_id.size() > kLongestRunId)
    return Invalid("'dag_run_id' is needed: the run to begin with");
  ClearScope& scope = request.scope;
  scope.run = {exchange.dag(), model::RunId(run_id)};
  request.by = exchange.principal();
  request.sight = exchange.sight;
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(body, "dry_run", true));
  ASSIGN_OR_RETURN(scope.only_failed, ReadFlag(body, "only_failed", true));
  ASSIGN_OR_RETURN(scope.reach.downstream, ReadFlag(body, "include_downstream", false));
  ASSIGN_OR_RETURN(scope.reach.upstream, ReadFlag(body, "include_upstream", false));
  ASSIGN_OR_RETURN(scope.past, ReadFlag(body, "include_past", false));
  ASSIGN_OR_RETURN(scope.future, ReadFlag(body, "include_future", false));
  ASSIGN_OR_RETURN(scope.other_dags, ReadFlag(body, "include_other_dags", false));
  ASSIGN_OR_RETURN(bool reset, ReadFlag(body, "reset_dag_runs", true));
  if (!reset)
    return Invalid("'reset_dag_runs: false' is not supported: a run with open tasks runs");
  ASSIGN_OR_RETURN(request.on_latest_version, ReadFlag(body, "run_on_latest_version", false));
  ASSIGN_OR_RETURN(scope.task_ids, ReadTaskIds(body));
  return request;
}

base::Result<ClearRequest> ReadClearRun(const Exchange& exchange) {
  ClearRequest request;
  request.scope.run = exchange.run();
  request.by = exchange.principal();
  request.sight = exchange.sight;
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(exchange.body, "dry_run", true));
  ASSIGN_OR_RETURN(request.scope.only_failed, ReadFlag(exchange.body, "only_failed", false));
  ASSIGN_OR_RETURN(request.on_latest_version,
                   ReadFlag(exchange.body, "run_on_latest_version", false));
  return request;
}

// The task instances of the jobs, run after run, as one list.
base::Result<JobsRead> TaskInstancesOf(const Reading& reading, const ClearReach& reach) {
  JobsRead all;
  std::vector<std::function<Reply(const runtime::JobViews&)>> answers;
  for (const model::RunKey& run : reach.runs) {
    ASSIGN_OR_RETURN(JobsRead one, TaskInstancesOf(reading, run, reach.jobs.at(run)));
    all.jobs.insert(all.jobs.end(), one.jobs.begin(), one.jobs.end());
    answers.push_back(std::move(one.answer));
  }
  all.answer = [answers = std::move(answers)](const runtime::JobViews& views) -> Reply {
    json::array tasks;
    for (const auto& answer : answers) {
      json::object part = std::get<json::object>(answer(views));
      for (json::value& task : part.at("task_instances").get_array())
        tasks.push_back(std::move(task));
    }
    const size_t count = tasks.size();
    return json::object{{"task_instances", std::move(tasks)}, {"total_entries", count}};
  };
  return all;
}

void AnswerWithTasks(Context& context,
                     const std::shared_ptr<const ClearReach>& reach,
                     const Answered& answered) {
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      nullptr,
      [reach](const Reading& reading) { return TaskInstancesOf(reading, *reach); },
      [](Reply reply) { return reply; },
      answered);
}

// Clears the run at that place, and then the ones after it. What has failed is asked again there:
// somebody may have cleared it meanwhile.
void ClearFrom(Context& context,
               const std::shared_ptr<const ClearReach>& reach,
               const model::ClearJobs& like,
               size_t place,
               const Answered& answered) {
  if (place == reach->runs.size())
    return AnswerWithTasks(context, reach, answered);
  const model::RunKey& run = reach->runs[place];
  model::ClearJobs clear = like;
  clear.run = run;
  clear.jobs = reach->jobs.at(run);
  context.commands.Clear(
      std::move(clear), [&context, reach, like, place, answered](const runtime::Outcome& outcome) {
        if (outcome)
          return ClearFrom(context, reach, like, place + 1, answered);
        base::Error error = outcome.error();
        if (place > 0)
          error.message += base::Cat("; ",
                                     place,
                                     " of ",
                                     reach->runs.size(),
                                     " runs were cleared before: ask again for the rest");
        answered(base::Fail(std::move(error)));
      });
}

void PlanClear(Context& context, base::Result<ClearRequest> request, Answered answered) {
  if (!request)
    return answered(base::Fail(request.error()));
  auto reach = std::make_shared<ClearReach>();
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      request->sight,
      [reach, scope = request->scope](const Reading& reading) -> base::Result<JobsRead> {
        ASSIGN_OR_RETURN(*reach, FindClearReach(reading, scope));
        return TaskInstancesOf(reading, *reach);
      },
      [](Reply reply) { return reply; },
      [&context, reach, request = *request, answered = std::move(answered)](Answer before) {
        if (!before || request.dry_run || reach->runs.empty())
          return answered(std::move(before));
        model::ClearJobs like;
        like.by = request.by;
        like.on_latest_version = request.on_latest_version;
        like.only_failed = request.scope.only_failed;
        ClearFrom(context, reach, like, 0, answered);
      });
}

}  // namespace

void ClearTaskInstances(Context& context, const SharedExchange& exchange, Answered answered) {
  PlanClear(context, ReadClearTaskInstances(*exchange), std::move(answered));
}

// Airflow answers with the run once it is cleared, and with the tasks of a dry run; ours has the
// tasks always.
void ClearRun(Context& context, const SharedExchange& exchange, Answered answered) {
  base::Result<ClearRequest> request = ReadClearRun(*exchange);
  if (!request || request->dry_run)
    return PlanClear(context, std::move(request), std::move(answered));
  PlanClear(context, std::move(request), [&context, exchange, answered](Answer cleared) {
    const auto* tasks = cleared ? std::get_if<json::object>(&*cleared) : nullptr;
    if (tasks == nullptr)
      return answered(std::move(cleared));
    context.desk.Read<Reply>(
        ReadDesk::Turn::kFirst,
        exchange->sight,
        [exchange, tasks = *tasks](const Reading& reading) -> Answer {
          ASSIGN_OR_RETURN(Reply run, GetRun(reading, *exchange));
          auto& out = std::get<json::object>(run);
          for (const auto& member : tasks)
            out[member.key()] = member.value();
          return run;
        },
        answered);
  });
}

}  // namespace api
