// Clear: tasks run again, with Airflow's paths, fields and defaults. What is beyond one run goes
// run by run (run_by_run.h), those upstream first.

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "api/clear_reach.h"
#include "api/job_names.h"
#include "api/resources.h"
#include "api/run_by_run.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kLongestRunId = 250;  // of those that can be made

struct ClearRequest {
  ClearScope scope;
  bool dry_run = true;
  bool on_latest_version = false;
  bool only_new = false;      // of the newest version
  bool is_whole_run = false;  // all of its jobs, and the note is the run's
  std::optional<std::string> note;
  model::Principal by;
  SightPtr sight;  // who asks clears nothing that they do not see
};

// What changes for a run that takes its DAG's newest version.
struct Move {
  std::vector<model::JobKey> added;
  std::vector<std::string> added_tasks, removed_tasks;  // their ids
};

struct ClearPlan {
  ClearReach reach;
  std::map<model::RunKey, Move> moves;
};

std::optional<std::string> NoteOf(const json::object& body) {
  const json::value* note = body.if_contains("note");
  if (note == nullptr || !note->is_string())
    return std::nullopt;
  return std::string(note->get_string());
}

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
  request.note = NoteOf(body);
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
  ASSIGN_OR_RETURN(request.only_new, ReadFlag(exchange.body, "only_new", false));
  if (request.only_new && request.scope.only_failed)
    return Invalid("'only_new' and 'only_failed' exclude each other: a new task has not failed");
  request.on_latest_version = request.on_latest_version || request.only_new;
  request.note = NoteOf(exchange.body);
  request.is_whole_run = true;
  return request;
}

std::vector<std::string> TaskIdsOf(const model::Job& job) {
  std::vector<std::string> ids;
  for (int task = 0; task < static_cast<int>(TaskCount(job)); ++task)
    ids.push_back(TaskDisplayId(job, task));
  return ids;
}

// Those of the first that the second does not have.
std::vector<const model::Job*> Without(const model::Dag& dag, const model::Dag& other) {
  std::set<std::pair<model::JobId, model::LaneId>> has;
  for (const model::Job& job : other.jobs)
    has.insert({job.id, job.lane});
  std::vector<const model::Job*> jobs;
  for (const model::Job& job : dag.jobs) {
    if (!has.contains({job.id, job.lane}))
      jobs.push_back(&job);
  }
  return jobs;
}

base::Result<Move> FindMove(const Reading& reading, const model::RunKey& key) {
  ASSIGN_OR_RETURN(const model::RunRow run, reading.rows.Run(key));
  ASSIGN_OR_RETURN(const auto dags, reading.rows.Dags());
  const auto row = std::ranges::find(dags, key.dag, &model::DagRow::dag);
  if (row == dags.end())
    return Move();
  ASSIGN_OR_RETURN(const auto before, reading.Dag(run.version));
  ASSIGN_OR_RETURN(const auto newest, reading.Dag(row->version));
  Move move;
  for (const model::Job* job : Without(*newest, *before)) {
    move.added.push_back({key, job->id, job->lane});
    std::ranges::move(TaskIdsOf(*job), std::back_inserter(move.added_tasks));
  }
  for (const model::Job* job : Without(*before, *newest))
    std::ranges::move(TaskIdsOf(*job), std::back_inserter(move.removed_tasks));
  return move;
}

base::Result<ClearPlan> MakePlan(const Reading& reading, const ClearRequest& request) {
  ClearPlan plan;
  ASSIGN_OR_RETURN(plan.reach, FindClearReach(reading, request.scope));
  if (request.on_latest_version) {
    for (const model::RunKey& run : plan.reach.runs) {
      ASSIGN_OR_RETURN(plan.moves[run], FindMove(reading, run));
    }
  }
  if (request.only_new) {
    for (auto& [run, jobs] : plan.reach.jobs)
      jobs.clear();
    std::erase_if(plan.reach.runs,
                  [&](const model::RunKey& run) { return plan.moves.at(run).added.empty(); });
  }
  return plan;
}

// What a dry run says of a run's tasks: those that go, and those that come.
void ShowMove(const model::RunKey& run, const Move& move, json::array& tasks) {
  for (json::value& value : tasks) {
    json::object& task = value.get_object();
    if (std::ranges::find(move.removed_tasks, base::GetString(task, "task_id")) !=
        move.removed_tasks.end())
      task["version_change"] = "removed";
  }
  for (const std::string& id : move.added_tasks)
    tasks.push_back(json::object{{"task_id", id},
                                 {"task_display_name", id},
                                 {"dag_id", run.dag.str()},
                                 {"dag_run_id", run.run.str()},
                                 {"version_change", "new"}});
}

// With what changes for a run that takes the newest version, or has taken it.
std::vector<TasksOfRun> TasksOf(const ClearPlan& plan, bool is_before) {
  std::vector<TasksOfRun> runs;
  for (const model::RunKey& key : plan.reach.runs) {
    TasksOfRun& run = runs.emplace_back(TasksOfRun{key, plan.reach.jobs.at(key)});
    const auto found = plan.moves.find(key);
    if (found == plan.moves.end())
      continue;
    const Move& move = found->second;
    if (is_before)
      run.edit = [key, move](json::array& tasks) { ShowMove(key, move, tasks); };
    else
      run.jobs.insert(run.jobs.end(), move.added.begin(), move.added.end());
  }
  return runs;
}

// What has failed is asked again at each run: somebody may have cleared it meanwhile.
void ClearAll(Context& context,
              const std::shared_ptr<const ClearPlan>& plan,
              const ClearRequest& request,
              const Answered& answered) {
  model::ClearJobs like;
  like.by = request.by;
  like.on_latest_version = request.on_latest_version;
  like.only_failed = request.scope.only_failed;
  like.only_new = request.only_new;
  like.note = request.note;
  RunByRun(
      plan->reach.runs.size(),
      [&context, plan, like, is_whole_run = request.is_whole_run](size_t place,
                                                                  runtime::OnOutcome done) {
        model::ClearJobs clear = like;
        clear.run = plan->reach.runs[place];
        if (!is_whole_run)
          clear.jobs = plan->reach.jobs.at(clear.run);
        context.commands.Clear(std::move(clear), std::move(done));
      },
      "cleared",
      answered,
      [&context, plan, sight = request.sight, answered] {
        AnswerWithTasks(context, sight, TasksOf(*plan, false), answered);
      });
}

void PlanClear(Context& context, base::Result<ClearRequest> request, Answered answered) {
  if (!request)
    return answered(base::Fail(request.error()));
  auto plan = std::make_shared<ClearPlan>();
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      request->sight,
      [plan, request = *request](const Reading& reading) -> base::Result<JobsRead> {
        ASSIGN_OR_RETURN(*plan, MakePlan(reading, request));
        return TaskInstancesOf(reading, TasksOf(*plan, true));
      },
      [](Reply reply) { return reply; },
      [&context, plan, request = *request, answered = std::move(answered)](Answer before) {
        if (!before || request.dry_run || plan->reach.runs.empty())
          return answered(std::move(before));
        ClearAll(context, plan, request, answered);
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
