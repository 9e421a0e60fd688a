// Users: an admin makes them, changes their role and scopes, and takes them away again.

#include <utility>
#include <vector>

#include "accounts/secret.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/times.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using accounts::User;
using model::RecordKind;
using One = model::ChangeRecords::One;

json::object UserJson(const User& user, base::Time changed_at) {
  return {{"name", user.name},
          {"role", ToString(user.role)},
          {"scopes", accounts::ScopesJson(user.scopes)},
          {"is_disabled", user.is_disabled},
          {"has_password", !user.password_hash.empty()},
          {"issuer", TextOrNull(user.issuer)},
          {"must_change_password", user.must_change},
          {"created_at", TimeOrNull(user.created_at)},
          {"changed_at", TimeOrNull(changed_at)}};
}

struct Found {
  User user;
  model::RecordRow row;
};

base::Result<Found> FindUser(Context& context, const std::string& name) {
  const model::RecordRow* row = context.views.Record({RecordKind::kUser, name});
  if (row == nullptr)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no user '", base::Excerpt(name), "'"));
  ASSIGN_OR_RETURN(User user, accounts::ReadUser(*row));
  return Found{std::move(user), *row};
}

base::Status ReadRole(const json::object& body, accounts::Role& role) {
  if (!IsGiven(body, "role"))
    return {};
  const std::string text = base::GetString(body, "role");
  const auto parsed = accounts::ParseRole(text);
  if (!parsed)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'role' is '",
                                base::Excerpt(text),
                                "', and must be viewer, operator, author or admin"));
  role = *parsed;
  return {};
}

// What a body says of a user, over what there is.
base::Status ReadUserBody(const json::object& body, User& user) {
  RETURN_IF_ERROR(ReadRole(body, user.role));
  if (IsGiven(body, "scopes")) {
    ASSIGN_OR_RETURN(user.scopes, accounts::ReadScopes(base::GetArray(body, "scopes")));
  }
  if (IsGiven(body, "is_disabled"))
    user.is_disabled = base::GetBool(body, "is_disabled");
  if (user.role == accounts::Role::kAdmin && !user.scopes.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "an admin sees all DAGs: leave out the scopes, or choose another role");
  return {};
}

Answer AnswerUser(Context& context,
                  const std::string& name,
                  const std::string& password,
                  int status) {
  ASSIGN_OR_RETURN(const Found found, FindUser(context, name));
  json::object out = UserJson(found.user, found.row.changed_at);
  if (!password.empty())
    out["one_time_password"] = password;
  return SecretJson(status, out);
}

struct Write {
  User user;
  std::optional<int64_t> expected;
  std::vector<One> more;  // records that go with it
  std::string what;
  std::string password;  // to be told once
  int status = 200;
};

void Keep(Context& context, const SharedExchange& exchange, Write write, const Answered& answered) {
  std::vector<One> records = std::move(write.more);
  records.push_back({{RecordKind::kUser, write.user.name}, BodyOf(write.user), write.expected});
  context.commands.ChangeRecords(
      {.records = std::move(records), .what = std::move(write.what), .by = exchange->principal()},
      [&context,
       name = write.user.name,
       password = write.password,
       status = write.status,
       answered](const runtime::Outcome& outcome) {
        answered(outcome ? AnswerUser(context, name, password, status)
                         : base::Fail(outcome.error()));
      });
}

// With a password for one login, which the answer alone tells.
void KeepWithPassword(Context& context,
                      const SharedExchange& exchange,
                      Write write,
                      const Answered& answered) {
  write.password = accounts::DrawPassword();
  const std::string password = write.password;
  context.logins.Hash(
      password, [&context, exchange, write = std::move(write), answered](const auto& hash) mutable {
        if (!hash)
          return answered(base::Fail(hash.error()));
        write.user.password_hash = *hash;
        write.user.must_change = true;
        Keep(context, exchange, std::move(write), answered);
      });
}

// Of a user whose role, scopes and password are their provider's business.
base::Error IsFederated(const User& user) {
  return {base::ErrorCode::kConflict,
          base::Cat("'",
                    user.name,
                    "' logs in by single sign-on: role and scopes come from the provider's groups "
                    "(server.oidc.roles), and there is no password here")};
}

// "role viewer > operator, scopes …": for the history.
std::string Difference(const User& before, const User& after) {
  std::vector<std::string> parts;
  if (before.role != after.role)
    parts.push_back(base::Cat("role ", ToString(before.role), " > ", ToString(after.role)));
  if (before.scopes != after.scopes) {
    const auto text = [](const accounts::Scopes& scopes) {
      std::vector<std::string> texts;
      for (const accounts::Scope& scope : scopes)
        texts.push_back(ToString(scope));
      return texts.empty() ? std::string("all") : base::Join(texts, " ");
    };
    parts.push_back(base::Cat("scopes ", text(before.scopes), " > ", text(after.scopes)));
  }
  if (before.is_disabled != after.is_disabled)
    parts.emplace_back(after.is_disabled ? "disabled" : "enabled");
  return base::Join(parts, ", ");
}

}  // namespace

