#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "api/job_names.h"
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

// Of a mapped job that has instances.
struct MappedFacts {
  bool has_list = false;
  json::array names;                         // by index; empty: it has none
  std::vector<store::InstanceCount> counts;  // by task and state
};

struct RunFacts {
  model::RunRow run;
  std::shared_ptr<const model::Dag> dag;
  // Versions that jobs are of which this one has not any more.
  std::vector<std::shared_ptr<const model::Dag>> earlier;
  std::vector<int> weights;  // by place; 0 of those
  std::map<model::JobKey, JobFacts> jobs;
  std::vector<model::TaskRow> tasks;  // of the jobs themselves
  std::map<model::JobKey, MappedFacts> mapped;
};

model::JobKey JobOf(model::JobKey key) {
  key.index = -1;
  return key;
}

// What is known of these rows' jobs beside their tasks.
base::Status ReadFacts(store::Reader& rows, const store::Instances& of, RunFacts& facts) {
  const model::RunKey& key = facts.run.key;
  const auto find = [&](const model::JobKey& job) -> JobFacts& {
    const auto [found, is_new] = facts.jobs.try_emplace(job);
    if (is_new && job.index >= 0) {
      const JobFacts& whole = facts.jobs[JobOf(job)];
      found->second.def = whole.def;
      found->second.place = whole.place;
    }
    return found->second;
  };
  ASSIGN_OR_RETURN(auto jobs, rows.Jobs(key, of));
  for (model::JobRow& row : jobs)
    find(row.key).row = std::move(row);
  ASSIGN_OR_RETURN(auto attempts, rows.Attempts(key, of));
  for (model::AttemptRow& attempt : attempts) {  // the latest last
    const bool succeeded = attempt.verdict == model::VerdictClass::kSuccess;
    find(attempt.key.job).reason = succeeded ? "" : std::move(attempt.reason);
  }
  ASSIGN_OR_RETURN(auto launches, rows.Launches(key, of));
  for (const model::LaunchRow& launch : launches)
    find(launch.attempt.job).cluster = launch.cluster.str();
  return {};
}

base::Status ReadMapped(store::Reader& rows, RunFacts& facts) {
  ASSIGN_OR_RETURN(const auto mappings, rows.Mappings(facts.run.key));
  if (mappings.empty())
    return {};
  for (const model::MappingRow& row : mappings) {
    MappedFacts& mapped = facts.mapped[row.key];
    mapped.has_list = !row.items.empty();
    if (row.names.empty())
      continue;
    ASSIGN_OR_RETURN(json::value names, base::ParseJson(row.names, "the names of instances"));
    mapped.names = std::move(names.get_array());
  }
  ASSIGN_OR_RETURN(auto counts, rows.CountInstances(facts.run.key));
  for (store::InstanceCount& count : counts) {
    const model::JobKey key{facts.run.key, count.job, count.lane};
    facts.mapped[key].counts.push_back(std::move(count));
  }
  return {};
}

// The attempts do not say why the task is where it is: its condition, its list, a skip.
bool IsToldByHistory(const model::TaskRow& task, const JobFacts& job) {
  if (task.state == model::TaskState::kSkipped)
    return true;
  const bool is_tried = task.try_number > 0 && (job.def == nullptr || !job.def->map_over);
  return task.state == model::TaskState::kFailed && !is_tried && job.reason.empty();
}

// What the history says of these, in one pass over that of the run's jobs.
base::Status ReadFromHistory(store::Reader& rows, RunFacts& facts) {
  std::map<model::JobKey, std::string_view> wanted;  // and the state
  for (const model::TaskRow& task : facts.tasks) {
    if (IsToldByHistory(task, facts.jobs[task.job]))
      wanted[task.job] = ToString(task.state);
  }
  if (wanted.empty())
    return {};
  store::HistoryQuery query{.limit = 1000,
                            .kind = model::EntityKind::kTask,
                            .dag = facts.run.key.dag,
                            .run = facts.run.key.run,
                            .index = -1};
  while (true) {
    ASSIGN_OR_RETURN(const auto history, rows.History(query));
    for (const model::HistoryRow& row : history) {
      const model::JobKey job{facts.run.key, row.subject.job, row.subject.lane};
      const auto state = wanted.find(job);
      if (state != wanted.end() && row.to == state->second && row.from != row.to)
        facts.jobs[job].reason = row.cause;
    }
    if (std::ssize(history) < query.limit)
      return {};
    query.after = history.back().seq;
  }
}

