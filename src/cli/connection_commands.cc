// `connections`, and the key that seals them.

#include "base/json_text.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/lists.h"
#include "cli/sealed.h"
#include "http/message.h"
#include "secrets/connection.h"

namespace cli {

namespace {

constexpr std::string_view kPath = "/connections";

const std::vector<Field>& Fields() {
  static const std::vector<Field> kFields = {
      {"ID", "connection_id"},
      {"TYPE", "conn_type"},
      {"HOST", "host", false, Table::Fit::kCut},
      {"PORT", "port"},
      {"LOGIN", "login"},
      {"PASSWORD", "password"},
      {"SCHEMA", "schema"},
      {"EXTRA", "extra", false, Table::Fit::kDrop},
      {"DESCRIPTION", "description", false, Table::Fit::kDrop},
      {"TROUBLE", "trouble", false, Table::Fit::kCut}};
  return kFields;
}

Outcome<json::object> EntityOf(const std::string& name,
                               const base::Result<secrets::Connection>& read) {
  if (!read)
    return Fail(Exit::kUsage, base::Cat("the connection '", name, "': ", read.error().message));
  json::object entity = secrets::ToJson(*read);
  entity["connection_id"] = name;
  return entity;
}

// A URI, or an object with Airflow's members.
Outcome<json::object> EntityOf(const std::string& name, const json::value& value) {
  return EntityOf(
      name,
      secrets::ReadConnection(
          name, value.is_string() ? std::string(value.get_string()) : base::Serialize(value)));
}

Outcome<json::object> EntityOf(const ConnectionOptions& asked) {
  const std::string& whole = asked.uri.empty() ? asked.json : asked.uri;
  if (!whole.empty()) {
    const auto text = ValueOf(whole);
    if (!text)
      return tl::unexpected(text.error());
    return EntityOf(asked.name, secrets::ReadConnection(asked.name, *text));
  }
  json::object entity{{"connection_id", asked.name}, {"conn_type", asked.type}};
  for (const auto& [name, text] : {std::pair("description", asked.description),
                                   {"host", asked.host},
                                   {"login", asked.login},
                                   {"password", asked.password},
                                   {"schema", asked.schema},
                                   {"extra", asked.extra}}) {
    if (text.empty())
      continue;
    auto value = ValueOf(text);
    if (!value)
      return tl::unexpected(value.error());
    entity[name] = *value;
  }
  if (asked.port)
    entity["port"] = *asked.port;
  return entity;
}

}  // namespace

Outcome<void> ListConnections(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto connections = server->List(kPath, "connections");
  if (!connections)
    return tl::unexpected(connections.error());
  PrintList(options.format, *connections, Fields());
  return {};
}

Outcome<void> GetConnection(const SecretOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto connection = server->Get(base::Cat(kPath, "/", http::PercentEncode(asked.name)));
  if (!connection)
    return tl::unexpected(connection.error());
  PrintList(asked.live.format, json::array{*connection}, Fields());
  return {};
}

Outcome<void> AddConnection(const ConnectionOptions& asked) {
  auto entity = EntityOf(asked);
  if (!entity)
    return tl::unexpected(entity.error());
  auto done = Change(asked.live, kPath, {.action = "create", .entities = {*entity}});
  if (!done)
    return tl::unexpected(done.error());
  Print(base::Cat("connection ", asked.name, " added\n"));
  return {};
}

Outcome<void> DeleteConnection(const SecretOptions& asked) {
  return Remove(
      asked,
      {.path = kPath, .list = "connections", .name_member = "connection_id", .noun = "connection"},
      Fields());
}

Outcome<void> ImportConnections(const FileOptions& asked) {
  return ImportFile(asked, kPath, [](const std::string& name, const json::value& value) {
    return EntityOf(name, value);
  });
}

Outcome<void> ExportConnections(const FileOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto connections = server->List(kPath, "connections");
  if (!connections)
    return tl::unexpected(connections.error());
  if (auto open = CheckAllOpen(*connections, "connection_id"); !open)
    return open;
  json::object by_name;
  size_t hidden = 0;
  for (const json::value& each : *connections) {
    json::object connection = each.as_object();
    const std::string name = base::GetString(connection, "connection_id");
    connection.erase("connection_id");
    connection.erase("team_name");
    hidden += base::Serialize(connection).find(base::kMask) != std::string::npos ? 1 : 0;
    by_name[name] = std::move(connection);
  }
  return ExportFile(asked, by_name, hidden);
}

Outcome<void> RotateSecretKey(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto rotated = server->Post("/secrets/rotateKey", json::object());
  if (!rotated)
    return tl::unexpected(rotated.error());
  if (IsData(options.format)) {
    PrintData(options.format, *rotated);
    return {};
  }
  Print(
      base::Cat(Count(base::GetInt(*rotated, "records"), "record"), " sealed with the new key\n"));
  if (const std::string advice = base::GetString(*rotated, "advice"); !advice.empty())
    Print(advice + "\n");
  return {};
}

}  // namespace cli
