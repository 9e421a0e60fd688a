// What people do to runs, tasks and clusters, with Airflow's paths, fields and defaults. A task
// stands for its job: start_cluster and wait_cluster_termination are cleared and marked as one.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/select.h"

namespace api {

namespace {

constexpr size_t kLongestRunId = 250;  // of those that can be made

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

base::Result<bool> ReadFlag(const json::object& body, std::string_view name, bool otherwise) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null())
    return otherwise;
  if (!value->is_bool())
    return Invalid(base::Cat("'", name, "' must be true or false"));
  return value->get_bool();
}

// What names the jobs of a run: "labeling_1.start_cluster", "labeling_1" and "publish" one;
// "labeling" the job in every lane, "features.daily" the jobs of a group. Made once for all names
// of a request.
class JobNames {
 public:
  JobNames(const model::Dag& dag, const model::RunKey& run) {
    for (const model::Job& job : dag.jobs) {
      const model::JobKey key{run, job.id, job.lane};
      const std::string shown = model::DisplayName(job.id, job.lane);
      named_[shown] = {key};
      for (size_t task = 0; task < TaskIds(job).size(); ++task)
        named_[TaskDisplayId(job, static_cast<int>(task))] = {key};
      in_lanes_[job.id.str()].push_back(key);
      shown_.push_back(shown);
      for (std::string group = job.group; !group.empty();) {
        in_groups_[group].push_back(key);
        const size_t dot = group.rfind('.');
        group.resize(dot == std::string::npos ? 0 : dot);
      }
    }
    for (const model::Group& group : dag.groups)
      shown_.push_back(group.path);
  }

  base::Result<std::vector<model::JobKey>> Find(std::string_view task_id) const {
    if (task_id.size() > kLongestTaskId)
      return Invalid(base::Cat("'",
                               base::Excerpt(task_id),
                               "' is no task: a task_id has at most ",
                               kLongestTaskId,
                               " characters"));
    for (const auto* names : {&named_, &in_lanes_, &in_groups_}) {
      if (auto found = names->find(task_id); found != names->end())
        return found->second;
    }
    auto near = base::DidYouMean(task_id, shown_);
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the run has no task, job or group '",
                                base::Excerpt(task_id),
                                "'",
                                near ? base::Cat("; did you mean '", *near, "'?") : ""));
  }

 private:
  static constexpr size_t kLongestTaskId = 250;  // as in Airflow
  using Jobs = std::map<std::string, std::vector<model::JobKey>, std::less<>>;

  Jobs named_, in_lanes_, in_groups_;
  std::vector<std::string> shown_;
};

base::Result<std::shared_ptr<const model::Dag>> DagOf(const Reading& reading,
                                                      const model::RunKey& run) {
  ASSIGN_OR_RETURN(model::RunRow row, reading.rows.Run(run));
  return reading.Dag(row.version);
}

struct ClearRequest {
  model::ClearJobs clear;
  bool dry_run = true;
  std::vector<model::JobKey> affected;  // downstream ones included
};

base::Status ReadTaskIds(const Reading& reading,
                         const json::object& body,
                         model::ClearJobs& clear) {
  ASSIGN_OR_RETURN(auto dag, DagOf(reading, clear.run));
  const JobNames names(*dag, clear.run);
  std::set<model::JobKey> wanted;
  for (const json::value& id : base::GetArray(body, "task_ids")) {
    // Airflow also takes [task_id, map_index].
    const json::value& name = id.is_array() && !id.get_array().empty() ? id.get_array()[0] : id;
    if (!name.is_string())
      return Invalid("'task_ids' must be a list of texts");
    ASSIGN_OR_RETURN(auto jobs, names.Find(name.get_string()));
    wanted.insert(jobs.begin(), jobs.end());
  }
  clear.jobs.assign(wanted.begin(), wanted.end());
  return {};
}

base::Result<std::set<model::JobKey>> FailedJobs(const Reading& reading, const model::RunKey& run) {
  ASSIGN_OR_RETURN(const auto tasks, reading.rows.Tasks(run));
  std::set<model::JobKey> failed;
  for (const model::TaskRow& task : tasks) {
    if (task.state == model::TaskState::kFailed || task.state == model::TaskState::kUpstreamFailed)
      failed.insert(task.job);
  }
  return failed;
}

