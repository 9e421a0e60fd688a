// Variables, as Airflow's API has them. Secrets are shown as "***".

#include <utility>

#include "api/sealed.h"
#include "base/json_text.h"
#include "base/mask.h"
#include "base/text.h"
#include "secrets/redact.h"
#include "secrets/variable.h"

namespace api {

const BodySchema kVariableBody{{"key", Member::Type::kText, Member::Presence::kRequired},
                               {"value", Member::Type::kAny, Member::Presence::kRequired},
                               {"description", Member::Type::kText},
                               {"team_name", Member::Type::kNotYet}};

namespace {

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

// What is no text is kept as JSON.
base::Status TakeValue(const json::value& given, bool is_new, secrets::Variable& into) {
  if (given.is_null())
    return Invalid("'value' must not be null: remove the variable instead");
  const std::string text =
      given.is_string() ? std::string(given.get_string()) : base::Serialize(given);
  if (is_new && text == base::kMask && base::IsSecretName(into.key))
    return Invalid("'***' stands for a value that is not shown: give the value itself");
  into.value = is_new ? text : secrets::Unredact(into.key, text, into.value);
  return {};
}

base::Result<std::string> Make(const std::string& name,
                               const json::object& body,
                               const std::optional<std::string>& old) {
  secrets::Variable variable{.key = name};
  if (old) {
    ASSIGN_OR_RETURN(variable, secrets::ParseVariable(name, *old));
  }
  if (const json::value* value = body.if_contains("value"))
    RETURN_IF_ERROR(TakeValue(*value, !old, variable));
  if (const json::value* text = body.if_contains("description"))
    variable.description =
        text->is_string() ? std::optional(std::string(text->get_string())) : std::nullopt;
  RETURN_IF_ERROR(secrets::Check(variable));
  return ToDocument(variable);
}

// Of no document: what its name alone tells.
base::Result<json::object> Show(const std::string& name, const std::string& document) {
  json::object out{{"key", name},
                   {"value", nullptr},
                   {"description", nullptr},
                   {"is_encrypted", true},
                   {"team_name", nullptr}};
  if (document.empty())
    return out;
  ASSIGN_OR_RETURN(const secrets::Variable variable, secrets::ParseVariable(name, document));
  out["value"] = secrets::Redact(name, variable.value);
  out["description"] = OptionalText(variable.description);
  return out;
}

const SealedKind& Variables() {
  static const SealedKind kKind{.kind = model::RecordKind::kVariable,
                                .list = "variables",
                                .id = "key",
                                .body = kVariableBody,
                                .orders = {"key", "id", "description", "is_encrypted", "team_name"},
                                .make = &Make,
                                .show = &Show};
  return kKind;
}

}  // namespace

Answer ListVariables(const Reading& reading, const Exchange& exchange) {
  return ListSealed(Variables(), reading, exchange);
}

Answer GetVariable(const Reading& reading, const Exchange& exchange) {
  return GetSealed(Variables(), reading, exchange);
}

void CreateVariable(Context& context, const SharedExchange& exchange, Answered answered) {
  CreateSealed(Variables(), context, *exchange, std::move(answered));
}

void PatchVariable(Context& context, const SharedExchange& exchange, Answered answered) {
  PatchSealed(Variables(), context, *exchange, std::move(answered));
}

void DeleteVariable(Context& context, const SharedExchange& exchange, Answered answered) {
  DeleteSealed(Variables(), context, *exchange, std::move(answered));
}

void ChangeVariables(Context& context, const SharedExchange& exchange, Answered answered) {
  ChangeManySealed(Variables(), context, exchange, std::move(answered));
}

}  // namespace api
