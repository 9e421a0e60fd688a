// Airflow's requests for many things at once. Each of them is asked for as by a request of its own,
// one after the other: what one is refused for does not keep the others.

#include <functional>
#include <memory>
#include <utility>

#include "api/job_names.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

struct Step {
  std::string action;  // "update"
  std::string name;    // as the answer shows it
  SharedExchange exchange;
  Change change = nullptr;
  std::optional<http::Response> refusal;  // known before
};

struct Bulk {
  std::vector<Step> steps;
  std::vector<Answer> answers;  // by step
};

// As if it were asked for alone.
Step MakeStep(const Exchange& from,
              std::string_view method,
              const std::vector<std::string>& path,
              const json::object& body) {
  Step step;
  std::vector<std::string> segments{"api", "v2"};
  segments.insert(segments.end(), path.begin(), path.end());
  Match match = FindRoute(Routes(), method, segments);
  auto exchange = std::make_shared<Exchange>(from);
  exchange->target.query.clear();
  exchange->target.segments = std::move(segments);
  exchange->args = std::move(match.args);
  const BodySchema schema = match.route->body.value_or(BodySchema());
  auto read = ReadBody(base::Serialize(body), schema);
  if (read)
    exchange->body = *std::move(read);
  else
    step.refusal = http::ErrorResponse(422, read.error().message);
  if (!exchange->MaySee(exchange->dag()))
    step.refusal = http::ErrorResponse(404, NoDag(exchange->dag()).message);
  step.exchange = std::move(exchange);
  step.change = std::get<Change>(match.route->handler);
  return step;
}

// One after the other; `done` once all have their answers.
void Run(Context& context, const std::shared_ptr<Bulk>& bulk, const std::function<void()>& done) {
  const size_t place = bulk->answers.size();
  if (place == bulk->steps.size())
    return done();
  const Step& step = bulk->steps[place];
  const auto go_on = [&context, bulk, done](Answer answer) {
    bulk->answers.push_back(std::move(answer));
    Run(context, bulk, done);
  };
  if (step.refusal)
    return go_on(*step.refusal);
  step.change(context, step.exchange, go_on);
}

std::string DetailOf(const Outgoing& outgoing) {
  const auto* response = std::get_if<http::Response>(&outgoing);
  const auto body = response == nullptr ? base::Result<json::value>(json::object())
                                        : base::ParseJson(response->body);
  return body && body->is_object() ? base::GetString(body->get_object(), "detail") : "";
}

// Airflow's BulkResponse: by action what was done, and what not, with why.
json::object ResultOf(const Bulk& bulk) {
  json::object out{{"create", nullptr}, {"update", nullptr}, {"delete", nullptr}};
  for (size_t i = 0; i < bulk.steps.size(); ++i) {
    json::value& of = out[bulk.steps[i].action];
    if (of.is_null())
      of = json::object{{"success", json::array()}, {"errors", json::array()}};
    const Outgoing outgoing = Finish(bulk.answers[i]);
    const int status = StatusOf(outgoing);
    if (status < 300)
      of.at("success").get_array().emplace_back(bulk.steps[i].name);
    else
      of.at("errors").get_array().push_back(
          json::object{{"error", base::Cat(bulk.steps[i].name, ": ", DetailOf(outgoing))},
                       {"status_code", status}});
  }
  return out;
}

// The id under `name`; else the one of the path, where that is not "~".
base::Result<std::string> IdOf(const json::object& entity,
                               std::string_view name,
                               const std::string& of_path) {
  const json::value* given = entity.if_contains(name);
  if (given != nullptr && !given->is_string() && !given->is_null())
    return Invalid(base::Cat("'", name, "' must be a text"));
  std::string id = base::GetString(entity, name);
  if (id.empty())
    id = of_path;
  if (id.empty() || id == "~" || id.find('/') != std::string::npos)
    return Invalid(base::Cat("each entry needs a '", name, "'"));
  return id;
}

json::object Without(json::object entity, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    entity.erase(name);
  return entity;
}

