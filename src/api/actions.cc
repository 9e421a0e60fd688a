// What people do to runs, tasks and clusters, with Airflow's paths, fields and defaults. A task
// stands for its job: start_cluster and wait_cluster_termination are cleared and marked as one.

#include <algorithm>
#include <functional>
#include <utility>

#include "api/clear_reach.h"
#include "api/job_names.h"
#include "api/resources.h"
#include "api/run_by_run.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/select.h"

namespace api {

namespace {

// The task of the path, and its instance, where the path goes on with a map_index or the query has
// one.
base::Result<std::string> InstanceOf(const Exchange& exchange) {
  const std::string& task_id = exchange.args.at(2);
  ASSIGN_OR_RETURN(std::optional<std::string> text, ReadOne(exchange, "map_index"));
  if (exchange.args.size() > 3)
    text = exchange.args[3];
  if (!text)
    return task_id;
  ASSIGN_OR_RETURN(const int map_index, ReadMapIndex(*text));
  return InstanceName(task_id, map_index);
}

// Of several runs each.
using Marks = std::vector<model::MarkJobs>;

// What the name in the path is of.
enum class Named { kTask, kGroup };

base::Status CheckGroup(const model::Dag& dag, const std::string& path) {
  if (std::ranges::find(dag.groups, path, &model::Group::path) == dag.groups.end())
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the run has no group '", base::Excerpt(path), "'"));
  return {};
}

// Null takes the note away.
std::string NoteOf(const Exchange& exchange) {
  return base::GetString(exchange.body, "note");
}

// The task of the path alone, not its job. A job's name stands for its first task.
base::Result<model::SetNote> ReadTaskNote(const Reading& reading, const Exchange& exchange) {
  const std::string& task_id = exchange.args.at(2);
  model::SetNote note{{exchange.run(), {}, exchange.principal(), nullptr}, 0, NoteOf(exchange)};
  ASSIGN_OR_RETURN(std::optional<std::string> index, ReadOne(exchange, "map_index"));
  if (exchange.args.size() > 3)
    index = exchange.args[3];
  ASSIGN_OR_RETURN(const int map_index, index ? ReadMapIndex(*index) : base::Result<int>(-1));
  ASSIGN_OR_RETURN(const auto dag, DagOf(reading, note.run));
  for (const model::Job& job : dag->jobs) {
    for (int task = 0; task < static_cast<int>(TaskCount(job)); ++task) {
      const bool is_job = task == 0 && model::DisplayName(job.id, job.lane) == task_id;
      if (!is_job && TaskDisplayId(job, task) != task_id)
        continue;
      if (job.map_over && !index)
        return Invalid("Task instance is mapped, add the map_index value to the URL");
      note.jobs.push_back({note.run, job.id, job.lane, map_index});
      note.task = task;
      return note;
    }
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("the run has no task '", base::Excerpt(task_id), "'"));
}

// Airflow 3's body of a task instance's PATCH.
base::Result<model::MarkJobs> ReadMark(const Reading& reading, const Exchange& exchange, Named of) {
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
  if (of == Named::kGroup)
    RETURN_IF_ERROR(CheckGroup(*dag, exchange.args.at(2)));
  ASSIGN_OR_RETURN(const std::string name, InstanceOf(exchange));
  ASSIGN_OR_RETURN(const auto named, JobNames(*dag, mark.run).Find(name));
  ASSIGN_OR_RETURN(const auto selected, model::SelectInstances(*dag, named, reach));
  for (int index : selected.jobs) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    mark.jobs.push_back({mark.run, job.id, job.lane});
  }
  mark.jobs.insert(mark.jobs.end(), selected.instances.begin(), selected.instances.end());
  return mark;
}

// With include_past and include_future the same of the DAG's other runs, those upstream first.
base::Result<Marks> ReadMarks(const Reading& reading, const Exchange& exchange, Named of) {
  ASSIGN_OR_RETURN(const model::MarkJobs mark, ReadMark(reading, exchange, of));
  ClearScope scope{.run = mark.run};
  ASSIGN_OR_RETURN(scope.past, ReadFlag(exchange.body, "include_past", false));
  ASSIGN_OR_RETURN(scope.future, ReadFlag(exchange.body, "include_future", false));
  if (!scope.past && !scope.future)
    return Marks{mark};
  ASSIGN_OR_RETURN(scope.reach.upstream, ReadFlag(exchange.body, "include_upstream", false));
  ASSIGN_OR_RETURN(scope.reach.downstream, ReadFlag(exchange.body, "include_downstream", false));
  ASSIGN_OR_RETURN(const std::string name, InstanceOf(exchange));
  scope.task_ids = {name};
  ASSIGN_OR_RETURN(const ClearReach reach, FindClearReach(reading, scope));
  Marks marks;
  for (const model::RunKey& run : reach.runs) {
    marks.push_back(mark);
    marks.back().run = run;
    marks.back().jobs = reach.jobs.at(run);
  }
  return marks;
}

std::vector<TasksOfRun> TasksOf(const Marks& marks) {
  std::vector<TasksOfRun> runs;
  for (const model::MarkJobs& mark : marks)
    runs.push_back({mark.run, mark.jobs});
  return runs;
}

void DryRunPatch(Context& context, const SharedExchange& exchange, Named of, Answered answered) {
  context.desk.ReadJobs<Reply>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange, of](const Reading& reading) -> base::Result<JobsRead> {
        ASSIGN_OR_RETURN(const Marks marks, ReadMarks(reading, *exchange, of));
        return TaskInstancesOf(reading, TasksOf(marks));
      },
      [](Reply reply) { return reply; },
      std::move(answered));
}

}  // namespace

