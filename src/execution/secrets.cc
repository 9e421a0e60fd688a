// Variables and connections, as templates have them: of the environment, then of the database.

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"
#include "secrets/variable.h"

namespace execution {

namespace {

using base::Cat;

void Answer(const SharedCall& call, const base::Result<json::object>& found) {
  if (found)
    call->Send(*found);
  else
    call->Refuse(found.error());
}

void GetVariable(const SharedCall& call) {
  Answer(call, call->world.tasks.Variable(call->args.at(0)));
}

void GetConnection(const SharedCall& call) {
  Answer(call, call->world.tasks.Connection(call->args.at(0)));
}

void Change(const SharedCall& call, model::ChangeRecords::One one, const char* what, int status) {
  call->world.commands.ChangeRecords(
      {.records = {std::move(one)}, .what = what, .by = call->principal()},
      [call, status](const runtime::Outcome& outcome) {
        if (!outcome)
          return call->Refuse(outcome.error());
        if (status == 204)
          return call->SendNothing();
        call->Send(json::object{{"message", "Variable successfully set"}}, status);
      });
}

void PutVariable(const SharedCall& call) {
  secrets::Variable variable{.key = call->args.at(0)};
  const json::object* body = call->body.if_object();
  if (body == nullptr || base::Find(*body, "val") == nullptr)
    return call->Refuse(422, "invalid_request", "'val' is missing");
  variable.value = base::GetString(*body, "val");
  if (const json::value* text = base::Find(*body, "description");
      text != nullptr && text->is_string())
    variable.description = std::string(text->get_string());
  if (const base::Status checked = secrets::Check(variable); !checked)
    return call->Refuse(checked.error());
  const model::RecordKey id{model::RecordKind::kVariable, variable.key};
  auto sealed = call->world.commands.Seal(id, ToDocument(variable));
  if (!sealed)
    return call->Refuse(sealed.error());
  const model::RecordRow* row = call->world.views.Record(id);
  Change(call, {id, *std::move(sealed), row == nullptr ? 0 : row->revision}, "set", 201);
}

void DeleteVariable(const SharedCall& call) {
  Change(call,
         {.id = {model::RecordKind::kVariable, call->args.at(0)},
          .body = std::nullopt,
          .expected = std::nullopt,
          .may_be_gone = true},
         "removed",
         204);
}

// The names that begin so.
void ListVariables(const SharedCall& call) {
  const std::string prefix = call->Text("prefix").value_or("");
  const auto limit = call->Number("limit"), offset = call->Number("offset");
  if (!limit || !offset)
    return call->Refuse(limit ? offset.error() : limit.error());
  std::vector<std::string> keys;
  for (const model::RecordRow* row : call->world.views.Records(model::RecordKind::kVariable)) {
    if (row->id.name.starts_with(prefix))
      keys.push_back(row->id.name);
  }
  json::array page;
  const int64_t first = std::max<int64_t>(0, offset->value_or(0));
  const int64_t last = std::min<int64_t>(
      std::ssize(keys), first + std::clamp<int64_t>(limit->value_or(1000), 0, 1000));
  for (int64_t i = first; i < last; ++i)
    page.emplace_back(keys[static_cast<size_t>(i)]);
  call->Send(json::object{{"keys", std::move(page)}, {"total_entries", keys.size()}});
}

}  // namespace

std::vector<Route> SecretRoutes() {
  return {{"GET", "connections/{}", &GetConnection},
          {"GET", "variables/keys", &ListVariables},
          {"GET", "variables/*", &GetVariable},
          {"PUT", "variables/*", &PutVariable},
          {"DELETE", "variables/*", &DeleteVariable}};
}

}  // namespace execution
