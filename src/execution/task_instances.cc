// The life of the task instance that calls: its context, its state, heartbeats, what it skips.

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"
#include "model/select.h"

namespace execution {

namespace {

using base::Cat;

// The token is for one task instance, and so is the path.
bool IsSelf(const SharedCall& call) {
  if (call->args.at(0) == call->task.id)
    return true;
  call->Refuse(403, "access_denied", "the token is for another task instance");
  return false;
}

json::object ContextJson(const Call& call, json::array consumed) {
  const runtime::TaskView& task = call.task;
  json::object run = DagRunJson(task.run);
  run["consumed_asset_events"] = std::move(consumed);
  return {{"dag_run", std::move(run)},
          {"task_reschedule_count", 0},
          {"max_tries", task.job->retries},
          {"variables", json::array()},
          {"connections", json::array()},
          {"upstream_map_indexes", nullptr},
          // A try begins with no values of its own: what an earlier one has told is not its.
          {"xcom_keys_to_clear", json::array()},
          {"should_retry", task.should_retry}};
}

void Run(const SharedCall& call) {
  if (!IsSelf(call))
    return;
  if (!call->task.is_wanted)
    return call->Refuse(409, "invalid_state", "the task instance was cleared, marked or aborted");
  call->world.commands.Tell(call->task.process, {}, [call](const base::Result<json::object>& told) {
    if (!told)
      return call->Refuse(told.error());
    if (told->contains("report"))
      return call->Refuse(409, "invalid_state", "the task instance has told its state already");
    if (call->task.run.asset_events.empty())
      return call->Send(ContextJson(*call, {}));
    Read<json::array>(
        call,
        [call](store::Reader& rows) { return ReadConsumed(rows, call->task.run); },
        [call](json::array consumed) { call->Send(ContextJson(*call, std::move(consumed))); });
  });
}

void SetState(const SharedCall& call) {
  constexpr std::array<std::string_view, 4> kStates = {
      "success", "failed", "skipped", "up_for_retry"};
  if (!IsSelf(call))
    return;
  const json::object* body = call->body.if_object();
  const std::string state = body == nullptr ? "" : base::GetString(*body, "state");
  if (std::ranges::find(kStates, state) == kStates.end())
    return call->Refuse(
        422,
        "invalid_state",
        Cat("a task ends here as success, failed, skipped or up_for_retry, not as '", state, "'"));
  if (!call->task.is_wanted)
    return call->Refuse(409, "invalid_state", "the task instance was cleared, marked or aborted");
  call->world.commands.Tell(
      call->task.process,
      {{"report", json::object{{"state", state}}}},
      [call, state](const base::Result<json::object>& told) {
        if (!told)
          return call->Refuse(told.error());
        const std::string known = base::GetString(base::GetObject(*told, "report"), "state");
        if (known != state)
          return call->Refuse(409, "invalid_state", Cat("it has told the state ", known));
        call->SendNothing();
      });
}

// Its process is watched, so this only tells a task that it is wanted no more.
void Heartbeat(const SharedCall& call) {
  if (!IsSelf(call))
    return;
  if (!call->task.is_wanted)
    return call->Refuse(409, "not_running", "the task instance was cleared, marked or aborted");
  call->SendNothing();
}

void SkipDownstream(const SharedCall& call) {
  if (!IsSelf(call))
    return;
  const json::object* body = call->body.if_object();
  json::array names;
  for (const json::value& task : body == nullptr ? json::array() : base::GetArray(*body, "tasks")) {
    // A name, or a name and the number of an instance: those of mapped tasks are skipped by what
    // the task has pushed (engine/branch.h).
    if (task.is_string())
      names.push_back(task);
    else if (task.is_array() && task.get_array().size() == 2 && task.get_array()[0].is_string())
      names.push_back(task.get_array()[0]);
    else
      return call->Refuse(422, "invalid_request", "'tasks' is a list of task ids");
  }
  call->world.commands.Tell(call->task.process,
                            {{"skipped", std::move(names)}},
                            [call](const base::Result<json::object>& told) {
                              if (!told)
                                return call->Refuse(told.error());
                              call->SendNothing();
                            });
}

// Accepted, and not kept.
void Ignore(const SharedCall& call) {
  if (IsSelf(call))
    call->Send(nullptr, call->request.method == "PUT" ? 201 : 200);
}

void InactiveAssets(const SharedCall& call) {
  if (IsSelf(call))
    call->Send(json::object{{"inactive_assets", json::array()}});
}

void RescheduleStart(const SharedCall& call) {
  if (IsSelf(call))
    call->Send(nullptr);
}

void PreviousSuccess(const SharedCall& call) {
  if (!IsSelf(call))
    return;
  const model::RunRow run = call->task.run;
  store::RunQuery query{.dag = run.key.dag, .states = {model::RunState::kSuccess}, .limit = 100};
  Read<json::object>(
      call,
      [run, query](store::Reader& rows) -> base::Result<json::object> {
        json::object out{{"data_interval_start", nullptr},
                         {"data_interval_end", nullptr},
                         {"start_date", nullptr},
                         {"end_date", nullptr}};
        ASSIGN_OR_RETURN(const auto page, rows.Runs(query));
        const model::RunRow* latest = nullptr;
        for (const model::RunRow& row : page.rows) {
          if (row.logical_date && run.logical_date && *row.logical_date < *run.logical_date &&
              (latest == nullptr || *latest->logical_date < *row.logical_date))
            latest = &row;
        }
        if (latest != nullptr)
          out = {{"data_interval_start", TimeOrNull(latest->data_interval.start)},
                 {"data_interval_end", TimeOrNull(latest->data_interval.end)},
                 {"start_date", TimeOrNull(latest->start_date)},
                 {"end_date", TimeOrNull(latest->end_date)}};
        return out;
      },
      [call](json::object out) { call->Send(std::move(out)); });
}

// The tasks of runs of a DAG, as the two routes below ask for them.
struct States {
  std::vector<std::tuple<std::string, std::string, int, std::string>>
      all;  // run, task, index, state
};

base::Result<States> ReadStates(store::Reader& rows, const Call& call) {
  const model::DagId dag(call.Text("dag_id").value_or(""));
  std::vector<std::string> runs = call.All("run_ids");
  if (const auto dates = call.All("logical_dates"); !dates.empty()) {
    for (const std::string& text : dates) {
      const auto date = base::ParseTime(text);
      if (!date)
        return base::Fail(base::ErrorCode::kInvalidArgument, "'logical_dates' are dates");
      ASSIGN_OR_RETURN(const auto run, rows.RunAt(dag, *date));
      if (run)
        runs.push_back(run->key.run.str());
    }
  }
  if (runs.empty() && call.All("logical_dates").empty())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "give 'run_ids' or 'logical_dates': tasks of all runs are not counted here");
  if (call.Text("task_group_id"))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "'task_group_id' is not supported here: give 'task_ids'");
  const std::vector<std::string> tasks = call.All("task_ids");
  ASSIGN_OR_RETURN(const auto index, call.Number("map_index"));
  States states;
  for (const std::string& run : runs) {
    const model::RunKey key{dag, model::RunId(run)};
    const auto row = rows.Run(key);
    if (!row)
      continue;
    ASSIGN_OR_RETURN(const auto version, DagOf(rows, row->version));
    ASSIGN_OR_RETURN(const auto found, rows.Tasks(key));
    std::map<model::JobId, std::string> names;  // of those that are asked for
    for (const model::Job& job : version->jobs) {
      const auto asked = std::ranges::find_if(
          tasks, [&](const std::string& name) { return model::IsCalled(job, name); });
      if (tasks.empty() || asked != tasks.end())
        names[job.id] = tasks.empty() ? TaskIdOf(job) : *asked;
    }
    for (const model::TaskRow& task : found) {
      const auto name = names.find(task.job.job);
      if (name == names.end() || (index && task.job.index != *index))
        continue;
      states.all.emplace_back(run, name->second, task.job.index, std::string(ToString(task.state)));
    }
  }
  return states;
}

