#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/resources.h"
#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// What is known of a job beside its tasks.
struct JobFacts {
  const model::Job* def = nullptr;
  size_t place = 0;  // of def in its DAG
  model::JobRow row;
  std::string cluster;  // of the latest launch
  std::vector<model::MissingUpstream> missing;
  std::string reason;   // of the latest attempt, where it failed
  bool failed = false;  // so that what depends on it does not run
};

struct RunFacts {
  model::RunRow run;
  std::shared_ptr<const model::Dag> dag;
  std::map<model::JobKey, JobFacts> jobs;
  std::vector<model::TaskRow> tasks;
};

base::Result<RunFacts> ReadRun(Context& context, const model::RunKey& key) {
  store::Reader& reader = context.runtime.reader();
  RunFacts facts;
  ASSIGN_OR_RETURN(facts.run, reader.Run(key));
  ASSIGN_OR_RETURN(facts.dag, context.Dag(facts.run.version));
  for (size_t place = 0; place < facts.dag->jobs.size(); ++place) {
    const model::Job& def = facts.dag->jobs[place];
    facts.jobs[{key, def.id, def.lane}] = {.def = &def, .place = place};
  }
  ASSIGN_OR_RETURN(auto jobs, reader.Jobs(key));
  for (model::JobRow& row : jobs)
    facts.jobs[row.key].row = std::move(row);
  ASSIGN_OR_RETURN(auto attempts, reader.Attempts(key));
  for (model::AttemptRow& attempt : attempts) {  // the latest last
    const bool succeeded = attempt.verdict == model::VerdictClass::kSuccess;
    facts.jobs[attempt.key.job].reason = succeeded ? "" : std::move(attempt.reason);
  }
  ASSIGN_OR_RETURN(auto launches, reader.Launches(key));
  for (const model::LaunchRow& launch : launches)
    facts.jobs[launch.attempt.job].cluster = launch.cluster.str();
  ASSIGN_OR_RETURN(facts.tasks, reader.Tasks(key));
  for (const model::TaskRow& task : facts.tasks) {
    JobFacts& job = facts.jobs[task.job];
    job.failed = IsTerminal(task.state) && task.state != model::TaskState::kSuccess;
  }
  for (auto& [job, known] : facts.jobs)
    known.missing = context.runtime.StillMissing(job);
  for (const auto& [job, known] : facts.jobs) {
    if (known.def == nullptr)
      return base::Fail(base::ErrorCode::kCorrupt,
                        base::Cat("the job ", ToString(job), " is not in its DAG's version"));
  }
  std::sort(facts.tasks.begin(), facts.tasks.end(), [&](const auto& a, const auto& b) {
    return std::pair(facts.jobs.at(a.job).place, a.task) <
           std::pair(facts.jobs.at(b.job).place, b.task);
  });
  return facts;
}

// Airflow's task instances have a UUID: ours is made of the key.
std::string Uuid(const model::RunKey& run, const std::string& task_id) {
  std::string hex = base::Sha256Hex(base::Cat(ToString(run), "/", task_id));
  return base::Cat(hex.substr(0, 8),
                   "-",
                   hex.substr(8, 4),
                   "-",
                   hex.substr(12, 4),
                   "-",
                   hex.substr(16, 4),
                   "-",
                   hex.substr(20, 12));
}

std::string_view Operator(const model::Job& job, int task) {
  if (model::EmrOf(job) != nullptr)
    return task == 0 ? "EmrStartCluster" : "EmrWaitClusterTermination";
  return "EmptyOperator";
}

json::array LaneIds(const std::vector<model::LaneId>& lanes) {
  json::array ids;
  for (const model::LaneId& lane : lanes)
    ids.emplace_back(lane.str());
  return ids;
}

void PutInterval(json::object& out, const std::optional<base::Interval>& interval) {
  std::optional<base::Time> start, end;
  if (interval) {
    start = interval->start;
    end = interval->end;
  }
  out["data_interval_start"] = TimeOrNull(start);
  out["data_interval_end"] = TimeOrNull(end);
}

// The runs of other DAGs that it was to wait for.
json::array WaitsFor(const std::vector<model::UpstreamWait>& waits) {
  json::array out;
  for (const model::UpstreamWait& wait : waits) {
    json::object item{{"dag_id", wait.dag.str()},
                      {"job_id", wait.job.str()},
                      {"lane_ids", LaneIds(wait.lanes)},
                      {"basis", ToString(wait.basis)}};
    PutInterval(item, wait.interval);
    out.push_back(std::move(item));
  }
  return out;
}