// Jobs that an earlier version of the run had stay in its rows: the newest version that has them
// says what they were.
base::Status FindEarlier(const Reading& reading, RunFacts& facts) {
  const auto is_unknown = [](const auto& job) { return job.second.def == nullptr; };
  if (std::ranges::none_of(facts.jobs, is_unknown))
    return {};
  ASSIGN_OR_RETURN(const auto versions, reading.rows.Versions(facts.run.key.dag));
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    ASSIGN_OR_RETURN(auto dag, reading.Dag(version->version));
    bool is_used = false;
    for (const model::Job& def : dag->jobs) {
      const auto job = facts.jobs.find({facts.run.key, def.id, def.lane});
      if (job == facts.jobs.end() || job->second.def != nullptr)
        continue;
      job->second.def = &def;
      job->second.place = facts.dag->jobs.size();
      is_used = true;
    }
    if (is_used)
      facts.earlier.push_back(std::move(dag));
    if (std::ranges::none_of(facts.jobs, is_unknown))
      return {};
  }
  return base::Fail(
      base::ErrorCode::kCorrupt,
      base::Cat("a job of ", ToString(facts.run.key), " is in no version of its DAG"));
}

base::Result<RunFacts> ReadRun(const Reading& reading, const model::RunKey& key) {
  store::Reader& rows = reading.rows;
  RunFacts facts;
  ASSIGN_OR_RETURN(facts.run, rows.Run(key));
  ASSIGN_OR_RETURN(facts.dag, reading.Dag(facts.run.version));
  facts.weights = model::EffectiveWeights(*facts.dag);
  facts.weights.push_back(0);
  for (size_t place = 0; place < facts.dag->jobs.size(); ++place) {
    const model::Job& def = facts.dag->jobs[place];
    facts.jobs[{key, def.id, def.lane}] = {.def = &def, .place = place};
  }
  const store::Instances jobs_alone{.last = -1};
  RETURN_IF_ERROR(ReadFacts(rows, jobs_alone, facts));
  RETURN_IF_ERROR(ReadMapped(rows, facts));
  ASSIGN_OR_RETURN(facts.tasks, rows.Tasks(key, jobs_alone));
  for (const model::TaskRow& task : facts.tasks)
    facts.jobs[task.job].failed =
        IsTerminal(task.state) && task.state != model::TaskState::kSuccess;
  RETURN_IF_ERROR(FindEarlier(reading, facts));
  RETURN_IF_ERROR(ReadFromHistory(rows, facts));
  std::sort(facts.tasks.begin(), facts.tasks.end(), [&](const auto& a, const auto& b) {
    return std::pair(facts.jobs.at(a.job).place, a.task) <
           std::pair(facts.jobs.at(b.job).place, b.task);
  });
  return facts;
}