void CountTasks(const SharedCall& call) {
  Read<States>(
      call,
      [call](store::Reader& rows) { return ReadStates(rows, *call); },
      [call](const States& states) {
        const std::vector<std::string> wanted = call->All("states");
        int64_t count = 0;
        for (const auto& [run, task, index, state] : states.all)
          count += wanted.empty() || std::ranges::find(wanted, state) != wanted.end() ? 1 : 0;
        call->Send(count);
      });
}

void TaskStates(const SharedCall& call) {
  Read<States>(
      call,
      [call](store::Reader& rows) { return ReadStates(rows, *call); },
      [call](const States& states) {
        json::object out;
        for (const auto& [run, task, index, state] : states.all) {
          json::value& of_run = out[run];
          if (!of_run.is_object())
            of_run.emplace_object();
          of_run.get_object()[index < 0 ? task : Cat(task, "_", index)] = state;
        }
        call->Send(json::object{{"task_states", std::move(out)}});
      });
}

}  // namespace

std::vector<Route> TaskRoutes() {
  return {{"PATCH", "task-instances/{}/run", &Run},
          {"PATCH", "task-instances/{}/state", &SetState},
          {"PUT", "task-instances/{}/heartbeat", &Heartbeat},
          {"PATCH", "task-instances/{}/skip-downstream", &SkipDownstream},
          {"PUT", "task-instances/{}/rtif", &Ignore},
          {"PATCH", "task-instances/{}/rendered-map-index", &Ignore},
          {"GET", "task-instances/{}/previous-successful-dagrun", &PreviousSuccess},
          {"GET", "task-instances/{}/validate-inlets-and-outlets", &InactiveAssets},
          {"GET", "task-instances/count", &CountTasks},
          {"GET", "task-instances/states", &TaskStates},
          {"GET", "task-reschedules/{}/start_date", &RescheduleStart}};
}

}  // namespace execution