// Of these, what is missing still.
json::array MissingUpstream(const std::vector<model::MissingUpstream>& missing) {
  json::array out;
  for (const model::MissingUpstream& item : missing) {
    json::object row{{"dag_id", item.dag.str()},
                     {"job_id", item.job.str()},
                     {"lane_ids", LaneIds(item.lanes)},
                     {"because", ToString(item.because)},
                     {"message", item.sentence}};
    PutInterval(row, item.interval);
    out.push_back(std::move(row));
  }
  return out;
}

// Why the task is where it is; "" unless it failed, is up for retry or was never begun because of
// others: the reason of an earlier try is not shown for a later one.
std::string ReasonOf(const RunFacts& facts, const JobFacts& job, const model::TaskRow& task) {
  using model::TaskState;
  if (task.state == TaskState::kFailed || task.state == TaskState::kUpForRetry)
    return job.reason;
  if (task.state != TaskState::kUpstreamFailed)
    return "";
  std::vector<std::string> failed;
  for (int index : job.def->upstream) {
    const model::Job& up = facts.dag->jobs[static_cast<size_t>(index)];
    if (facts.jobs.at({facts.run.key, up.id, up.lane}).failed)
      failed.push_back(model::DisplayName(up.id, up.lane));
  }
  return failed.empty() ? job.reason : base::Cat(base::Join(failed, ", "), " did not succeed");
}

json::array BlockedBy(const Context& context, const model::TaskRow& task) {
  json::array out;
  if (IsTerminal(task.state))
    return out;
  const json::value held = LaunchingHeld(context.runtime.driver());
  for (const engine::Blocker& blocker : context.runtime.BlockersOf(task.job)) {
    const bool is_held = blocker.kind == "launch_turn" && !held.is_null();
    out.push_back(json::object{{"kind", is_held ? "launching_held" : blocker.kind},
                               {"message", is_held ? held : json::value(blocker.sentence)},
                               {"until", TimeOrNull(blocker.until)}});
  }
  return out;
}

json::object TaskJson(const Context& context, const RunFacts& facts, const model::TaskRow& task) {
  const model::RunRow& run = facts.run;
  const JobFacts& job = facts.jobs.at(task.job);
  const model::Job& def = *job.def;
  std::string id = TaskDisplayId(def, task.task);
  json::value state = nullptr;
  if (task.state != model::TaskState::kNone)
    state = ToString(task.state);
  std::string_view op = Operator(def, task.task);
  return {
      {"id", Uuid(run.key, id)},
      {"task_id", id},
      {"task_display_name", id},
      {"dag_id", run.key.dag.str()},
      {"dag_display_name", run.key.dag.str()},
      {"dag_run_id", run.key.run.str()},
      {"map_index", -1},
      {"logical_date", TimeOrNull(run.logical_date)},
      {"run_after", TimeOrNull(run.run_after)},
      {"start_date", TimeOrNull(task.start_date)},
      {"end_date", TimeOrNull(task.end_date)},
      {"duration", DurationOrNull(task.start_date, task.end_date)},
      {"state", std::move(state)},
      {"try_number", task.try_number},
      {"max_tries", def.retries},
      {"hostname", nullptr},
      {"unixname", nullptr},
      {"pool", def.pool.str()},
      {"pool_slots", 1},
      {"queue", nullptr},
      {"priority_weight", 1},
      {"operator", op},
      {"operator_name", op},
      {"queued_when", TimeOrNull(task.queued_at)},
      {"scheduled_when", nullptr},
      {"pid", nullptr},
      {"executor", nullptr},
      {"executor_config", "{}"},
      {"note", nullptr},
      {"rendered_map_index", nullptr},
      {"rendered_fields", json::object()},
      {"trigger", nullptr},
      {"triggerer_job", nullptr},
      {"dag_version", nullptr},
      {"job_id", def.id.str()},
      {"lane_id", TextOrNull(def.lane.str())},
      {"cluster_id", TextOrNull(job.cluster)},
      {"next_try_at", TimeOrNull(job.row.next_try_at)},
      {"waits_for", WaitsFor(job.row.waits_for)},
      {"missing_upstream", MissingUpstream(job.missing)},
      {"blocked_by", BlockedBy(context, task)},
      {"reason", TextOrNull(ReasonOf(facts, job, task))},
  };
}

