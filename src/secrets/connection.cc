#include "secrets/connection.h"

#include <algorithm>
#include <cctype>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "secrets/uri.h"

namespace secrets {

namespace {

using base::Cat;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

bool IsIdCharacter(unsigned char c) {
  return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
}

base::Status TakeText(const json::value& value,
                      std::string_view name,
                      std::optional<std::string>& into) {
  if (value.is_null())
    return {};
  if (!value.is_string())
    return Invalid(Cat("'", name, "' must be a text"));
  into = std::string(value.get_string());
  return {};
}

base::Status TakePort(const json::value& value, std::optional<int64_t>& into) {
  if (value.is_null())
    return {};
  if (value.is_int64()) {
    into = value.get_int64();
    return {};
  }
  const auto number = value.is_string() ? base::ParseInt(std::string_view(value.get_string()))
                                        : std::nullopt;  // as in Airflow
  if (!number)
    return Invalid("'port' must be a whole number");
  into = number;
  return {};
}

base::Status Take(std::string_view name, const json::value& value, Connection& out) {
  if (name == "conn_type") {
    std::optional<std::string> type;
    RETURN_IF_ERROR(TakeText(value, name, type));
    out.type = type.value_or("");
    return {};
  }
  if (name == "port")
    return TakePort(value, out.port);
  if (name == "extra" && value.is_object()) {
    out.extra = base::Serialize(value);
    return {};
  }
  std::optional<std::string>* texts[] = {
      &out.description, &out.host, &out.login, &out.password, &out.schema, &out.extra};
  constexpr std::string_view kNames[] = {
      "description", "host", "login", "password", "schema", "extra"};
  const auto* found = std::ranges::find(kNames, name);
  if (found == std::end(kNames))
    return Invalid(Cat("a connection has no member '", base::Excerpt(name), "'"));
  return TakeText(value, name, *texts[found - kNames]);
}

json::value OrNull(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value();
}

}  // namespace

base::Status Check(const Connection& connection) {
  if (connection.id.empty() || connection.id.size() > kConnectionIdMax ||
      !std::ranges::all_of(connection.id, IsIdCharacter))
    return Invalid(Cat("'connection_id' must have from 1 to ",
                       kConnectionIdMax,
                       " letters, digits, '_', '.' and '-'"));
  if (connection.type.empty())
    return Invalid("'conn_type' must say what is connected to, such as postgres");
  if (connection.port && (*connection.port < 0 || *connection.port > 65535))
    return Invalid("'port' must be from 0 to 65535");
  if (!connection.extra)
    return {};
  const auto extra = base::ParseJson(*connection.extra);
  if (!extra || !extra->is_object())
    return Invalid("'extra' must be the text of a JSON object, such as {\"region\": \"eu\"}");
  return {};
}

json::object ToJson(const Connection& connection) {
  return {{"conn_type", connection.type},
          {"description", OrNull(connection.description)},
          {"host", OrNull(connection.host)},
          {"login", OrNull(connection.login)},
          {"password", OrNull(connection.password)},
          {"schema", OrNull(connection.schema)},
          {"port", connection.port ? json::value(*connection.port) : json::value()},
          {"extra", OrNull(connection.extra)}};
}

base::Result<Connection> FromJson(std::string_view id, const json::object& members) {
  Connection out{.id = std::string(id)};
  for (const auto& [name, value] : members)
    RETURN_IF_ERROR(Take(name, value, out));
  if (out.extra && out.extra->empty())
    out.extra = "{}";
  return out;
}

std::string ToDocument(const Connection& connection) {
  return base::Serialize(ToJson(connection));
}

base::Result<Connection> ParseConnection(std::string_view id, std::string_view document) {
  const auto parsed = base::ParseJson(document);
  auto connection = parsed && parsed->is_object() ? FromJson(id, parsed->get_object())
                                                  : Invalid("it is no object");
  if (!connection)
    return base::Fail(base::ErrorCode::kCorrupt,
                      Cat("what is stored of the connection '", base::Excerpt(id), "' is none"));
  return connection;
}

base::Result<Connection> ReadConnection(std::string_view id, std::string_view text) {
  text = base::Trim(text);
  if (!text.starts_with('{'))
    return ReadUri(id, text);
  const auto parsed = base::ParseJson(text);
  if (!parsed || !parsed->is_object())
    return Invalid("it begins with '{' and is no JSON object");
  return FromJson(id, parsed->get_object());
}

}  // namespace secrets