http::Response SecretJson(int status, const json::object& body) {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  // No cache keeps a secret.
  response.headers.Set("Cache-Control", "no-store");
  response.body = base::Serialize(body);
  return response;
}

Answer ListUsers(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  json::array users;
  for (const model::RecordRow* row : context.views.Records(RecordKind::kUser)) {
    ASSIGN_OR_RETURN(const User user, accounts::ReadUser(*row));
    users.push_back(UserJson(user, row->changed_at));
  }
  return PageOf("users", std::move(users), *paging);
}

Answer GetUser(Context& context, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const Found found, FindUser(context, exchange.args.at(0)));
  return UserJson(found.user, found.row.changed_at);
}

void CreateUser(Context& context, const SharedExchange& exchange, Answered answered) {
  Write write{
      .user = {.name = base::GetString(exchange->body, "name"), .created_at = context.views.Now()},
      .expected = 0,
      .status = 201};
  if (const base::Status good = accounts::CheckUserName(write.user.name); !good)
    return answered(base::Fail(good.error()));
  if (const base::Status read = ReadUserBody(exchange->body, write.user); !read)
    return answered(base::Fail(read.error()));
  if (context.views.Record({RecordKind::kUser, write.user.name}) != nullptr)
    return answered(base::Fail(base::ErrorCode::kConflict,
                               base::Cat("the user '", write.user.name, "' exists already")));
  write.what = base::Cat("role ", ToString(write.user.role));
  if (base::GetBool(exchange->body, "without_password"))
    return Keep(context, exchange, std::move(write), answered);
  KeepWithPassword(context, exchange, std::move(write), answered);
}

void PatchUser(Context& context, const SharedExchange& exchange, Answered answered) {
  auto found = FindUser(context, exchange->args.at(0));
  if (!found)
    return answered(base::Fail(found.error()));
  Write write{.user = found->user, .expected = found->row.revision};
  if (const base::Status read = ReadUserBody(exchange->body, write.user); !read)
    return answered(base::Fail(read.error()));
  write.what = Difference(found->user, write.user);
  if (write.what.empty())
    return answered(AnswerUser(context, write.user.name, "", 200));
  const bool is_providers =
      write.user.role != found->user.role || write.user.scopes != found->user.scopes;
  if (found->user.IsFederated() && is_providers)
    return answered(base::Fail(IsFederated(found->user)));
  // Who is given less, or is kept out, begins again.
  write.more = DropSessions(context.views, write.user.name);
  Keep(context, exchange, std::move(write), answered);
}

void ResetPassword(Context& context, const SharedExchange& exchange, Answered answered) {
  auto found = FindUser(context, exchange->args.at(0));
  if (!found)
    return answered(base::Fail(found.error()));
  if (found->user.IsFederated())
    return answered(base::Fail(IsFederated(found->user)));
  KeepWithPassword(context,
                   exchange,
                   {.user = std::move(found->user),
                    .expected = found->row.revision,
                    .more = DropSessions(context.views, exchange->args.at(0)),
                    .what = "password reset"},
                   answered);
}

void DeleteUser(Context& context, const SharedExchange& exchange, Answered answered) {
  const std::string& name = exchange->args.at(0);
  auto found = FindUser(context, name);
  if (!found)
    return answered(base::Fail(found.error()));
  std::vector<One> records = DropSessions(context.views, name);
  for (const One& token : DropTokens(context.views, name))
    records.push_back(token);
  records.push_back({found->row.id, std::nullopt, found->row.revision});
  context.commands.ChangeRecords({.records = std::move(records),
                                  .what = base::Cat("user '", name, "' deleted"),
                                  .by = exchange->principal()},
                                 [answered](const runtime::Outcome& outcome) {
                                   http::Response none;
                                   none.status = 204;
                                   answered(outcome ? Answer(none) : base::Fail(outcome.error()));
                                 });
}

Answer ListRoles(Context&, const Exchange&) {
  using accounts::Role;
  const std::pair<Role, std::string_view> all[]{
      {Role::kViewer, "sees DAGs, runs, clusters, forecasts and what they cost"},
      {Role::kOperator, "triggers, clears, marks, pauses, holds, terminates"},
      {Role::kAuthor, "sees and changes what DAGs are made of: variables, connections"},
      {Role::kAdmin, "makes users, and sees and revokes everybody's tokens"}};
  json::array roles;
  for (const auto& [role, about] : all)
    roles.push_back(json::object{{"name", ToString(role)}, {"description", about}});
  const size_t total = roles.size();
  return json::object{{"roles", std::move(roles)}, {"total_entries", total}};
}

}  // namespace api
