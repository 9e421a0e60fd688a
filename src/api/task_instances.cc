#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/paging.h"
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
  std::string reason;   // of the latest attempt, where it failed
  bool failed = false;  // so that what depends on it does not run
};

struct RunFacts {
  model::RunRow run;
  std::shared_ptr<const model::Dag> dag;
  std::vector<int> weights;  // by place
  std::map<model::JobKey, JobFacts> jobs;
  std::vector<model::TaskRow> tasks;
};

base::Result<RunFacts> ReadRun(const Reading& reading, const model::RunKey& key) {
  store::Reader& rows = reading.rows;
  RunFacts facts;
  ASSIGN_OR_RETURN(facts.run, rows.Run(key));
  ASSIGN_OR_RETURN(facts.dag, reading.Dag(facts.run.version));
  facts.weights = model::EffectiveWeights(*facts.dag);
  for (size_t place = 0; place < facts.dag->jobs.size(); ++place) {
    const model::Job& def = facts.dag->jobs[place];
    facts.jobs[{key, def.id, def.lane}] = {.def = &def, .place = place};
  }
  ASSIGN_OR_RETURN(auto jobs, rows.Jobs(key));
  for (model::JobRow& row : jobs)
    facts.jobs[row.key].row = std::move(row);
  ASSIGN_OR_RETURN(auto attempts, rows.Attempts(key));
  for (model::AttemptRow& attempt : attempts) {  // the latest last
    const bool succeeded = attempt.verdict == model::VerdictClass::kSuccess;
    facts.jobs[attempt.key.job].reason = succeeded ? "" : std::move(attempt.reason);
  }
  ASSIGN_OR_RETURN(auto launches, rows.Launches(key));
  for (const model::LaunchRow& launch : launches)
    facts.jobs[launch.attempt.job].cluster = launch.cluster.str();
  ASSIGN_OR_RETURN(facts.tasks, rows.Tasks(key));
  for (const model::TaskRow& task : facts.tasks) {
    JobFacts& job = facts.jobs[task.job];
    job.failed = IsTerminal(task.state) && task.state != model::TaskState::kSuccess;
  }
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
    if (!wait.run.empty())  // of its own DAG: depends_on_past
      item["dag_run_id"] = wait.run.str();
    if (wait.edge >= 0) {
      item["rule"] = ToString(wait.rule);
      item["verdict"] = ToString(wait.verdict);
    }
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
// others: why an earlier try died says nothing about a later one.
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

// What was taken of the memory may be newer than the row: it counts for a task only while both
// agree.
json::array BlockedBy(const runtime::JobView* now, const model::TaskRow& task) {
  json::array out;
  const auto place = static_cast<size_t>(task.task);
  if (now == nullptr || IsTerminal(task.state) || place >= now->states.size() ||
      now->states[place] != task.state)
    return out;
  for (const runtime::Blocker& blocker : now->blockers)
    out.push_back(json::object{{"kind", blocker.kind},
                               {"message", blocker.sentence},
                               {"until", TimeOrNull(blocker.until)}});
  return out;
}

json::object TaskJson(const runtime::JobView* now,
                      const RunFacts& facts,
                      const model::TaskRow& task) {
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
      {"pool_slots", def.capacity.pool_slots},
      {"queue", nullptr},
      {"priority_weight", facts.weights[job.place]},
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
      {"missing_upstream", now == nullptr ? json::array() : MissingUpstream(now->missing)},
      {"blocked_by", BlockedBy(now, task)},
      {"reason", TextOrNull(ReasonOf(facts, job, task))},
  };
}

// The tasks of one answer, each with what is known of its run.
struct Shown {
  std::shared_ptr<const RunFacts> facts;
  model::TaskRow task;
};

json::array ShownJson(const std::vector<Shown>& tasks, const runtime::JobViews& now) {
  json::array out;
  for (const auto& [facts, task] : tasks) {
    const auto job = now.find(task.job);
    out.push_back(TaskJson(job == now.end() ? nullptr : &job->second, *facts, task));
  }
  return out;
}

std::vector<model::JobKey> JobsOf(const std::vector<Shown>& tasks) {
  std::vector<model::JobKey> jobs;
  for (const Shown& shown : tasks) {
    if (!IsTerminal(shown.task.state))
      jobs.push_back(shown.task.job);
  }
  return jobs;
}

