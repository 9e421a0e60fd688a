#include "api/run_by_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace api {

namespace {

struct Steps {
  size_t count;
  std::function<void(size_t, runtime::OnOutcome)> ask;
  std::string_view done;
  Answered answered;
  std::function<void()> then;
};

void GoOn(const std::shared_ptr<const Steps>& steps, size_t place) {
  if (place == steps->count)
    return steps->then();
  steps->ask(place, [steps, place](const runtime::Outcome& outcome) {
    if (outcome)
      return GoOn(steps, place + 1);
    base::Error error = outcome.error();
    if (place > 0)
      error.message += base::Cat("; ",
                                 place,
                                 " of ",
                                 steps->count,
                                 " runs were ",
                                 steps->done,
                                 " before: ask again for the rest");
    steps->answered(base::Fail(std::move(error)));
  });
}

}  // namespace

void RunByRun(size_t count,
              std::function<void(size_t place, runtime::OnOutcome)> ask,
              std::string_view done,
              Answered answered,
              std::function<void()> then) {
  GoOn(std::make_shared<Steps>(
           Steps{count, std::move(ask), done, std::move(answered), std::move(then)}),
       0);
}

base::Result<JobsRead> TaskInstancesOf(const Reading& reading, std::vector<TasksOfRun> runs) {
  JobsRead all;
  std::vector<std::function<Reply(const runtime::JobViews&)>> answers;
  for (const TasksOfRun& run : runs) {
    ASSIGN_OR_RETURN(JobsRead one, TaskInstancesOf(reading, run.run, run.jobs));
    all.jobs.insert(all.jobs.end(), one.jobs.begin(), one.jobs.end());
    answers.push_back(std::move(one.answer));
  }
  all.answer = [runs = std::move(runs),
                answers = std::move(answers)](const runtime::JobViews& views) -> Reply {
    json::array tasks;
    for (size_t i = 0; i < runs.size(); ++i) {
      json::object part = std::get<json::object>(answers[i](views));
      json::array& of_run = part.at("task_instances").get_array();
      if (runs[i].edit)
        runs[i].edit(of_run);
      std::ranges::move(of_run, std::back_inserter(tasks));
    }
    const size_t count = tasks.size();
    return json::object{{"task_instances", std::move(tasks)}, {"total_entries", count}};
  };
  return all;
}

void AnswerWithTasks(Context& context,
                     SightPtr sight,
                     std::vector<TasksOfRun> runs,
                     Answered answered) {
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      std::move(sight),
      [runs = std::move(runs)](const Reading& reading) { return TaskInstancesOf(reading, runs); },
      [](Reply reply) { return reply; },
      std::move(answered));
}

}  // namespace api
