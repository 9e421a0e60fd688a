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

// Refuses what would be ignored: a filter that does nothing clears too much.
base::Status RefuseUnsupported(const json::object& body,
                               const std::vector<std::string_view>& names) {
  for (std::string_view name : names) {
    const json::value* value = body.if_contains(name);
    bool asks = value != nullptr && !value->is_null() && *value != json::value(false);
    if (asks)
      return Invalid(base::Cat("'", name, "' is not supported yet"));
  }
  return {};
}

// What names the jobs of a run: "labeling_1.start_cluster", "labeling_1" and "publish" one;
// "labeling" the job in every lane. Made once for all names of a request.
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
    }
  }

  base::Result<std::vector<model::JobKey>> Find(std::string_view task_id) const {
    if (task_id.size() > kLongestTaskId)
      return Invalid(base::Cat("'",
                               base::Excerpt(task_id),
                               "' is no task: a task_id has at most ",
                               kLongestTaskId,
                               " characters"));
    for (const auto* names : {&named_, &in_lanes_}) {
      if (auto found = names->find(task_id); found != names->end())
        return found->second;
    }
    auto near = base::DidYouMean(task_id, shown_);
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the run has no task or job '",
                                base::Excerpt(task_id),
                                "'",
                                near ? base::Cat("; did you mean '", *near, "'?") : ""));
  }

 private:
  static constexpr size_t kLongestTaskId = 250;  // as in Airflow
  using Jobs = std::map<std::string, std::vector<model::JobKey>, std::less<>>;

  Jobs named_, in_lanes_;
  std::vector<std::string> shown_;
};

base::Result<std::shared_ptr<const model::Dag>> DagOf(Context& context, const model::RunKey& run) {
  ASSIGN_OR_RETURN(model::RunRow row, context.runtime.reader().Run(run));
  return context.Dag(row.version);
}

struct ClearRequest {
  model::ClearJobs clear;
  bool dry_run = true;
};

base::Result<ClearRequest> ReadClearTaskInstances(Context& context, const Exchange& exchange) {
  static const std::vector<std::string_view> kNotYet = {"only_running",
                                                        "include_upstream",
                                                        "include_future",
                                                        "include_past",
                                                        "run_on_latest_version",
                                                        "prevent_running_task",
                                                        "start_date",
                                                        "end_date",
                                                        "note"};
  std::vector<std::string_view> known = kNotYet;
  known.insert(
      known.end(),
      {"dry_run", "dag_run_id", "task_ids", "only_failed", "include_downstream", "reset_dag_runs"});
  ASSIGN_OR_RETURN(json::object body, ReadBody(exchange, known));
  RETURN_IF_ERROR(RefuseUnsupported(body, kNotYet));
  ClearRequest request;
  std::string run_id = base::GetString(body, "dag_run_id");
  if (run_id.empty() || run_id.size() > kLongestRunId)
    return Invalid("'dag_run_id' is needed: tasks of one run are cleared");
  request.clear.run = {exchange.dag(), model::RunId(run_id)};
  request.clear.actor = "api";
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(body, "dry_run", true));
  ASSIGN_OR_RETURN(request.clear.only_failed, ReadFlag(body, "only_failed", true));
  ASSIGN_OR_RETURN(request.clear.downstream, ReadFlag(body, "include_downstream", false));
  ASSIGN_OR_RETURN(bool reset, ReadFlag(body, "reset_dag_runs", true));
  if (!reset)
    return Invalid("'reset_dag_runs: false' is not supported: a run with open tasks runs");
  ASSIGN_OR_RETURN(auto dag, DagOf(context, request.clear.run));
  const JobNames names(*dag, request.clear.run);
  std::set<model::JobKey> wanted;
  for (const json::value& id : base::GetArray(body, "task_ids")) {
    // Airflow also takes [task_id, map_index].
    const json::value& name = id.is_array() && !id.get_array().empty() ? id.get_array()[0] : id;
    if (!name.is_string())
      return Invalid("'task_ids' must be a list of texts");
    ASSIGN_OR_RETURN(auto jobs, names.Find(name.get_string()));
    wanted.insert(jobs.begin(), jobs.end());
  }
  request.clear.jobs.assign(wanted.begin(), wanted.end());
  return request;
}

base::Result<ClearRequest> ReadClearRun(Context& context, const Exchange& exchange) {
  ASSIGN_OR_RETURN(json::object body,
                   ReadBody(exchange, {"dry_run", "only_failed", "run_on_latest_version"}));
  RETURN_IF_ERROR(RefuseUnsupported(body, {"run_on_latest_version"}));
  ClearRequest request;
  request.clear.run = exchange.run();
  request.clear.actor = "api";
  ASSIGN_OR_RETURN(request.dry_run, ReadFlag(body, "dry_run", true));
  ASSIGN_OR_RETURN(request.clear.only_failed, ReadFlag(body, "only_failed", false));
  RETURN_IF_ERROR(DagOf(context, request.clear.run));
  return request;
}

// The jobs that the request means, downstream ones included.
base::Result<std::vector<model::JobKey>> Affected(Context& context, const model::ClearJobs& clear) {
  ASSIGN_OR_RETURN(auto dag, DagOf(context, clear.run));
  ASSIGN_OR_RETURN(auto indices, model::SelectJobs(*dag, clear.jobs, clear.downstream));
  std::vector<model::JobKey> jobs;
  for (int index : indices) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    jobs.push_back({clear.run, job.id, job.lane});
  }
  return jobs;
}