base::Result<Step> RunStep(const Exchange& exchange, const json::object& entity) {
  ASSIGN_OR_RETURN(const std::string dag, IdOf(entity, "dag_id", exchange.args.at(0)));
  ASSIGN_OR_RETURN(const std::string run, IdOf(entity, "dag_run_id", ""));
  Step step = MakeStep(
      exchange, "PATCH", {"dags", dag, "dagRuns", run}, Without(entity, {"dag_id", "dag_run_id"}));
  step.name = base::Cat(dag, ".", run);
  return step;
}

base::Result<Step> TaskStep(const Exchange& exchange, const json::object& entity) {
  ASSIGN_OR_RETURN(const std::string dag, IdOf(entity, "dag_id", exchange.args.at(0)));
  ASSIGN_OR_RETURN(const std::string run, IdOf(entity, "dag_run_id", exchange.args.at(1)));
  ASSIGN_OR_RETURN(const std::string task, IdOf(entity, "task_id", ""));
  const json::value* given = entity.if_contains("map_index");
  if (given != nullptr && !given->is_int64() && !given->is_null())
    return Invalid("'map_index' must be a whole number");
  const int64_t index = base::GetInt(entity, "map_index", -1);
  std::vector<std::string> path{"dags", dag, "dagRuns", run, "taskInstances", task};
  if (index >= 0)
    path.push_back(base::Cat(index));
  Step step = MakeStep(
      exchange, "PATCH", path, Without(entity, {"dag_id", "dag_run_id", "task_id", "map_index"}));
  step.name = base::Cat(dag, ".", run, ".", task, "[", index, "]");
  return step;
}

// Airflow names those to delete by an id, or by an object with it.
base::Result<Step> DeleteStep(const Exchange& exchange, const json::value& entity) {
  json::object named{{"dag_run_id", entity}};
  if (const json::object* object = entity.if_object())
    named = *object;
  ASSIGN_OR_RETURN(const std::string dag, IdOf(named, "dag_id", exchange.args.at(0)));
  ASSIGN_OR_RETURN(const std::string run, IdOf(named, "dag_run_id", ""));
  Step step = MakeStep(exchange, "DELETE", {"dags", dag, "dagRuns", run}, {});
  step.name = base::Cat(dag, ".", run);
  return step;
}

using MakeUpdate = base::Result<Step> (*)(const Exchange&, const json::object&);

base::Status AddAction(const Exchange& exchange,
                       const json::value& value,
                       MakeUpdate make,
                       Bulk& bulk) {
  const json::object* action = value.if_object();
  const json::value* entities = action == nullptr ? nullptr : action->if_contains("entities");
  if (entities == nullptr || !entities->is_array())
    return Invalid("each of 'actions' must be an object with an 'action' and a list of 'entities'");
  const std::string kind = base::GetString(*action, "action");
  if (kind != "update" && kind != "create" && kind != "delete")
    return Invalid(
        base::Cat("'action' must be create, update or delete, not '", base::Excerpt(kind), "'"));
  if (base::GetString(*action, "action_on_non_existence") == "skip" ||
      base::GetArray(*action, "update_mask").size() > 0)
    return Invalid("'action_on_non_existence: skip' and 'update_mask' are not supported here");
  for (const json::value& entity : entities->get_array()) {
    if (bulk.steps.size() == kMostEntities)
      return Invalid(base::Cat("at most ", kMostEntities, " entities are taken at once"));
    if (kind == "delete" && make == &RunStep) {
      ASSIGN_OR_RETURN(Step step, DeleteStep(exchange, entity));
      step.action = kind;
      bulk.steps.push_back(std::move(step));
      continue;
    }
    if (kind != "update") {
      bulk.steps.push_back({.action = kind,
                            .name = base::Serialize(entity).substr(0, base::kEchoMax),
                            .refusal = http::ErrorResponse(
                                501, base::Cat("'", kind, "' is not built yet; 'update' is"))});
      continue;
    }
    if (!entity.is_object())
      return Invalid("each of 'entities' must be an object");
    ASSIGN_OR_RETURN(Step step, make(exchange, entity.get_object()));
    step.action = kind;
    bulk.steps.push_back(std::move(step));
  }
  return {};
}