base::Status FindAffected(const Reading& reading, ClearRequest& request) {
  const model::ClearJobs& clear = request.clear;
  ASSIGN_OR_RETURN(auto dag, DagOf(reading, clear.run));
  ASSIGN_OR_RETURN(auto indices, model::SelectJobs(*dag, clear.jobs, clear.reach));
  if (clear.only_failed) {
    ASSIGN_OR_RETURN(const std::set<model::JobKey> failed, FailedJobs(reading, clear.run));
    std::erase_if(indices, [&](int index) {
      const model::Job& job = dag->jobs[static_cast<size_t>(index)];
      return !failed.contains({clear.run, job.id, job.lane});
    });
  }
  for (int index : model::WithSetups(*dag, indices)) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    request.affected.push_back({clear.run, job.id, job.lane});
  }
  return {};
}

using ReadClear = base::Result<ClearRequest> (*)(const Reading& reading, const Exchange& exchange);

base::Result<ClearRequest> ReadClearTaskInstances(const Reading& reading,
                                                  const Exchange& exchange) {
  const json::object& body = exchange.body;
  ClearRequest request;
  std::string run_id = base::GetString(body, "dag_run_id");
  if (run_id.empty() || run_id.size() > kLongestRunId)
    return Invalid("'dag_run_id' is needed: tasks of one run are cleared");
  request.clear.run = {exchange.dag(), model::RunId(run_id)};
  request.clear.by = exchange.principal();
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(body, "dry_run", true));
  ASSIGN_OR_RETURN(request.clear.only_failed, ReadFlag(body, "only_failed", true));
  ASSIGN_OR_RETURN(request.clear.reach.downstream, ReadFlag(body, "include_downstream", false));
  ASSIGN_OR_RETURN(request.clear.reach.upstream, ReadFlag(body, "include_upstream", false));
  ASSIGN_OR_RETURN(bool reset, ReadFlag(body, "reset_dag_runs", true));
  if (!reset)
    return Invalid("'reset_dag_runs: false' is not supported: a run with open tasks runs");
  RETURN_IF_ERROR(ReadTaskIds(reading, body, request.clear));
  RETURN_IF_ERROR(FindAffected(reading, request));
  return request;
}

base::Result<ClearRequest> ReadClearRun(const Reading& reading, const Exchange& exchange) {
  const json::object& body = exchange.body;
  ClearRequest request;
  request.clear.run = exchange.run();
  request.clear.by = exchange.principal();
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(body, "dry_run", true));
  ASSIGN_OR_RETURN(request.clear.only_failed, ReadFlag(body, "only_failed", false));
  RETURN_IF_ERROR(FindAffected(reading, request));
  return request;
}

// Of an answer that is a list of tasks: those that `wanted` names.
json::object Only(const std::set<std::string>& wanted, Reply reply) {
  json::array tasks;
  for (json::value& task : std::get<json::object>(reply).at("task_instances").get_array()) {
    if (wanted.contains(base::GetString(task.get_object(), "task_id")))
      tasks.push_back(std::move(task));
  }
  const size_t count = tasks.size();
  return {{"task_instances", std::move(tasks)}, {"total_entries", count}};
}

std::set<std::string> TaskIdsIn(const json::object& list) {
  std::set<std::string> ids;
  for (const json::value& task : list.at("task_instances").get_array())
    ids.insert(base::GetString(task.get_object(), "task_id"));
  return ids;
}

// What `request` touches, as it is now: afterwards nothing has failed any more.
struct ClearPlan {
  ClearRequest request;
  json::object before;
};

void DoClear(Context& context, ClearPlan plan, const Answered& answered) {
  const model::RunKey run = plan.request.clear.run;
  context.commands.Clear(std::move(plan.request.clear),
                         [&context,
                          run,
                          ids = TaskIdsIn(plan.before),
                          affected = std::move(plan.request.affected),
                          answered](const runtime::Outcome& outcome) {
                           if (!outcome)
                             return answered(base::Fail(outcome.error()));
                           context.desk.ReadJobs<json::object>(
                               ReadDesk::Turn::kFirst,
                               [run, affected](const Reading& reading) {
                                 return TaskInstancesOf(reading, run, affected);
                               },
                               [ids](Reply reply) { return Only(ids, std::move(reply)); },
                               answered);
                         });
}

void PlanClear(Context& context,
               const SharedExchange& exchange,
               ReadClear read,
               Answered answered) {
  auto request = std::make_shared<ClearRequest>();
  context.desk.ReadJobs<json::object>(
      ReadDesk::Turn::kFirst,
      [exchange, read, request](const Reading& reading) -> base::Result<JobsRead> {
        ASSIGN_OR_RETURN(*request, read(reading, *exchange));
        const model::ClearJobs& clear = request->clear;
        return TaskInstancesOf(reading, clear.run, request->affected);
      },
      [](Reply reply) { return std::get<json::object>(std::move(reply)); },
      [&context, request, answered = std::move(answered)](base::Result<json::object> before) {
        if (!before || request->dry_run)
          return answered(std::move(before));
        DoClear(context, {std::move(*request), *std::move(before)}, answered);
      });
}