void AnswerWith(Context& context, Query query, Exchange exchange, Answered answered) {
  exchange.target.query.clear();
  SightPtr sight = exchange.sight;
  context.desk.Read<Reply>(
      ReadDesk::Turn::kFirst,
      std::move(sight),
      [query, exchange = std::move(exchange)](const Reading& reading) {
        return query(reading, exchange);
      },
      std::move(answered));
}

void IfSeen(Context& context,
            const SharedExchange& exchange,
            Query query,
            const Answered& answered,
            std::function<void()> then) {
  if (exchange->sight == nullptr)
    return then();
  context.desk.Read<Reply>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [query, exchange](const Reading& reading) { return query(reading, *exchange); },
      [answered, then = std::move(then)](Answer seen) {
        if (!seen)
          return answered(std::move(seen));
        then();
      });
}

void PatchRun(Context& context, const SharedExchange& exchange, Answered answered) {
  auto answer = [&context, exchange, answered](const runtime::Outcome& outcome) {
    if (!outcome)
      return answered(base::Fail(outcome.error()));
    AnswerWith(context, &GetRun, *exchange, answered);
  };
  const model::RunRequest request{exchange->run(), {}, exchange->principal(), nullptr};
  const std::string state = base::GetString(exchange->body, "state");
  const bool has_state = !state.empty();
  const bool has_note = exchange->body.contains("note");
  if (has_state ? state != "queued" && state != "success" && state != "failed" : !has_note)
    return answered(Invalid("'state' must be queued (run it again), success or failed"));
  auto change_state = [&context, request, state, answer] {
    if (state == "queued")
      return context.commands.Clear({request, {}, false}, answer);
    context.commands.Mark(model::MarkRun{request, *model::ParseRunState(state)}, answer);
  };
  if (!has_note)
    return change_state();
  context.commands.SetNote({request, 0, NoteOf(*exchange)},
                           [has_state, change_state, answer](const runtime::Outcome& outcome) {
                             if (has_state && outcome)
                               return change_state();
                             answer(outcome);
                           });
}

namespace {

struct TaskPatch {
  std::optional<model::SetNote> note;
  std::optional<Marks> marks;
};

base::Result<TaskPatch> ReadTaskPatch(const Reading& reading, const Exchange& exchange) {
  TaskPatch patch;
  if (exchange.body.contains("note")) {
    ASSIGN_OR_RETURN(patch.note, ReadTaskNote(reading, exchange));
  }
  const json::value* state = exchange.body.if_contains("new_state");
  const bool has_state = state != nullptr && !state->is_null();
  if (has_state || !patch.note) {
    ASSIGN_OR_RETURN(patch.marks, ReadMarks(reading, exchange, Named::kTask));
  }
  return patch;
}

void MarkTasks(Context& context, SightPtr sight, const Marks& marks, const Answered& answered) {
  RunByRun(
      marks.size(),
      [&context, marks](size_t place, runtime::OnOutcome done) {
        context.commands.Mark(marks[place], std::move(done));
      },
      "changed",
      answered,
      [&context, sight = std::move(sight), marks, answered] {
        AnswerWithTasks(context, sight, TasksOf(marks), answered);
      });
}

}  // namespace

void PatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered) {
  context.desk.Read<TaskPatch>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange](const Reading& reading) { return ReadTaskPatch(reading, *exchange); },
      [&context, sight = exchange->sight, answered = std::move(answered)](
          base::Result<TaskPatch> patch) {
        if (!patch)
          return answered(base::Fail(patch.error()));
        if (!patch->note)
          return MarkTasks(context, sight, *patch->marks, answered);
        const model::SetNote& note = *patch->note;
        context.commands.SetNote(
            note, [&context, sight, patch = *patch, answered](const runtime::Outcome& outcome) {
              if (!outcome)
                return answered(base::Fail(outcome.error()));
              if (patch.marks)
                return MarkTasks(context, sight, *patch.marks, answered);
              AnswerWithTasks(context, sight, {{patch.note->run, patch.note->jobs}}, answered);
            });
      });
}

void DryRunPatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered) {
  DryRunPatch(context, exchange, Named::kTask, std::move(answered));
}

void PatchTaskGroup(Context& context, const SharedExchange& exchange, Answered answered) {
  context.desk.Read<Marks>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange](const Reading& reading) { return ReadMarks(reading, *exchange, Named::kGroup); },
      [&context, sight = exchange->sight, answered = std::move(answered)](
          const base::Result<Marks>& marks) {
        if (!marks)
          return answered(base::Fail(marks.error()));
        MarkTasks(context, sight, *marks, answered);
      });
}

void DryRunPatchTaskGroup(Context& context, const SharedExchange& exchange, Answered answered) {
  DryRunPatch(context, exchange, Named::kGroup, std::move(answered));
}

void TerminateCluster(Context& context, const SharedExchange& exchange, Answered answered) {
  IfSeen(context, exchange, &GetCluster, answered, [&context, exchange, answered] {
    context.commands.Terminate({model::ClusterId(exchange->args.at(0)), exchange->principal()},
                               [&context, exchange, answered](const runtime::Outcome& outcome) {
                                 if (!outcome)
                                   return answered(base::Fail(outcome.error()));
                                 AnswerWith(context, &GetCluster, *exchange, answered);
                               });
  });
}

}  // namespace api
