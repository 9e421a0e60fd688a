// Many variables or connections in one request: Airflow's create, update and delete.

#include <memory>
#include <utility>

#include "api/audit_words.h"
#include "api/sealed.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using base::Cat;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

struct Action {
  std::string kind;                // "create", "update", "delete"
  std::string otherwise = "fail";  // what becomes of those that are there, or are not: "skip"
  std::vector<std::string> mask;
  json::array entities;
};

struct Bulk {
  const SealedKind& kind;
  std::vector<Action> actions;
  size_t next = 0;
  json::object result{{"create", nullptr}, {"update", nullptr}, {"delete", nullptr}};
};

// A text, or an object with the member that names it.
base::Result<std::string> NameOf(const SealedKind& kind, const json::value& entity) {
  std::string name;
  if (entity.is_string())
    name = std::string(entity.get_string());
  else if (entity.is_object())
    name = base::GetString(entity.get_object(), kind.id);
  if (name.empty())
    return Invalid(Cat("each of 'entities' needs a '", kind.id, "'"));
  return name;
}

base::Result<Action> ReadAction(const SealedKind& kind, const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* entities = object == nullptr ? nullptr : object->if_contains("entities");
  if (entities == nullptr || !entities->is_array())
    return Invalid("each of 'actions' must be an object with an 'action' and a list of 'entities'");
  Action action{.kind = base::GetString(*object, "action"), .entities = entities->get_array()};
  if (action.kind != "update" && action.kind != "create" && action.kind != "delete")
    return Invalid(
        Cat("'action' must be create, update or delete, not '", base::Excerpt(action.kind), "'"));
  const std::string_view name =
      action.kind == "create" ? "action_on_existence" : "action_on_non_existence";
  if (const std::string given = base::GetString(*object, name); !given.empty())
    action.otherwise = given;
  const bool may_overwrite = action.kind == "create" && action.otherwise == "overwrite";
  if (action.otherwise != "fail" && action.otherwise != "skip" && !may_overwrite)
    return Invalid(Cat("'", name, "' cannot be '", base::Excerpt(action.otherwise), "'"));
  for (const json::value& member : base::GetArray(*object, "update_mask"))
    action.mask.push_back(base::ScalarText(member));
  for (const json::value& entity : action.entities)
    RETURN_IF_ERROR(NameOf(kind, entity));
  return action;
}

base::Result<std::vector<Action>> ReadActions(const SealedKind& kind, const Exchange& exchange) {
  std::vector<Action> actions;
  size_t count = 0;
  for (const json::value& value : base::GetArray(exchange.body, "actions")) {
    ASSIGN_OR_RETURN(Action action, ReadAction(kind, value));
    count += action.entities.size();
    if (count > kMostEntities)
      return Invalid(Cat("at most ", kMostEntities, " entities are taken at once"));
    actions.push_back(std::move(action));
  }
  return actions;
}

base::Result<json::object> BodyOf(const Bulk& bulk, const Action& action, const json::value& from) {
  ASSIGN_OR_RETURN(json::object body, ReadBody(base::Serialize(from), bulk.kind.body));
  // What is made has nothing of what was there.
  if (action.kind == "create") {
    for (const Member& member : bulk.kind.body)
      body.emplace(member.name, nullptr);
  }
  if (action.mask.empty())
    return body;
  json::object kept;
  for (const std::string& name : action.mask) {
    if (const json::value* member = body.if_contains(name))
      kept[name] = *member;
  }
  return kept;
}

// What one entity asks for; nothing where it is to be skipped.
base::Result<std::optional<model::ChangeRecords::One>> ChangeOf(const Bulk& bulk,
                                                                Context& context,
                                                                const Action& action,
                                                                const json::value& entity) {
  ASSIGN_OR_RETURN(const std::string name, NameOf(bulk.kind, entity));
  const model::RecordKey id{bulk.kind.kind, name};
  const model::RecordRow* row = context.views.Record(id);
  const bool is_new = action.kind == "create";
  if ((row != nullptr) == is_new && action.otherwise != "overwrite") {
    if (action.otherwise == "skip")
      return std::nullopt;
    return base::Fail(is_new ? base::ErrorCode::kConflict : base::ErrorCode::kNotFound,
                      Cat(is_new ? "the " : "there is no ",
                          ToString(id.kind),
                          " '",
                          base::Excerpt(name),
                          is_new ? "' exists already" : "'"));
  }
  model::ChangeRecords::One one{.id = id, .expected = row == nullptr ? 0 : row->revision};
  const bool is_deleted = action.kind == "delete";
  auto old = OpenOld(context, row);
  // What goes or is overwritten need not open: so people get rid of what was sealed with a lost
  // key.
  if (!old && (is_new || is_deleted))
    old = std::nullopt;
  if (!old)
    return base::Fail(old.error());
  std::optional<std::string> document;
  if (!is_deleted) {
    ASSIGN_OR_RETURN(const json::object body, BodyOf(bulk, action, entity));
    ASSIGN_OR_RETURN(document, bulk.kind.make(name, body, *old));
    ASSIGN_OR_RETURN(one.body, context.commands.Seal(id, *document));
  }
  TellMembers(*old, document, one);
  return one;
}

base::Result<model::ChangeRecords> ChangesOf(const Bulk& bulk,
                                             Context& context,
                                             const Action& action) {
  model::ChangeRecords changes{.what = action.kind == "delete" ? "removed" : "set"};
  for (const json::value& entity : action.entities) {
    ASSIGN_OR_RETURN(auto change, ChangeOf(bulk, context, action, entity));
    if (change)
      changes.records.push_back(*std::move(change));
  }
  return changes;
}

void Note(Bulk& bulk,
          const std::string& action,
          const model::ChangeRecords& changes,
          const base::Status& done) {
  json::value& of = bulk.result[action];
  if (of.is_null())
    of = json::object{{"success", json::array()}, {"errors", json::array()}};
  if (done) {
    for (const auto& one : changes.records)
      of.at("success").get_array().emplace_back(one.id.name);
    return;
  }
  const int status = StatusOf(Finish(base::Fail(done.error())));
  of.at("errors").get_array().push_back(
      json::object{{"error", done.error().message}, {"status_code", status}});
}

void Run(Context& context,
         const std::shared_ptr<Bulk>& bulk,
         const SharedExchange& exchange,
         const Answered& answered) {
  if (bulk->next == bulk->actions.size())
    return answered(bulk->result);
  const Action& action = bulk->actions[bulk->next++];
  auto changes = ChangesOf(*bulk, context, action);
  if (!changes || changes->records.empty()) {
    Note(*bulk, action.kind, {}, changes ? base::Status() : base::Fail(changes.error()));
    return Run(context, bulk, exchange, answered);
  }
  changes->by = exchange->principal();
  model::ChangeRecords asked = *changes;
  context.commands.ChangeRecords(
      std::move(asked),
      [&context, bulk, exchange, answered, kind = action.kind, changes = *std::move(changes)](
          const runtime::Outcome& outcome) {
        Note(*bulk, kind, changes, outcome ? base::Status() : base::Fail(outcome.error()));
        Run(context, bulk, exchange, answered);
      });
}

}  // namespace

void ChangeManySealed(const SealedKind& kind,
                      Context& context,
                      const SharedExchange& exchange,
                      Answered answered) {
  auto actions = ReadActions(kind, *exchange);
  if (!actions)
    return answered(base::Fail(actions.error()));
  Run(context,
      std::make_shared<Bulk>(Bulk{.kind = kind, .actions = *std::move(actions)}),
      exchange,
      answered);
}

}  // namespace api