void DoClear(Context& context, base::Result<ClearRequest> request, Answered answered) {
  if (!request)
    return answered(base::Fail(request.error()));
  auto affected = Affected(context, request->clear);
  if (!affected)
    return answered(base::Fail(affected.error()));
  // Only what is affected now: afterwards nothing has failed any more.
  auto before = TaskInstancesOf(context, request->clear.run, *affected, request->clear.only_failed);
  if (!before || request->dry_run)
    return answered(std::move(before));
  std::set<std::string> ids;
  for (const json::value& task : before->at("task_instances").get_array())
    ids.insert(base::GetString(task.get_object(), "task_id"));
  model::RunKey run = request->clear.run;
  context.runtime.Clear(
      std::move(request->clear),
      [&context,
       run,
       ids = std::move(ids),
       affected = std::move(*affected),
       answered = std::move(answered)](const driver::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        auto after = TaskInstancesOf(context, run, affected, false);
        if (!after)
          return answered(std::move(after));
        json::array& tasks = after->at("task_instances").get_array();
        json::array cleared;
        for (json::value& task : tasks) {
          if (ids.contains(base::GetString(task.get_object(), "task_id")))
            cleared.push_back(std::move(task));
        }
        size_t count = cleared.size();
        answered(json::object{{"task_instances", std::move(cleared)}, {"total_entries", count}});
      });
}

// Airflow 3's body of a task instance's PATCH.
base::Result<model::MarkJobs> ReadMark(Context& context, const Exchange& exchange) {
  static const std::vector<std::string_view> kNotYet = {
      "include_upstream", "include_downstream", "include_future", "include_past", "note"};
  std::vector<std::string_view> known = kNotYet;
  known.push_back("new_state");
  ASSIGN_OR_RETURN(json::object body, ReadBody(exchange, known));
  RETURN_IF_ERROR(RefuseUnsupported(body, kNotYet));
  model::MarkJobs mark;
  mark.run = exchange.run();
  mark.actor = "api";
  auto state = model::ParseTaskState(base::GetString(body, "new_state"));
  if (state != model::TaskState::kSuccess && state != model::TaskState::kFailed)
    return Invalid("'new_state' must be success or failed");
  mark.state = *state;
  ASSIGN_OR_RETURN(auto dag, DagOf(context, mark.run));
  ASSIGN_OR_RETURN(mark.jobs, JobNames(*dag, mark.run).Find(exchange.args.at(2)));
  return mark;
}

void AnswerWithRun(Context& context,
                   const Exchange& exchange,
                   Answered& answered,
                   const driver::Outcome& outcome) {
  answered(outcome ? GetRun(context, exchange) : base::Fail(outcome.error()));
}

}  // namespace

void ClearTaskInstances(Context& context, const Exchange& exchange, Answered answered) {
  DoClear(context, ReadClearTaskInstances(context, exchange), std::move(answered));
}

void ClearRun(Context& context, const Exchange& exchange, Answered answered) {
  DoClear(context, ReadClearRun(context, exchange), std::move(answered));
}

void PatchRun(Context& context, const Exchange& exchange, Answered answered) {
  auto body = ReadBody(exchange, {"state", "note"});
  if (body)
    if (base::Status supported = RefuseUnsupported(*body, {"note"}); !supported)
      return answered(base::Fail(supported.error()));
  if (!body)
    return answered(base::Fail(body.error()));
  auto answer =
      [&context, exchange, answered = std::move(answered)](const driver::Outcome& outcome) mutable {
        AnswerWithRun(context, exchange, answered, outcome);
      };
  std::string state = base::GetString(*body, "state");
  if (state == "queued")
    return context.runtime.Clear({{exchange.run(), {}, "api", nullptr}, false, false},
                                 std::move(answer));
  if (state == "success" || state == "failed")
    return context.runtime.Mark(
        model::MarkRun{{exchange.run(), {}, "api", nullptr}, *model::ParseRunState(state)},
        std::move(answer));
  answer(Invalid("'state' must be queued (run it again), success or failed"));
}

void PatchTaskInstance(Context& context, const Exchange& exchange, Answered answered) {
  auto mark = ReadMark(context, exchange);
  if (!mark)
    return answered(base::Fail(mark.error()));
  std::vector<model::JobKey> jobs = mark->jobs;
  context.runtime.Mark(
      std::move(*mark),
      [&context, run = exchange.run(), jobs = std::move(jobs), answered = std::move(answered)](
          const driver::Outcome& outcome) {
        answered(outcome ? TaskInstancesOf(context, run, jobs, false)
                         : base::Fail(outcome.error()));
      });
}

void DryRunPatchTaskInstance(Context& context, const Exchange& exchange, Answered answered) {
  auto mark = ReadMark(context, exchange);
  answered(mark ? TaskInstancesOf(context, mark->run, mark->jobs, false)
                : base::Fail(mark.error()));
}

void TerminateCluster(Context& context, const Exchange& exchange, Answered answered) {
  context.runtime.Terminate(
      {model::ClusterId(exchange.args.at(0)), "api"},
      [&context, exchange, answered = std::move(answered)](const driver::Outcome& outcome) {
        answered(outcome ? GetCluster(context, exchange) : base::Fail(outcome.error()));
      });
}

}  // namespace api
