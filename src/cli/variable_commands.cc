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

}  // namespace

Outcome<void> ListVariables(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto variables = server->List(kPath, "variables");
  if (!variables)
    return tl::unexpected(variables.error());
  PrintList(options.format,
            *variables,
            {{"KEY", "key"},
             {"VALUE", "value", false, Table::Fit::kCut},
             {"DESCRIPTION", "description", false, Table::Fit::kDrop},
             {"TROUBLE", "trouble", false, Table::Fit::kCut}});
  return {};
}

Outcome<void> GetVariable(const SecretOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto variable = server->Get(base::Cat(kPath, "/", http::PercentEncode(asked.name)));
  if (!variable)
    return tl::unexpected(variable.error());
  if (asked.live.format == Format::kTable)
    Print(base::GetString(*variable, "value") + "\n");
  else
    PrintList(asked.live.format, json::array{*variable}, {{"KEY", "key"}, {"VALUE", "value"}});
  return {};
}

Outcome<void> SetVariable(const VariableOptions& asked) {
  auto value = ValueOf(asked.value);
  if (!value)
    return tl::unexpected(value.error());
  if (asked.is_json && !base::ParseJson(*value))
    return Fail(Exit::kUsage, "the value is no JSON");
  json::object entity{{"key", asked.name}, {"value", *value}};
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
  auto done = Change(asked.live, kPath, {.action = "delete", .entities = {asked.name}});
  if (!done)
    return tl::unexpected(done.error());
  Print(base::Cat("variable ", asked.name, " removed\n"));
  return {};
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
