#include "engine/secrets.h"

#include <algorithm>

#include "base/mask.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "secrets/book.h"
#include "secrets/redact.h"

namespace engine {

namespace {

using base::Cat;
using tmpl::Looked;
using tmpl::Secret;
using tmpl::SecretPath;
using Members = std::map<std::string, Looked, std::less<>>;

constexpr const char* kConnections = "conn";
constexpr const char* kValues = "var.value";
constexpr const char* kDocuments = "var.json";
constexpr const char* kVariables = "var";

const model::RecordRow* RowOf(const State& state, model::RecordKind kind, std::string_view name) {
  const auto found = state.records.find({kind, std::string(name)});
  return found == state.records.end() ? nullptr : &found->second;
}

const secrets::Book& BookOf(const State& state) {
  static const secrets::Book kNone;
  return state.book == nullptr ? kNone : *state.book;
}

base::Result<secrets::Variable> VariableOf(const State& state, std::string_view name) {
  return BookOf(state).FindVariable(name, RowOf(state, model::RecordKind::kVariable, name));
}

base::Result<secrets::Connection> ConnectionOf(const State& state, std::string_view name) {
  return BookOf(state).FindConnection(name, RowOf(state, model::RecordKind::kConnection, name));
}

bool HoldsSecretName(const json::value& value) {
  if (const json::object* object = value.if_object())
    return std::ranges::any_of(*object, [](const auto& item) {
      return base::IsSecretName(item.key()) || HoldsSecretName(item.value());
    });
  const json::array* list = value.if_array();
  return list != nullptr && std::ranges::any_of(*list, HoldsSecretName);
}

SecretPath Below(SecretPath path, std::string_view member) {
  path.emplace_back(member);
  return path;
}

enum class Within { kOpen, kSecret };

// A document of which a part, or all, is secret.
Looked LookedOf(const json::value& value, const SecretPath& path, Within within) {
  if (within == Within::kOpen && !HoldsSecretName(value))
    return value;
  const json::object* object = value.if_object();
  if (object == nullptr)
    return Secret{path};
  Members members;
  for (const auto& [name, member] : *object)
    members.emplace(
        name,
        LookedOf(member, Below(path, name), base::IsSecretName(name) ? Within::kSecret : within));
  return std::make_shared<const Members>(std::move(members));
}

base::Result<Looked> ValueOf(const State& state, std::string_view name) {
  ASSIGN_OR_RETURN(const secrets::Variable variable, VariableOf(state, name));
  if (secrets::HoldsSecret(name, variable.value))
    return Secret{{kVariables, variable.key}};
  return json::value(variable.value);
}

base::Result<Looked> DocumentOf(const State& state, std::string_view name) {
  ASSIGN_OR_RETURN(const secrets::Variable variable, VariableOf(state, name));
  const auto document = base::ParseJson(variable.value);
  if (!document)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("the variable '", base::Excerpt(name), "' is no JSON"));
  return LookedOf(*document,
                  {kVariables, variable.key},
                  base::IsSecretName(name) ? Within::kSecret : Within::kOpen);
}

json::value OrNone(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value();
}

base::Result<Looked> MembersOf(const State& state, std::string_view id) {
  ASSIGN_OR_RETURN(const secrets::Connection connection, ConnectionOf(state, id));
  Members members;
  members.emplace("conn_id", json::value(connection.id));
  members.emplace("conn_type", json::value(connection.type));
  members.emplace("description", OrNone(connection.description));
  members.emplace("host", OrNone(connection.host));
  members.emplace("login", OrNone(connection.login));
  members.emplace("schema", OrNone(connection.schema));
  members.emplace("port", connection.port ? json::value(*connection.port) : json::value());
  const auto hidden = [&](const char* name, bool is_there) {
    return is_there ? Looked(Secret{{kConnections, connection.id, name}}) : Looked(json::value());
  };
  members.emplace("password", hidden("password", connection.password.has_value()));
  members.emplace("extra", hidden("extra", connection.extra.has_value()));
  const auto extra = base::ParseJson(connection.extra.value_or("{}"));
  members.emplace("extra_dejson",
                  LookedOf(extra ? *extra : json::value(json::object()),
                           {kConnections, connection.id, "extra"},
                           Within::kSecret));
  return std::make_shared<const Members>(std::move(members));
}

}  // namespace

void AddSecrets(const State& state, std::string_view texts, tmpl::Context& context) {
  if (texts.find(kConnections) != std::string_view::npos)
    context.lookups[kConnections] = [&state](std::string_view id) { return MembersOf(state, id); };
  if (texts.find(kVariables) == std::string_view::npos)
    return;
  context.lookups[kValues] = [&state](std::string_view name) { return ValueOf(state, name); };
  context.lookups[kDocuments] = [&state](std::string_view name) { return DocumentOf(state, name); };
}

base::Result<std::string> OpenSecret(const State& state, const tmpl::SecretPath& path) {
  if (path.size() < 2)
    return base::Fail(base::ErrorCode::kInvalidArgument, "the mark of a secret has no name");
  const SecretPath below(path.begin() + 2, path.end());
  if (path.front() == kConnections) {
    ASSIGN_OR_RETURN(const secrets::Connection connection, ConnectionOf(state, path[1]));
    return secrets::SecretOf(connection, below);
  }
  ASSIGN_OR_RETURN(const secrets::Variable variable, VariableOf(state, path[1]));
  return secrets::SecretOf(variable, below);
}

}  // namespace engine