// What is known of the instances among these tasks of the run is read, too.
base::Status AddInstances(const Reading& reading,
                          const std::vector<model::TaskRow>& tasks,
                          RunFacts& facts) {
  std::map<model::JobKey, std::pair<int, int>> ranges;
  for (const model::TaskRow& task : tasks) {
    const int index = task.job.index;
    if (index < 0 || task.job.run != facts.run.key)
      continue;
    const auto [range, is_new] = ranges.try_emplace(JobOf(task.job), index, index);
    range->second = {std::min(range->second.first, index), std::max(range->second.second, index)};
    JobFacts& job = facts.jobs[task.job];
    const JobFacts& whole = facts.jobs.at(JobOf(task.job));
    job.def = whole.def;
    job.place = whole.place;
  }
  for (const auto& [key, range] : ranges)
    RETURN_IF_ERROR(ReadFacts(reading.rows, {key.job, key.lane, range.first, range.second}, facts));
  return {};
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

// Why the task is where it is; "" unless it failed, is skipped, is up for retry or was never begun
// because of others: why an earlier try died says nothing about a later one.
std::string ReasonOf(const RunFacts& facts, const JobFacts& job, const model::TaskRow& task) {
  using model::TaskState;
  if (task.state == TaskState::kFailed || task.state == TaskState::kUpForRetry ||
      task.state == TaskState::kSkipped)
    return job.reason;
  if (task.state != TaskState::kUpstreamFailed || job.place >= facts.dag->jobs.size())
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

json::value NameOf(const RunFacts& facts, const model::JobKey& key) {
  const auto mapped = facts.mapped.find(JobOf(key));
  const auto place = static_cast<size_t>(key.index);
  if (key.index < 0 || mapped == facts.mapped.end() || place >= mapped->second.names.size())
    return nullptr;
  return mapped->second.names[place];
}

// Of a mapped job with instances: how many of them have this task in which state.
json::value CountsOf(const RunFacts& facts, const model::TaskRow& task) {
  const auto mapped = facts.mapped.find(task.job);
  if (task.job.index >= 0 || mapped == facts.mapped.end())
    return nullptr;
  json::object counts;
  for (const store::InstanceCount& count : mapped->second.counts) {
    if (count.task == task.task)
      counts[ToString(count.state)] = count.instances;
  }
  return counts;
}

json::object TaskJson(const runtime::JobView* now,
                      const RunFacts& facts,
                      const model::TaskRow& task) {
  const model::RunRow& run = facts.run;
  const JobFacts& job = facts.jobs.at(task.job);
  const model::Job& def = *job.def;
  std::string id = TaskDisplayId(def, task.task);
  const int map_index = task.job.index;
  json::value state = nullptr;
  if (task.state != model::TaskState::kNone)
    state = ToString(task.state);
  std::string_view op = Operator(def, task.task);
  return {
      {"id", Uuid(run.key, InstanceName(id, map_index))},
      {"task_id", id},
      {"task_display_name", id},
      {"dag_id", run.key.dag.str()},
      {"dag_display_name", run.key.dag.str()},
      {"dag_run_id", run.key.run.str()},
      {"map_index", map_index},
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
      {"note", TextOrNull(task.note)},
      {"rendered_map_index", NameOf(facts, task.job)},
      {"rendered_fields", json::object()},
      {"trigger", nullptr},
      {"triggerer_job", nullptr},
      {"dag_version", nullptr},
      {"job_id", def.id.str()},
      {"lane_id", TextOrNull(def.lane.str())},
      {"display_name", model::DisplayName(task.job)},
      {"mapped_states", CountsOf(facts, task)},
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
          task.job.index,
          task.task};
}

std::optional<model::TaskRow> ReadEdge(const json::array& values) {
  if (values.size() != 6 || !values[4].is_int64() || !values[5].is_int64() ||
      !std::all_of(values.begin(), values.begin() + 4, [](const auto& v) { return v.is_string(); }))
    return std::nullopt;
  const auto text = [&](size_t i) { return std::string(values[i].get_string()); };
  return model::TaskRow{.job = {{model::DagId(text(0)), model::RunId(text(1))},
                                model::JobId(text(2)),
                                model::LaneId(text(3)),
                                static_cast<int>(values[4].get_int64())},
                        .task = static_cast<int>(values[5].get_int64())};
}

base::Status ReadFilters(const Reading& reading,
                         const Exchange& exchange,
                         store::TaskQuery& query) {
  ASSIGN_OR_RETURN(query.states, ReadStates(exchange));
  ASSIGN_OR_RETURN(const auto index, ReadOne(exchange, "map_index"));
  if (index) {
    ASSIGN_OR_RETURN(query.of.first, ReadMapIndex(*index));
    query.of.last = query.of.first;
  }
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
      RETURN_IF_ERROR(AddInstances(reading, tasks, read));
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
  if (query.run && query.states.empty() && !exchange.target.Param("map_index") && page.total == 0)
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

// One after another, in the file's order: what a job has to show in a list of its run.
struct Stretch {
  model::JobKey key;
  std::vector<model::TaskRow> tasks;  // of the job itself
  int64_t instances = 0;              // of a mapped one: rows in the store, in place of `tasks`
};

bool IsWanted(const std::vector<model::TaskState>& states, model::TaskState state) {
  return states.empty() || std::find(states.begin(), states.end(), state) != states.end();
}

std::vector<Stretch> StretchesOf(const RunFacts& facts,
                                 const std::vector<model::TaskState>& states,
                                 bool is_expanded) {
  std::vector<Stretch> stretches;
  for (const model::TaskRow& task : facts.tasks) {
    if (stretches.empty() || stretches.back().key != task.job)
      stretches.push_back({task.job, {}, 0});
    if (IsWanted(states, task.state))
      stretches.back().tasks.push_back(task);
  }
  for (Stretch& stretch : stretches) {
    const auto mapped = facts.mapped.find(stretch.key);
    if (!is_expanded || mapped == facts.mapped.end())
      continue;
    // Without a list the job itself comes first, then what an earlier list has left.
    stretch.instances = mapped->second.has_list ? 0 : static_cast<int64_t>(stretch.tasks.size());
    stretch.tasks.clear();
    for (const store::InstanceCount& count : mapped->second.counts)
      stretch.instances += IsWanted(states, count.state) ? count.instances : 0;
  }
  return stretches;
}

// The rows of that slice.
base::Result<std::vector<model::TaskRow>> RowsOf(const Reading& reading,
                                                 const model::RunKey& run,
                                                 const std::vector<Stretch>& stretches,
                                                 const std::vector<model::TaskState>& states,
                                                 const Slice& slice) {
  std::vector<model::TaskRow> rows;
  size_t at = 0;
  for (const Stretch& stretch : stretches) {
    const size_t size = stretch.tasks.size() + static_cast<size_t>(stretch.instances);
    const size_t from = std::clamp(slice.begin, at, at + size) - at;
    const size_t to = std::clamp(slice.end, at, at + size) - at;
    at += size;
    if (from == to)
      continue;
    if (stretch.instances == 0) {
      rows.insert(rows.end(),
                  stretch.tasks.begin() + static_cast<std::ptrdiff_t>(from),
                  stretch.tasks.begin() + static_cast<std::ptrdiff_t>(to));
      continue;
    }
    ASSIGN_OR_RETURN(auto page,
                     reading.rows.TasksOfRuns({.dag = run.dag,
                                               .run = run.run,
                                               .of = {stretch.key.job, stretch.key.lane},
                                               .states = states,
                                               .limit = static_cast<int>(to - from),
                                               .offset = static_cast<int>(from)}));
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
  }
  return rows;
}

base::Result<JobsRead> ListOfRun(const Reading& reading,
                                 const Exchange& exchange,
                                 const Paging& paging) {
  ASSIGN_OR_RETURN(auto states, ReadStates(exchange));
  ASSIGN_OR_RETURN(const auto expanded, ReadBool(exchange, "expanded"));
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const auto stretches = StretchesOf(read, states, expanded.value_or(true));
  size_t total = 0;
  for (const Stretch& stretch : stretches)
    total += stretch.tasks.size() + static_cast<size_t>(stretch.instances);
  const Slice slice = SliceOf(total, paging);
  ASSIGN_OR_RETURN(const auto rows, RowsOf(reading, read.run.key, stretches, states, slice));
  RETURN_IF_ERROR(AddInstances(reading, rows, read));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  std::vector<Shown> shown;
  for (const model::TaskRow& task : rows)
    shown.push_back({facts, task});
  std::vector<model::JobKey> jobs = JobsOf(shown);
  return JobsRead{std::move(jobs),
                  [shown = std::move(shown), slice, paging](const runtime::JobViews& now) -> Reply {
                    return ListObject("task_instances", ShownJson(shown, now), slice, paging);
                  }};
}

}  // namespace

base::Result<JobsRead> ListTaskInstances(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(
      CheckParams(exchange, {"limit", "offset", "cursor", "state", "map_index", "expanded"}));
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return AnswerAtOnce(paging.error());
  if (exchange.args.at(0) == kAny || exchange.args.at(1) == kAny ||
      exchange.target.Param("map_index")) {
    if (exchange.args.at(0) != kAny && exchange.args.at(1) != kAny)
      RETURN_IF_ERROR(reading.rows.Run(exchange.run()));
    return ListOfRuns(reading, exchange, *paging);
  }
  return ListOfRun(reading, exchange, *paging);
}

base::Result<JobsRead> TaskInstancesOf(const Reading& reading,
                                       const model::RunKey& run,
                                       const std::vector<model::JobKey>& jobs) {
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, run));
  const std::set<model::JobKey> wanted(jobs.begin(), jobs.end());
  std::vector<model::TaskRow> tasks;
  for (const model::TaskRow& task : read.tasks) {
    if (wanted.contains(task.job))
      tasks.push_back(task);
    const auto first = wanted.lower_bound({run, task.job.job, task.job.lane, 0});
    const auto end =
        wanted.upper_bound({run, task.job.job, task.job.lane, std::numeric_limits<int>::max()});
    if (task.task > 0 || first == end)
      continue;
    ASSIGN_OR_RETURN(auto instances,
                     reading.rows.Tasks(
                         run, {task.job.job, task.job.lane, first->index, std::prev(end)->index}));
    std::ranges::copy_if(instances, std::back_inserter(tasks), [&](const model::TaskRow& each) {
      return wanted.contains(each.job);
    });
  }
  RETURN_IF_ERROR(AddInstances(reading, tasks, read));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  std::vector<Shown> shown;
  for (const model::TaskRow& task : tasks)
    shown.push_back({facts, task});
  std::vector<model::JobKey> open = JobsOf(shown);
  return JobsRead{std::move(open),
                  [shown = std::move(shown)](const runtime::JobViews& now) -> Reply {
                    return json::object{{"task_instances", ShownJson(shown, now)},
                                        {"total_entries", shown.size()}};
                  }};
}