JobsRead AnswerAtOnce(Reply reply) {
  return {{}, [reply = std::move(reply)](const runtime::JobViews&) { return reply; }};
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

json::array EdgeOf(const model::TaskRow& task) {
  return {task.job.run.dag.str(),
          task.job.run.run.str(),
          task.job.job.str(),
          task.job.lane.str(),
          task.task};
}

std::optional<model::TaskRow> ReadEdge(const json::array& values) {
  if (values.size() != 5 || !values[4].is_int64() ||
      !std::all_of(values.begin(), values.begin() + 4, [](const auto& v) { return v.is_string(); }))
    return std::nullopt;
  const auto text = [&](size_t i) { return std::string(values[i].get_string()); };
  return model::TaskRow{.job = {{model::DagId(text(0)), model::RunId(text(1))},
                                model::JobId(text(2)),
                                model::LaneId(text(3))},
                        .task = static_cast<int>(values[4].get_int64())};
}

base::Status ReadFilters(const Reading& reading,
                         const Exchange& exchange,
                         store::TaskQuery& query) {
  ASSIGN_OR_RETURN(query.states, ReadStates(exchange));
  if (exchange.dag().str() != kAny) {
    RETURN_IF_ERROR(FindDag(reading, exchange.dag()));
    query.dag = exchange.dag();
  }
  if (exchange.run().run.str() != kAny)
    query.run = exchange.run().run;
  return {};
}

base::Result<std::vector<Shown>> WithFacts(const Reading& reading,
                                           const std::vector<model::TaskRow>& tasks) {
  std::map<model::RunKey, std::shared_ptr<const RunFacts>> runs;
  std::vector<Shown> shown;
  for (const model::TaskRow& task : tasks) {
    std::shared_ptr<const RunFacts>& facts = runs[task.job.run];
    if (!facts) {
      ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, task.job.run));
      facts = std::make_shared<const RunFacts>(std::move(read));
    }
    shown.push_back({facts, task});
  }
  return shown;
}

// `~` for the DAG, the run, or both: any of them.
base::Result<JobsRead> ListOfRuns(const Reading& reading, const Exchange& exchange, Paging paging) {
  paging.limit = std::min(paging.limit, kLimitOfAllRuns);
  store::TaskQuery query{.limit = FetchLimit(paging), .offset = paging.offset};
  RETURN_IF_ERROR(ReadFilters(reading, exchange, query));
  if (paging.cursor) {
    auto edge = ReadEdge(paging.cursor->values);
    if (!edge)
      return AnswerAtOnce(NotOfThisList());
    query.from = {*std::move(edge), paging.cursor->is_backward};
  }
  ASSIGN_OR_RETURN(auto page, reading.rows.TasksOfRuns(query));
  if (query.run && query.states.empty() && page.total == 0)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no run '", base::Excerpt(query.run->str()), "'"));
  Links links = TakeLinks(page.rows, paging, EdgeOf);
  ASSIGN_OR_RETURN(std::vector<Shown> shown, WithFacts(reading, page.rows));
  std::vector<model::JobKey> jobs = JobsOf(shown);
  return JobsRead{std::move(jobs),
                  [shown = std::move(shown), links = std::move(links), total = page.total, paging](
                      const runtime::JobViews& now) -> Reply {
                    return ListObject(
                        "task_instances", ShownJson(shown, now), total, paging, links);
                  }};
}

base::Result<JobsRead> ListOfRun(const Reading& reading,
                                 const Exchange& exchange,
                                 const Paging& paging) {
  ASSIGN_OR_RETURN(auto states, ReadStates(exchange));
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  std::vector<Shown> shown;
  for (const model::TaskRow& task : facts->tasks) {
    if (states.empty() || std::find(states.begin(), states.end(), task.state) != states.end())
      shown.push_back({facts, task});
  }
  const Slice slice = SliceOf(shown.size(), paging);
  shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(slice.end), shown.end());
  shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(slice.begin));
  std::vector<model::JobKey> jobs = JobsOf(shown);
  return JobsRead{std::move(jobs),
                  [shown = std::move(shown), slice, paging](const runtime::JobViews& now) -> Reply {
                    return ListObject("task_instances", ShownJson(shown, now), slice, paging);
                  }};
}

}  // namespace

base::Result<JobsRead> ListTaskInstances(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "cursor", "state"}));
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return AnswerAtOnce(paging.error());
  if (exchange.args.at(0) == kAny || exchange.args.at(1) == kAny)
    return ListOfRuns(reading, exchange, *paging);
  return ListOfRun(reading, exchange, *paging);
}

base::Result<JobsRead> TaskInstancesOf(const Reading& reading,
                                       const model::RunKey& run,
                                       const std::vector<model::JobKey>& jobs) {
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, run));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  const std::set<model::JobKey> wanted(jobs.begin(), jobs.end());
  std::vector<Shown> shown;
  for (const model::TaskRow& task : facts->tasks) {
    if (wanted.contains(task.job))
      shown.push_back({facts, task});
  }
  std::vector<model::JobKey> open = JobsOf(shown);
  return JobsRead{std::move(open),
                  [shown = std::move(shown)](const runtime::JobViews& now) -> Reply {
                    return json::object{{"task_instances", ShownJson(shown, now)},
                                        {"total_entries", shown.size()}};
                  }};
}

base::Result<JobsRead> GetTaskInstance(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  for (const model::TaskRow& task : facts->tasks) {
    const model::Job& def = *facts->jobs.at(task.job).def;
    if (TaskDisplayId(def, task.task) != exchange.args.at(2))
      continue;
    const std::vector<Shown> shown{{facts, task}};
    return JobsRead{JobsOf(shown), [shown](const runtime::JobViews& now) -> Reply {
                      return ShownJson(shown, now).at(0).get_object();
                    }};
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("the run has no task '", base::Excerpt(exchange.args.at(2)), "'"));
}

}  // namespace api
