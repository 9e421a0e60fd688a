#include "secrets/book.h"

#include <span>

#include "base/json_text.h"
#include "base/mask.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "secrets/redact.h"

namespace secrets {

namespace {

using base::Cat;
using base::ErrorCode;

constexpr std::string_view kVariables = "AIRFLOW_VAR_";
constexpr std::string_view kConnections = "AIRFLOW_CONN_";

base::Result<std::string> At(std::string_view text, std::span<const std::string> path) {
  if (path.empty())
    return std::string(text);
  const auto parsed = base::ParseJson(text);
  const json::value* value = parsed ? &*parsed : nullptr;
  for (const std::string& member : path) {
    const json::object* object = value == nullptr ? nullptr : value->if_object();
    value = object == nullptr ? nullptr : object->if_contains(member);
  }
  if (value == nullptr)
    return base::Fail(ErrorCode::kNotFound,
                      Cat("it has no member ", base::Join({path.begin(), path.end()}, ".")));
  return base::ScalarText(*value);
}

enum class Within { kOpen, kSecret };

void AddSecrets(const json::value& value, Within within, std::vector<std::string>& out) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, member] : *object)
      AddSecrets(member, base::IsSecretName(name) ? Within::kSecret : within, out);
  } else if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list)
      AddSecrets(item, within, out);
  } else if (within == Within::kSecret && value.is_string()) {
    out.emplace_back(value.get_string());
  }
}

}  // namespace

Book::Book(const Environment& environment) {
  for (const auto& [name, value] : environment) {
    if (name.starts_with(kVariables) || name.starts_with(kConnections))
      environment_.emplace(name, value);
  }
}

base::Result<Variable> Book::FindVariable(std::string_view key, const model::RecordRow* row) const {
  const auto own = environment_.find(Cat(kVariables, base::ToUpper(key)));
  if (own != environment_.end())
    return Variable{.key = std::string(key), .value = own->second};
  if (row == nullptr)
    return base::Fail(ErrorCode::kNotFound,
                      Cat("there is no variable '",
                          base::Excerpt(key),
                          "': `signalbox variables set ",
                          base::Excerpt(key),
                          " VALUE`"));
  ASSIGN_OR_RETURN(const std::string document, keyring_->Open(*row));
  return ParseVariable(key, document);
}

base::Result<Connection> Book::FindConnection(std::string_view id,
                                              const model::RecordRow* row) const {
  const std::string name = Cat(kConnections, base::ToUpper(id));
  if (const auto own = environment_.find(name); own != environment_.end()) {
    auto connection = ReadConnection(id, own->second);
    if (!connection)
      return base::Fail(connection.error().code,
                        Cat("the variable ",
                            name,
                            " of the environment holds no connection: ",
                            connection.error().message));
    return connection;
  }
  if (row == nullptr)
    return base::Fail(ErrorCode::kNotFound,
                      Cat("there is no connection '",
                          base::Excerpt(id),
                          "': `signalbox connections add ",
                          base::Excerpt(id),
                          " --conn-uri -`"));
  ASSIGN_OR_RETURN(const std::string document, keyring_->Open(*row));
  return ParseConnection(id, document);
}

std::vector<Variable> Book::VariablesOfEnvironment() const {
  std::vector<Variable> all;
  for (const auto& [name, value] : environment_) {
    if (name.starts_with(kVariables))
      all.push_back({.key = name.substr(kVariables.size()), .value = value});
  }
  return all;
}

std::vector<Connection> Book::ConnectionsOfEnvironment() const {
  std::vector<Connection> all;
  for (const auto& [name, value] : environment_) {
    if (!name.starts_with(kConnections))
      continue;
    if (auto connection = ReadConnection(name.substr(kConnections.size()), value))
      all.push_back(*std::move(connection));
  }
  return all;
}

base::Result<std::string> SecretOf(const Connection& connection,
                                   const std::vector<std::string>& path) {
  const std::string field = path.empty() ? "" : path.front();
  if (field == "password" && path.size() == 1 && connection.password)
    return *connection.password;
  if (field == "extra" && connection.extra)
    return At(*connection.extra, std::span(path).subspan(1));
  return base::Fail(ErrorCode::kNotFound,
                    Cat("the connection '", connection.id, "' has no ", base::Join(path, ".")));
}

base::Result<std::string> SecretOf(const Variable& variable, const std::vector<std::string>& path) {
  return At(variable.value, path);
}

std::vector<std::string> SecretsIn(const Connection& connection) {
  std::vector<std::string> out;
  if (connection.password)
    out.push_back(*connection.password);
  if (const auto extra = base::ParseJson(connection.extra.value_or("")))
    AddSecrets(*extra, Within::kSecret, out);
  return out;
}

std::vector<std::string> SecretsIn(const Variable& variable) {
  std::vector<std::string> out;
  if (!HoldsSecret(variable.key, variable.value))
    return out;
  const auto parsed = base::ParseJson(variable.value);
  if (parsed && parsed->is_structured())
    AddSecrets(*parsed, base::IsSecretName(variable.key) ? Within::kSecret : Within::kOpen, out);
  else
    out.push_back(variable.value);
  return out;
}

}  // namespace secrets
