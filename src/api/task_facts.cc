#include "api/task_facts.h"

#include <algorithm>
#include <utility>

#include "api/job_names.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

model::JobKey JobOf(model::JobKey key) {
  key.index = -1;
  return key;
}

namespace {

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

}  // namespace

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
  ASSIGN_OR_RETURN(auto causes, rows.Causes(key));
  for (model::CauseRow& cause : causes)
    facts.causes.emplace(cause.key, std::move(cause.text));
  ASSIGN_OR_RETURN(facts.tasks, rows.Tasks(key, jobs_alone));
  for (const model::TaskRow& task : facts.tasks) {
    // One that waits for its group has failed for those that gave up within the group; one that
    // waits for a try of its own has not.
    JobFacts& job = facts.jobs[task.job];
    job.failed = (task.state == model::TaskState::kUpForRetry && !job.row.next_try_at) ||
                 (IsTerminal(task.state) && task.state != model::TaskState::kSuccess);
  }
  RETURN_IF_ERROR(FindEarlier(reading, facts));
  RETURN_IF_ERROR(ReadFromHistory(rows, facts));
  std::sort(facts.tasks.begin(), facts.tasks.end(), [&](const auto& a, const auto& b) {
    return std::pair(facts.jobs.at(a.job).place, a.task) <
           std::pair(facts.jobs.at(b.job).place, b.task);
  });
  return facts;
}

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

const model::TaskRow* OfJob(const RunFacts& facts, std::string_view task_id) {
  for (const model::TaskRow& task : facts.tasks) {
    if (TaskDisplayId(*facts.jobs.at(task.job).def, task.task) == task_id)
      return &task;
  }
  return nullptr;
}

base::Error NoTask(std::string_view task_id) {
  return {base::ErrorCode::kNotFound,
          base::Cat("the run has no task '", base::Excerpt(task_id), "'")};
}

base::Result<model::TaskRow> FindTask(const Reading& reading,
                                      std::string_view task_id,
                                      int map_index,
                                      RunFacts& facts) {
  const model::TaskRow* found = OfJob(facts, task_id);
  if (found == nullptr)
    return base::Fail(NoTask(task_id));
  if (map_index < 0) {
    const auto mapped = facts.mapped.find(found->job);
    if (mapped != facts.mapped.end() && mapped->second.has_list)
      return base::Fail(base::ErrorCode::kNotFound,
                        "Task instance is mapped, add the map_index value to the URL");
    return *found;
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      reading.rows.Tasks(facts.run.key, {found->job.job, found->job.lane, map_index, map_index}));
  const auto own = std::ranges::find(rows, found->task, &model::TaskRow::task);
  if (own == rows.end())
    return base::Fail(NoTask(InstanceName(task_id, map_index)));
  RETURN_IF_ERROR(AddInstances(reading, rows, facts));
  return *own;
}

}  // namespace api