constexpr std::string_view kAny = "~";
// Of all runs fewer are shown at once: the facts of each one's run have to be read.
constexpr int kLimitOfAllRuns = 100;

base::Result<std::vector<model::TaskState>> ReadStates(const Exchange& exchange) {
  std::vector<model::TaskState> states;
  for (const std::string& text : ReadAll(exchange, "state")) {
    const auto state = model::ParseTaskState(text);
    if (!state)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", base::Excerpt(text), "' is not a state of a task"));
    states.push_back(*state);
  }
  return states;
}

// `~` for the DAG, the run, or both: any of them.
base::Result<json::object> ListOfRuns(Context& context,
                                      const Exchange& exchange,
                                      const Paging& paging,
                                      std::vector<model::TaskState> states) {
  store::TaskQuery query{.states = std::move(states),
                         .limit = std::min(paging.limit, kLimitOfAllRuns),
                         .offset = paging.offset};
  if (exchange.dag().str() != kAny) {
    RETURN_IF_ERROR(FindDag(context, exchange.dag()));
    query.dag = exchange.dag();
  }
  if (exchange.run().run.str() != kAny)
    query.run = exchange.run().run;
  ASSIGN_OR_RETURN(const auto page, context.runtime.reader().TasksOfRuns(query));
  if (query.run && query.states.empty() && page.total == 0)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no run '", base::Excerpt(query.run->str()), "'"));
  std::map<model::RunKey, RunFacts> runs;
  json::array tasks;
  for (const model::TaskRow& task : page.rows) {
    auto facts = runs.find(task.job.run);
    if (facts == runs.end()) {
      ASSIGN_OR_RETURN(RunFacts read, ReadRun(context, task.job.run));
      facts = runs.emplace(task.job.run, std::move(read)).first;
    }
    tasks.push_back(TaskJson(context, facts->second, task));
  }
  return json::object{{"task_instances", std::move(tasks)}, {"total_entries", page.total}};
}

}  // namespace

base::Result<json::object> ListTaskInstances(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "state"}));
  ASSIGN_OR_RETURN(Paging paging, ReadPaging(exchange));
  ASSIGN_OR_RETURN(auto states, ReadStates(exchange));
  if (exchange.args.at(0) == kAny || exchange.args.at(1) == kAny)
    return ListOfRuns(context, exchange, paging, std::move(states));
  ASSIGN_OR_RETURN(RunFacts facts, ReadRun(context, exchange.run()));
  json::array tasks;
  int count = 0;
  for (const model::TaskRow& task : facts.tasks) {
    if (!states.empty() && std::find(states.begin(), states.end(), task.state) == states.end())
      continue;
    if (count >= paging.offset && count - paging.offset < paging.limit)
      tasks.push_back(TaskJson(context, facts, task));
    ++count;
  }
  return json::object{{"task_instances", std::move(tasks)}, {"total_entries", count}};
}

base::Result<json::object> TaskInstancesOf(Context& context,
                                           const model::RunKey& run,
                                           const std::vector<model::JobKey>& jobs,
                                           bool only_failed) {
  ASSIGN_OR_RETURN(RunFacts facts, ReadRun(context, run));
  const std::set<model::JobKey> wanted(jobs.begin(), jobs.end());
  std::set<model::JobKey> failed;
  for (const model::TaskRow& task : facts.tasks) {
    if (task.state == model::TaskState::kFailed || task.state == model::TaskState::kUpstreamFailed)
      failed.insert(task.job);
  }
  json::array tasks;
  for (const model::TaskRow& task : facts.tasks) {
    bool named = jobs.empty() || wanted.contains(task.job);
    if (named && (!only_failed || failed.contains(task.job)))
      tasks.push_back(TaskJson(context, facts, task));
  }
  size_t count = tasks.size();
  return json::object{{"task_instances", std::move(tasks)}, {"total_entries", count}};
}

base::Result<json::object> GetTaskInstance(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  ASSIGN_OR_RETURN(RunFacts facts, ReadRun(context, exchange.run()));
  for (const model::TaskRow& task : facts.tasks) {
    json::object out = TaskJson(context, facts, task);
    if (base::GetString(out, "task_id") == exchange.args.at(2))
      return out;
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("the run has no task '", base::Excerpt(exchange.args.at(2)), "'"));
}

}  // namespace api
