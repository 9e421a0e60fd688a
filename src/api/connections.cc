// Connections, as Airflow's API has them. Passwords, and what is secret in `extra`, are shown as
// "***".

#include <utility>

#include "api/sealed.h"
#include "base/json_text.h"
#include "base/mask.h"
#include "base/text.h"
#include "secrets/connection.h"
#include "secrets/redact.h"

namespace api {

const BodySchema kConnectionBody{
    {"connection_id", Member::Type::kText, Member::Presence::kRequired},
    {"conn_type", Member::Type::kText, Member::Presence::kRequired},
    {"description", Member::Type::kText},
    {"host", Member::Type::kText},
    {"login", Member::Type::kText},
    {"schema", Member::Type::kText},
    {"port", Member::Type::kNumber},
    {"password", Member::Type::kText},
    {"extra", Member::Type::kText},
    {"team_name", Member::Type::kNotYet}};

namespace {

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

// The masks in it stand for what `before` has.
base::Status Unmask(const secrets::Connection& before, secrets::Connection& after) {
  if (after.password == base::kMask) {
    if (!before.password)
      return Invalid("'***' stands for a password that is not shown: give the password itself");
    after.password = before.password;
  }
  if (after.extra && before.extra)
    after.extra = secrets::Unredact("extra", *after.extra, *before.extra);
  return {};
}

base::Result<std::string> Make(const std::string& name,
                               const json::object& body,
                               const std::optional<std::string>& old) {
  secrets::Connection before{.id = name};
  if (old) {
    ASSIGN_OR_RETURN(before, secrets::ParseConnection(name, *old));
  }
  json::object members = secrets::ToJson(before);
  for (const auto& [member, value] : body) {
    if (members.contains(member))
      members[member] = value;
  }
  ASSIGN_OR_RETURN(secrets::Connection after, secrets::FromJson(name, members));
  RETURN_IF_ERROR(Unmask(before, after));
  RETURN_IF_ERROR(secrets::Check(after));
  return ToDocument(after);
}

// Of no document: what its name alone tells.
base::Result<json::object> Show(const std::string& name, const std::string& document) {
  secrets::Connection connection{.id = name};
  if (!document.empty()) {
    ASSIGN_OR_RETURN(connection, secrets::ParseConnection(name, document));
  }
  if (connection.password)
    connection.password = base::kMask;
  if (connection.extra)
    connection.extra = secrets::Redact("extra", *connection.extra);
  json::object out = secrets::ToJson(connection);
  out["connection_id"] = name;
  out["team_name"] = nullptr;
  return out;
}

const SealedKind& Connections() {
  static const SealedKind kKind{.kind = model::RecordKind::kConnection,
                                .list = "connections",
                                .id = "connection_id",
                                .body = kConnectionBody,
                                .orders = {"connection_id",
                                           "conn_id",
                                           "conn_type",
                                           "description",
                                           "host",
                                           "port",
                                           "id",
                                           "team_name"},
                                .make = &Make,
                                .show = &Show};
  return kKind;
}

}  // namespace

Answer ListConnections(const Reading& reading, const Exchange& exchange) {
  return ListSealed(Connections(), reading, exchange);
}

Answer GetConnection(const Reading& reading, const Exchange& exchange) {
  return GetSealed(Connections(), reading, exchange);
}

void CreateConnection(Context& context, const SharedExchange& exchange, Answered answered) {
  CreateSealed(Connections(), context, *exchange, std::move(answered));
}

void PatchConnection(Context& context, const SharedExchange& exchange, Answered answered) {
  PatchSealed(Connections(), context, *exchange, std::move(answered));
}

void DeleteConnection(Context& context, const SharedExchange& exchange, Answered answered) {
  DeleteSealed(Connections(), context, *exchange, std::move(answered));
}

void ChangeConnections(Context& context, const SharedExchange& exchange, Answered answered) {
  ChangeManySealed(Connections(), context, exchange, std::move(answered));
}

void RotateSecretKey(Context& context, const SharedExchange& exchange, Answered answered) {
  context.commands.RotateKey(
      exchange->principal(), [answered = std::move(answered)](const auto& rotated) {
        if (!rotated)
          return answered(base::Fail(rotated.error()));
        answered(json::object{{"records", rotated->records}, {"advice", rotated->advice}});
      });
}

}  // namespace api
