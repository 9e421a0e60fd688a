// `variables`.

#include "base/json_text.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/lists.h"
#include "cli/sealed.h"
#include "http/message.h"

namespace cli {

namespace {

constexpr std::string_view kPath = "/variables";

// A value, or an object with a value and a description, as Airflow writes them.
Outcome<json::object> EntityOf(const std::string& name, const json::value& value) {
  json::object entity{{"key", name}, {"value", value}};
  const json::object* object = value.if_object();
  if (object == nullptr || !object->contains("value"))
    return entity;
  entity["value"] = object->at("value");
  if (const json::value* description = object->if_contains("description"))
    entity["description"] = *description;
  return entity;
}

const std::vector<Field>& Fields() {
  static const std::vector<Field> kFields = {
      {"KEY", "key"},
      {"VALUE", "value", false, Table::Fit::kCut},
      {"DESCRIPTION", "description", false, Table::Fit::kDrop},
      {"TROUBLE", "trouble", false, Table::Fit::kCut}};
  return kFields;
}

// The text that the value's JSON is of; what is no text stays JSON.
Outcome<std::string> Deserialized(const std::string& name, const std::string& value) {
  const auto parsed = base::ParseJson(value);
  if (!parsed)
    return Fail(Exit::kFailed,
                base::Cat("the value of '", name, "' is no JSON: ", parsed.error().message));
  return parsed->is_string() ? std::string(parsed->get_string()) : base::Serialize(*parsed);
}

}  // namespace

Outcome<void> ListVariables(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto variables = server->List(kPath, "variables");
  if (!variables)
    return tl::unexpected(variables.error());
  PrintList(options.format, *variables, Fields());
  return {};
}

Outcome<void> GetVariable(const GetVariableOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto variable = server->Get(base::Cat(kPath, "/", http::PercentEncode(asked.name)));
  const bool is_missing = !variable && variable.error().status == 404;
  if (is_missing && asked.otherwise) {
    variable = json::object{{"key", asked.name}, {"value", *asked.otherwise}};
  } else if (!variable) {
    return tl::unexpected(variable.error());
  } else if (asked.is_json) {
    auto text = Deserialized(asked.name, base::GetString(*variable, "value"));
    if (!text)
      return tl::unexpected(text.error());
    (*variable)["value"] = *std::move(text);
  }
  const std::string value = base::GetString(*variable, "value");
  if (IsData(asked.live.format))
    PrintData(asked.live.format, json::array{*variable});
  else
    Print(value + "\n");
  if (!is_missing && value.find(base::kMask) != std::string::npos)
    PrintError(base::Cat("'", asked.name, "' is a secret: ", base::kMask, " is not its value\n"));
  return {};
}

Outcome<void> SetVariable(const VariableOptions& asked) {
  auto value = ValueOf(asked.value);
  if (!value)
    return tl::unexpected(value.error());
  json::object entity{{"key", asked.name},
                      {"value", asked.is_json ? base::Serialize(json::value(*value)) : *value}};
  if (!asked.description.empty())
    entity["description"] = asked.description;
  auto done = Change(
      asked.live, kPath, {.action = "create", .otherwise = "overwrite", .entities = {entity}});
  if (!done)
    return tl::unexpected(done.error());
  Print(base::Cat("variable ", asked.name, " set\n"));
  return {};
}

Outcome<void> DeleteVariable(const SecretOptions& asked) {
  return Remove(asked,
                {.path = kPath, .list = "variables", .name_member = "key", .noun = "variable"},
                Fields());
}

Outcome<void> ImportVariables(const FileOptions& asked) {
  return ImportFile(asked, kPath, &EntityOf);
}

Outcome<void> ExportVariables(const FileOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto variables = server->List(kPath, "variables");
  if (!variables)
    return tl::unexpected(variables.error());
  if (auto open = CheckAllOpen(*variables, "key"); !open)
    return open;
  json::object by_name;
  size_t hidden = 0;
  for (const json::value& each : *variables) {
    const json::object& variable = each.as_object();
    const json::value& value = variable.at("value");
    hidden += base::Serialize(value).find(base::kMask) != std::string::npos ? 1 : 0;
    by_name[base::GetString(variable, "key")] =
        variable.at("description").is_null()
            ? value
            : json::value{{"value", value}, {"description", variable.at("description")}};
  }
  return ExportFile(asked, by_name, hidden);
}

}  // namespace cli
