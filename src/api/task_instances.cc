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
#include "api/task_facts.h"
#include "api/task_queries.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

JobsRead AnswerAtOnce(Reply reply) {
  return {{}, [reply = std::move(reply)](const runtime::JobViews&) { return reply; }};
}

// Of all runs fewer are shown at once: the facts of each one's run have to be read.
constexpr int kLimitOfAllRuns = 100;

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

// Whether the query has more than `names`.
bool AsksMoreThan(const Exchange& exchange, const std::set<std::string_view>& names) {
  return std::ranges::any_of(exchange.target.query,
                             [&](const auto& given) { return !names.contains(given.first); });
}

// `~` for the DAG, the run, or both: any of them. Or a run's, in another order than its file's.
base::Result<JobsRead> ListOfRuns(const Reading& reading, const Exchange& exchange, Paging paging) {
  const bool is_of_run = exchange.args.at(1) != kAny;
  ASSIGN_OR_RETURN(const auto expanded, ReadBool(exchange, "expanded"));
  if (expanded == false)
    return Invalid("'expanded=false' is for the list of one run that 'state' alone filters");
  if (!is_of_run || exchange.args.at(0) == kAny)
    paging.limit = std::min(paging.limit, kLimitOfAllRuns);
  ASSIGN_OR_RETURN(const auto query, ReadTaskQuery(reading, exchange, paging));
  if (!query)
    return AnswerAtOnce(query.error());
  ASSIGN_OR_RETURN(auto page, reading.rows.TasksOfRuns(*query));
  if (is_of_run && page.total == 0 && !AsksMoreThan(exchange, {"limit", "offset", "cursor"}))
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no run '", base::Excerpt(exchange.args.at(1)), "'"));
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
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return AnswerAtOnce(paging.error());
  if (exchange.args.at(0) == kAny || exchange.args.at(1) == kAny ||
      AsksMoreThan(exchange, {"limit", "offset", "cursor", "state", "expanded"})) {
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

base::Result<JobsRead> GetTaskInstance(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  int index = -1;
  if (exchange.args.size() > 3) {
    ASSIGN_OR_RETURN(index, ReadMapIndex(exchange.args.at(3)));
  }
  ASSIGN_OR_RETURN(const model::TaskRow task, FindTask(reading, exchange.args.at(2), index, read));
  const std::vector<Shown> shown{{std::make_shared<const RunFacts>(std::move(read)), task}};
  return JobsRead{JobsOf(shown), [shown](const runtime::JobViews& now) -> Reply {
                    return ShownJson(shown, now).at(0).get_object();
                  }};
}

base::Result<JobsRead> ListMapped(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return AnswerAtOnce(paging.error());
  ASSIGN_OR_RETURN(RunFacts read, ReadRun(reading, exchange.run()));
  const model::TaskRow* task = OfJob(read, exchange.args.at(2));
  if (task == nullptr)
    return base::Fail(NoTask(exchange.args.at(2)));
  if (!read.jobs.at(task->job).def->map_over)
    return base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("the task '", base::Excerpt(exchange.args.at(2)), "' is not mapped"));
  ASSIGN_OR_RETURN(auto query, ReadTaskQuery(reading, exchange, *paging));
  if (!query)
    return AnswerAtOnce(query.error());
  query->of.job = task->job.job;
  query->of.lane = task->job.lane;
  query->of.first = std::max(query->of.first, 0);
  query->task = task->task;
  ASSIGN_OR_RETURN(auto page, reading.rows.TasksOfRuns(*query));
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
