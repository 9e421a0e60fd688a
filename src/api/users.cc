// Users: an admin makes them, changes their role and scopes, and takes them away again.

#include "api/users.h"

#include <utility>
#include <vector>

#include "accounts/secret.h"
#include "api/audit_words.h"
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
          {"changed_at", TimeOrNull(changed_at)},
          {"is_unreadable", false}};
}

// Of a record that cannot be read, too: nobody logs in with it, and an admin can delete it.
json::object UserJson(const model::RecordRow& row) {
  if (const auto user = accounts::ReadUser(row))
    return UserJson(*user, row.changed_at);
  return {{"name", row.id.name},
          {"role", nullptr},
          {"scopes", json::array()},
          {"is_disabled", true},
          {"has_password", false},
          {"must_change_password", false},
          {"created_at", nullptr},
          {"changed_at", TimeOrNull(row.changed_at)},
          {"is_unreadable", true}};
}

base::Result<model::RecordRow> FindRow(Context& context, const std::string& name) {
  const model::RecordRow* row = context.views.Record({RecordKind::kUser, name});
  if (row == nullptr)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no user '", base::Excerpt(name), "'"));
  return *row;
}

struct Found {
  User user;
  model::RecordRow row;
};

base::Result<Found> FindUser(Context& context, const std::string& name) {
  ASSIGN_OR_RETURN(model::RecordRow row, FindRow(context, name));
  auto user = accounts::ReadUser(row);
  if (!user)
    return base::Fail(base::ErrorCode::kConflict,
                      base::Cat(user.error().message, ": delete the user, and make them again"));
  return Found{*std::move(user), std::move(row)};
}

// What a body says of a user, over what there is.
base::Status ReadUserBody(const json::object& body, User& user) {
  if (IsGiven(body, "role")) {
    ASSIGN_OR_RETURN(user.role, accounts::ReadRole(base::GetString(body, "role")));
  }
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
  std::string what, before;
  std::string password;  // to be told once
  int status = 200;
};

void Keep(Context& context, const SharedExchange& exchange, Write write, const Answered& answered) {
  std::vector<One> records = std::move(write.more);
  records.push_back({.id = {RecordKind::kUser, write.user.name},
                     .body = BodyOf(write.user),
                     .expected = write.expected,
                     .before = std::move(write.before),
                     .after = WordsFor(write.user)});
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

}  // namespace

base::Result<User> UserNamed(const runtime::Views& views, const std::string& name) {
  const model::RecordRow* row = views.Record({RecordKind::kUser, name});
  if (row == nullptr)
    return base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no user '", name, "'"));
  return accounts::ReadUser(*row);
}

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
  for (const model::RecordRow* row : context.views.Records(RecordKind::kUser))
    users.push_back(UserJson(*row));
  return PageOf("users", std::move(users), *paging);
}

Answer GetUser(Context& context, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const model::RecordRow row, FindRow(context, exchange.args.at(0)));
  return UserJson(row);
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
  write.what = "new";
  if (base::GetBool(exchange->body, "without_password"))
    return Keep(context, exchange, std::move(write), answered);
  KeepWithPassword(context, exchange, std::move(write), answered);
}

void PatchUser(Context& context, const SharedExchange& exchange, Answered answered) {
  auto found = FindUser(context, exchange->args.at(0));
  if (!found)
    return answered(base::Fail(found.error()));
  Write write{
      .user = found->user, .expected = found->row.revision, .before = WordsFor(found->user)};
  if (const base::Status read = ReadUserBody(exchange->body, write.user); !read)
    return answered(base::Fail(read.error()));
  if (WordsFor(found->user) == WordsFor(write.user))
    return answered(AnswerUser(context, write.user.name, "", 200));
  write.what = "rights changed";
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
                   {.user = found->user,
                    .expected = found->row.revision,
                    .more = DropSessions(context.views, exchange->args.at(0)),
                    .what = "password reset",
                    .before = WordsFor(found->user)},
                   answered);
}

void DeleteUser(Context& context, const SharedExchange& exchange, Answered answered) {
  const std::string& name = exchange->args.at(0);
  const auto row = FindRow(context, name);
  if (!row)
    return answered(base::Fail(row.error()));
  std::vector<One> records = DropSessions(context.views, name);
  for (const One& token : DropTokens(context.views, name))
    records.push_back(token);
  for (const One& favourite : DropFavourites(context.views, name))
    records.push_back(favourite);
  const auto user = accounts::ReadUser(*row);
  records.push_back(
      {.id = row->id, .expected = row->revision, .before = user ? WordsFor(*user) : std::string()});
  context.commands.ChangeRecords(
      {.records = std::move(records),
       .what = base::Cat("user '", name, "' deleted"),
       .by = exchange->principal()},
      [answered](const runtime::Outcome& outcome) {
        answered(outcome ? Answer(NoContent()) : base::Fail(outcome.error()));
      });
}

// docs/security.md has the same texts.
Answer ListRoles(Context&, const Exchange&) {
  using accounts::Role;
  const std::pair<Role, std::string_view> all[]{
      {Role::kViewer,
       "see DAGs, runs, clusters, forecasts, what they cost; make tokens for themselves"},
      {Role::kOperator, "trigger, clear, mark, pause, backfill, hold, terminate"},
      {Role::kAuthor, "see and change what DAGs are made of: variables, connections"},
      {Role::kAdmin, "make users; see and end everybody's tokens and sessions; read the audit"}};
  json::array roles;
  for (const auto& [role, about] : all)
    roles.push_back(json::object{{"name", ToString(role)}, {"description", about}});
  const size_t total = roles.size();
  return json::object{{"roles", std::move(roles)}, {"total_entries", total}};
}

}  // namespace api