// Airflow 3's body of a task instance's PATCH.
base::Result<model::MarkJobs> ReadMark(const Reading& reading, const Exchange& exchange) {
  model::MarkJobs mark;
  mark.run = exchange.run();
  mark.by = exchange.principal();
  auto state = model::ParseTaskState(base::GetString(exchange.body, "new_state"));
  if (state != model::TaskState::kSuccess && state != model::TaskState::kFailed &&
      state != model::TaskState::kSkipped)
    return Invalid("'new_state' must be success, failed or skipped");
  mark.state = *state;
  model::Reach reach;
  ASSIGN_OR_RETURN(reach.upstream, ReadFlag(exchange.body, "include_upstream", false));
  ASSIGN_OR_RETURN(reach.downstream, ReadFlag(exchange.body, "include_downstream", false));
  ASSIGN_OR_RETURN(auto dag, DagOf(reading, mark.run));
  ASSIGN_OR_RETURN(const auto named, JobNames(*dag, mark.run).Find(exchange.args.at(2)));
  ASSIGN_OR_RETURN(const auto indices, model::SelectJobs(*dag, named, reach));
  for (int index : indices) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    mark.jobs.push_back({mark.run, job.id, job.lane});
  }
  return mark;
}

void AnswerWithTasks(Context& context,
                     const model::RunKey& run,
                     std::vector<model::JobKey> jobs,
                     const Answered& answered) {
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      [run, jobs = std::move(jobs)](const Reading& reading) {
        return TaskInstancesOf(reading, run, jobs);
      },
      [](Reply reply) { return reply; },
      answered);
}

}  // namespace

void AnswerWith(Context& context, Query query, Exchange exchange, Answered answered) {
  exchange.target.query.clear();
  context.desk.Read<Reply>(
      ReadDesk::Turn::kFirst,
      [query, exchange = std::move(exchange)](const Reading& reading) {
        return query(reading, exchange);
      },
      std::move(answered));
}

void ClearTaskInstances(Context& context, const SharedExchange& exchange, Answered answered) {
  PlanClear(context, exchange, &ReadClearTaskInstances, std::move(answered));
}

void ClearRun(Context& context, const SharedExchange& exchange, Answered answered) {
  PlanClear(context, exchange, &ReadClearRun, std::move(answered));
}

void PatchRun(Context& context, const SharedExchange& exchange, Answered answered) {
  auto answer = [&context, exchange, answered](const runtime::Outcome& outcome) {
    if (!outcome)
      return answered(base::Fail(outcome.error()));
    AnswerWith(context, &GetRun, *exchange, answered);
  };
  const model::RunRequest request{exchange->run(), {}, exchange->principal(), nullptr};
  const std::string state = base::GetString(exchange->body, "state");
  if (state == "queued")
    return context.commands.Clear({request, {}, false}, std::move(answer));
  if (state == "success" || state == "failed")
    return context.commands.Mark(model::MarkRun{request, *model::ParseRunState(state)},
                                 std::move(answer));
  answered(Invalid("'state' must be queued (run it again), success or failed"));
}

void PatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered) {
  context.desk.Read<model::MarkJobs>(
      ReadDesk::Turn::kFirst,
      [exchange](const Reading& reading) { return ReadMark(reading, *exchange); },
      [&context, answered = std::move(answered)](base::Result<model::MarkJobs> mark) {
        if (!mark)
          return answered(base::Fail(mark.error()));
        const model::RunKey run = mark->run;
        std::vector<model::JobKey> jobs = mark->jobs;
        context.commands.Mark(
            *std::move(mark),
            [&context, run, jobs = std::move(jobs), answered](const runtime::Outcome& outcome) {
              if (!outcome)
                return answered(base::Fail(outcome.error()));
              AnswerWithTasks(context, run, jobs, answered);
            });
      });
}

void DryRunPatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered) {
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      [exchange](const Reading& reading) -> base::Result<JobsRead> {
        ASSIGN_OR_RETURN(const model::MarkJobs mark, ReadMark(reading, *exchange));
        return TaskInstancesOf(reading, mark.run, mark.jobs);
      },
      [](Reply reply) { return reply; },
      std::move(answered));
}

void TerminateCluster(Context& context, const SharedExchange& exchange, Answered answered) {
  context.commands.Terminate(
      {model::ClusterId(exchange->args.at(0)), exchange->principal()},
      [&context, exchange, answered = std::move(answered)](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        AnswerWith(context, &GetCluster, *exchange, answered);
      });
}

}  // namespace api