void PatchMany(Context& context,
               const SharedExchange& exchange,
               MakeUpdate make,
               const Answered& answered) {
  auto bulk = std::make_shared<Bulk>();
  for (const json::value& action : base::GetArray(exchange->body, "actions")) {
    if (const base::Status added = AddAction(*exchange, action, make, *bulk); !added)
      return answered(base::Fail(added.error()));
  }
  Run(context, bulk, [bulk, answered] { answered(ResultOf(*bulk)); });
}

// The answers of many clears as one: their task instances, or the first refusal, and how many were
// not refused.
Answer TasksOf(Bulk& bulk) {
  const auto is_done = [](const Answer& answer) {
    return answer && std::holds_alternative<json::object>(*answer);
  };
  json::array tasks;
  for (Answer& answer : bulk.answers) {
    if (!is_done(answer)) {
      if (!answer)
        answer.error().message += base::Cat("; ",
                                            std::ranges::count_if(bulk.answers, is_done),
                                            " of ",
                                            bulk.answers.size(),
                                            " runs were not refused");
      return std::move(answer);
    }
    auto* object = std::get_if<json::object>(&*answer);
    for (json::value& task : object->at("task_instances").get_array())
      tasks.push_back(std::move(task));
  }
  const size_t total = tasks.size();
  return json::object{{"task_instances", std::move(tasks)}, {"total_entries", total}};
}

Answer RunsNow(const Reading& reading, const std::vector<Step>& steps) {
  json::array runs;
  for (const Step& step : steps) {
    ASSIGN_OR_RETURN(Reply run, GetRun(reading, *step.exchange));
    runs.push_back(std::move(std::get<json::object>(run)));
  }
  const size_t total = runs.size();
  return json::object{{"dag_runs", std::move(runs)}, {"total_entries", total}};
}

}  // namespace

void PatchRuns(Context& context, const SharedExchange& exchange, Answered answered) {
  PatchMany(context, exchange, &RunStep, answered);
}

void PatchTaskInstances(Context& context, const SharedExchange& exchange, Answered answered) {
  PatchMany(context, exchange, &TaskStep, answered);
}

void ClearRuns(Context& context, const SharedExchange& exchange, Answered answered) {
  auto bulk = std::make_shared<Bulk>();
  const json::array& runs = base::GetArray(exchange->body, "dag_runs");
  if (runs.empty() || runs.size() > kMostEntities)
    return answered(Invalid(base::Cat("'dag_runs' must name from 1 to ", kMostEntities, " runs")));
  const json::object clear = Without(
      exchange->body, {"dag_runs", "partition_key", "partition_date_start", "partition_date_end"});
  for (const json::value& each : runs) {
    const json::object entity = each.is_object() ? each.get_object() : json::object();
    const auto dag = IdOf(entity, "dag_id", exchange->args.at(0));
    const auto run = IdOf(entity, "dag_run_id", "");
    if (!dag || !run)
      return answered(base::Fail(!dag ? dag.error() : run.error()));
    bulk->steps.push_back(
        MakeStep(*exchange, "POST", {"dags", *dag, "dagRuns", *run, "clear"}, clear));
    if (const auto& refusal = bulk->steps.back().refusal)
      return answered(*refusal);
  }
  const bool is_dry = base::GetBool(exchange->body, "dry_run", true);
  Run(context, bulk, [&context, exchange, bulk, is_dry, answered] {
    Answer tasks = TasksOf(*bulk);
    if (is_dry || !tasks || !std::holds_alternative<json::object>(*tasks))
      return answered(std::move(tasks));
    context.desk.Read<Reply>(
        ReadDesk::Turn::kFirst,
        exchange->sight,
        [bulk](const Reading& reading) { return RunsNow(reading, bulk->steps); },
        answered);
  });
}

}  // namespace api
