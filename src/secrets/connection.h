#pragma once

// A connection: how to reach something outside, with what only its user may know. Plain data, the
// document that is sealed, and the forms in which Airflow reads AIRFLOW_CONN_NAME. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace secrets {

inline constexpr size_t kConnectionIdMax = 200;  // characters, as in Airflow

struct Connection {
  std::string id;
  std::string type;  // "postgres"
  std::optional<std::string> description, host, login, password, schema;
  std::optional<int64_t> port;
  std::optional<std::string> extra;  // a JSON object
  friend bool operator==(const Connection&, const Connection&) = default;
};

// What of it may not be stored; kInvalidArgument.
base::Status Check(const Connection& connection);

// All but the id, as Airflow's API calls them ("conn_type", "schema"); null where there is none.
json::object ToJson(const Connection& connection);
// Members that are absent or null are left out; `extra` may be an object. kInvalidArgument where a
// member has another type, or is none.
base::Result<Connection> FromJson(std::string_view id, const json::object& members);

std::string ToDocument(const Connection& connection);
// kCorrupt where it is none.
base::Result<Connection> ParseConnection(std::string_view id, std::string_view document);

// Airflow's forms: a JSON object, or "type://login:password@host:port/schema?a=b", percent-encoded,
// where `__extra__` holds a whole extra and "type://scheme://host" keeps the scheme in the host.
base::Result<Connection> ReadConnection(std::string_view id, std::string_view text);

}  // namespace secrets