base::Result<int> ReadMapIndex(std::string_view text) {
  int index = -2;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || index < -1)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", base::Excerpt(text), "' is no map_index: a number from -1"));
  return index;
}

namespace {

// The task that the path names, as the job itself has it; null where the run has none.
const model::TaskRow* FindTask(const RunFacts& facts, const std::string& task_id) {
  for (const model::TaskRow& task : facts.tasks) {
    if (TaskDisplayId(*facts.jobs.at(task.job).def, task.task) == task_id)
      return &task;
  }
  return nullptr;
}

base::Error NoTask(const std::string& task_id) {
  return {base::ErrorCode::kNotFound,
          base::Cat("the run has no task '", base::Excerpt(task_id), "'")};
}

}  // namespace

base::Result<JobsRead> GetTaskInstance(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const std::string& task_id = exchange.args.at(2);
  const model::TaskRow* found = FindTask(read, task_id);
  if (found == nullptr)
    return base::Fail(NoTask(task_id));
  model::TaskRow task = *found;
  const bool has_index = exchange.args.size() > 3;
  if (has_index) {
    ASSIGN_OR_RETURN(task.job.index, ReadMapIndex(exchange.args.at(3)));
  }
  const auto mapped = read.mapped.find(found->job);
  const bool has_list = mapped != read.mapped.end() && mapped->second.has_list;
  if (task.job.index < 0 && has_list)
    return base::Fail(base::ErrorCode::kNotFound,
                      "Task instance is mapped, add the map_index value to the URL");
  if (task.job.index >= 0) {
    const int index = task.job.index;
    ASSIGN_OR_RETURN(
        const auto rows,
        reading.rows.Tasks(exchange.run(), {task.job.job, task.job.lane, index, index}));
    const auto own = std::ranges::find(rows, task.task, &model::TaskRow::task);
    if (own == rows.end())
      return base::Fail(NoTask(InstanceName(task_id, index)));
    task = *own;
    RETURN_IF_ERROR(AddInstances(reading, rows, read));
  }
  const std::vector<Shown> shown{{std::make_shared<const RunFacts>(std::move(read)), task}};
  return JobsRead{JobsOf(shown), [shown](const runtime::JobViews& now) -> Reply {
                    return ShownJson(shown, now).at(0).get_object();
                  }};
}

base::Result<JobsRead> ListMapped(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "cursor", "state"}));
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return AnswerAtOnce(paging.error());
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const model::TaskRow* task = FindTask(read, exchange.args.at(2));
  if (task == nullptr)
    return base::Fail(NoTask(exchange.args.at(2)));
  if (!read.jobs.at(task->job).def->map_over)
    return base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("the task '", base::Excerpt(exchange.args.at(2)), "' is not mapped"));
  store::TaskQuery query{.dag = exchange.dag(),
                         .run = exchange.run().run,
                         .of = {task->job.job, task->job.lane, 0},
                         .task = task->task,
                         .limit = FetchLimit(*paging),
                         .offset = paging->offset};
  ASSIGN_OR_RETURN(query.states, ReadStates(exchange));
  if (paging->cursor) {
    auto edge = ReadEdge(paging->cursor->values);
    if (!edge)
      return AnswerAtOnce(NotOfThisList());
    query.from = {*std::move(edge), paging->cursor->is_backward};
  }
  ASSIGN_OR_RETURN(auto page, reading.rows.TasksOfRuns(query));
  Links links = TakeLinks(page.rows, *paging, EdgeOf);
  RETURN_IF_ERROR(AddInstances(reading, page.rows, read));
  const auto facts = std::make_shared<const RunFacts>(std::move(read));
  std::vector<Shown> shown;
  for (const model::TaskRow& row : page.rows)
    shown.push_back({facts, row});
  std::vector<model::JobKey> jobs = JobsOf(shown);
  return JobsRead{
      std::move(jobs),
      [shown = std::move(shown), links = std::move(links), total = page.total, paging = *paging](
          const runtime::JobViews& now) -> Reply {
        return ListObject("task_instances", ShownJson(shown, now), total, paging, links);
      }};
}

}  // namespace api
