// What each caller has of their own: who they are, API tokens, sessions. An admin sees everybody's,
// and may end them.

#include <algorithm>
#include <utility>
#include <vector>

#include "accounts/secret.h"
#include "api/audit_words.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/times.h"
#include "api/users.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using accounts::Identity;
using accounts::Session;
using accounts::Token;
using model::RecordKind;
using One = model::ChangeRecords::One;

constexpr int kMostTokens = 100;   // of one user, that have not expired
constexpr size_t kNameMost = 100;  // bytes

bool IsAdmin(const Identity& identity) {
  return identity.role == accounts::Role::kAdmin && !identity.IsScoped();
}

// Whose tokens and sessions are asked about: `user`, else the caller's own; all for an admin who
// names nobody.
base::Result<std::optional<std::string>> ReadOwner(const Exchange& exchange) {
  const Identity& identity = exchange.identity;
  ASSIGN_OR_RETURN(auto user, ReadOne(exchange, "user"));
  if (IsAdmin(identity) || user == identity.name)
    return user;
  if (user)
    return base::Fail(base::ErrorCode::kPermission, "only an admin may ask for those of others");
  return std::optional(identity.name);
}

// As it counts today: what its owner may not, it may not either.
accounts::Role RoleOf(const runtime::Views& views, const Token& token) {
  const auto owner = UserNamed(views, token.owner);
  return owner ? std::min(token.role, owner->role) : token.role;
}

json::object TokenJson(const runtime::Views& views, const Token& token) {
  return {{"id", token.id},
          {"name", token.name},
          {"user", token.owner},
          {"prefix", base::Cat(accounts::kTokenPrefix, token.id)},
          {"role", ToString(RoleOf(views, token))},
          {"scopes", accounts::ScopesJson(token.scopes)},
          {"created_at", TimeOrNull(token.created_at)},
          {"expires_at", TimeOrNull(token.expires_at)},
          {"last_used_at", TimeOrNull(token.last_used_at)}};
}

json::object SessionJson(const Session& session) {
  return {{"id", session.id},
          {"user", session.user},
          {"kind", session.kind == Session::Kind::kBrowser ? "browser" : "bearer"},
          {"address", TextOrNull(session.address)},
          {"created_at", TimeOrNull(session.created_at)},
          {"expires_at", TimeOrNull(session.expires_at)},
          {"last_used_at", TimeOrNull(session.last_used_at)}};
}

std::vector<Token> TokensOf(const runtime::Views& views, const std::optional<std::string>& owner) {
  std::vector<Token> tokens;
  for (const model::RecordRow* row : views.Records(RecordKind::kToken)) {
    auto token = accounts::ReadToken(*row);
    if (token && (!owner || token->owner == *owner))
      tokens.push_back(*std::move(token));
  }
  return tokens;
}

base::Result<base::Duration> ReadLife(const json::object& body, const accounts::User& owner) {
  const base::Duration longest =
      owner.IsFederated() ? accounts::kFederatedTokenLongest : accounts::kTokenLongest;
  if (!IsGiven(body, "expires_in"))
    return std::min(accounts::kTokenLife, longest);
  ASSIGN_OR_RETURN(const base::Duration life,
                   base::ParseDuration(base::GetString(body, "expires_in")));
  if (life < base::minutes(1) || life > longest)
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("'expires_in' must be from 1m to ",
                  base::FormatDuration(longest),
                  owner.IsFederated() ? ", as '" + owner.name + "' logs in by single sign-on"
                                      : std::string()));
  return life;
}

// For whom: the caller, or by an admin another user.
base::Result<std::string> ReadTokenOwner(Context& context, const Exchange& exchange) {
  const Identity& identity = exchange.identity;
  // A token that makes tokens could give itself a longer life, or what was kept from it.
  if (identity.means == accounts::Means::kToken)
    return base::Fail(base::ErrorCode::kPermission,
                      "a token makes no tokens: log in with a password, or ask an admin");
  const std::string given = base::GetString(exchange.body, "user");
  const std::string owner = given.empty() ? identity.name : given;
  if (owner != identity.name && !IsAdmin(identity))
    return base::Fail(base::ErrorCode::kPermission, "only an admin makes tokens for others");
  if (context.views.Record({RecordKind::kUser, owner}) == nullptr)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      given.empty()
                          ? "'user' is missing: whose token is it? The project's own token is no "
                            "user's"
                          : base::Cat("there is no user '", base::Excerpt(owner), "'"));
  return owner;
}

base::Result<Token> ReadToken(Context& context, const Exchange& exchange) {
  const json::object& body = exchange.body;
  Token token{.name = base::GetString(body, "name"), .created_at = context.views.Now()};
  ASSIGN_OR_RETURN(token.owner, ReadTokenOwner(context, exchange));
  const model::RecordRow* owner = context.views.Record({RecordKind::kUser, token.owner});
  if (owner == nullptr)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no user '", base::Excerpt(token.owner), "'"));
  ASSIGN_OR_RETURN(const accounts::User user, accounts::ReadUser(*owner));
  token.owner_since = user.created_at;
  if (token.name.empty() || token.name.size() > kNameMost)
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("'name' says what the token is for, in at most ", kNameMost, " bytes"));
  const auto tokens = TokensOf(context.views, token.owner);
  if (std::ranges::count_if(tokens, [&](const Token& other) {
        return other.expires_at > token.created_at;
      }) >= kMostTokens)
    return base::Fail(base::ErrorCode::kConflict,
                      base::Cat("'", token.owner, "' has ", kMostTokens, " tokens: revoke some"));
  token.role = accounts::Role::kAdmin;  // no further bound than the owner's role
  if (IsGiven(body, "role")) {
    ASSIGN_OR_RETURN(token.role, accounts::ReadRole(base::GetString(body, "role")));
  }
  ASSIGN_OR_RETURN(token.scopes, accounts::ReadScopes(base::GetArray(body, "scopes")));
  ASSIGN_OR_RETURN(const base::Duration life, ReadLife(body, user));
  token.expires_at = token.created_at + life;
  return token;
}

// Of those who may not end it, it is not there.
void DropOwn(Context& context,
             const SharedExchange& exchange,
             One drop,
             const std::string& owner,
             std::string what,
             const Answered& answered) {
  const auto& [kind, id] = drop.id;
  const Identity& asker = exchange->identity;
  // A token that got into other hands ends itself, and nothing else of its owner's.
  const bool is_own = owner == asker.name && (asker.means != accounts::Means::kToken ||
                                              (kind == RecordKind::kToken && id == asker.id));
  if (owner.empty() || (!is_own && !IsAdmin(asker)))
    return answered(
        base::Fail(base::ErrorCode::kNotFound,
                   base::Cat("there is no ", ToString(kind), " '", base::Excerpt(id), "'")));
  drop.may_be_gone = false;
  context.commands.ChangeRecords(
      {.records = {std::move(drop)}, .what = std::move(what), .by = exchange->principal()},
      [answered](const runtime::Outcome& outcome) {
        answered(outcome ? Answer(NoContent()) : base::Fail(outcome.error()));
      });
}

}  // namespace

std::vector<model::ChangeRecords::One> DropTokens(const runtime::Views& views,
                                                  const std::string& user) {
  std::vector<One> drops;
  for (const Token& token : TokensOf(views, user))
    drops.push_back(DropOf(token));
  return drops;
}

Answer GetMe(Context& context, const Exchange& exchange) {
  const Identity& identity = exchange.identity;
  json::array scopes;
  for (const accounts::Scopes& list : identity.scopes)
    scopes.push_back(accounts::ScopesJson(list));
  json::object out{{"name", identity.name},
                   {"role", ToString(identity.role)},
                   {"means", ToString(identity.means)},
                   {"scopes", std::move(scopes)},
                   {"address", TextOrNull(identity.address)},
                   {"csrf_token", TextOrNull(exchange.csrf)},
                   {"deployment", context.views.deployment()}};
  return SecretJson(200, out);
}

Answer ListTokens(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto owner, ReadOwner(exchange));
  json::array tokens;
  for (const Token& token : TokensOf(context.views, owner))
    tokens.push_back(TokenJson(context.views, token));
  return PageOf("tokens", std::move(tokens), *paging);
}

void CreateToken(Context& context, const SharedExchange& exchange, Answered answered) {
  auto token = ReadToken(context, *exchange);
  if (!token)
    return answered(base::Fail(token.error()));
  const accounts::Secret secret = accounts::DrawSecret(accounts::kTokenPrefix);
  token->id = secret.id;
  token->digest = secret.digest;
  std::vector<One> records{{.id = {RecordKind::kToken, token->id},
                            .body = BodyOf(*token),
                            .expected = 0,
                            .after = WordsFor(*token)}};
  for (const Token& old : TokensOf(context.views, token->owner)) {
    if (old.expires_at <= token->created_at)
      records.push_back(DropOf(old));
  }
  context.commands.ChangeRecords(
      {.records = std::move(records),
       .what = base::Cat("'", base::Excerpt(token->name), "' of '", token->owner, "'"),
       .by = exchange->principal()},
      [&context, token = *token, text = secret.text, answered](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        json::object out = TokenJson(context.views, token);
        out["token"] = text;
        answered(SecretJson(201, out));
      });
}

void RevokeToken(Context& context, const SharedExchange& exchange, Answered answered) {
  const model::RecordKey key{RecordKind::kToken, exchange->args.at(0)};
  const model::RecordRow* row = context.views.Record(key);
  const auto token =
      row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "") : accounts::ReadToken(*row);
  DropOwn(context,
          exchange,
          token ? DropOf(*token) : One{.id = key},
          token ? token->owner : "",
          token ? base::Cat("'", base::Excerpt(token->name), "' of '", token->owner, "'") : "",
          answered);
}

Answer ListSessions(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto owner, ReadOwner(exchange));
  json::array sessions;
  for (const model::RecordRow* row : context.views.Records(RecordKind::kSession)) {
    const auto session = accounts::ReadSession(*row);
    if (session && (!owner || session->user == *owner) &&
        !IsOver(*session, context.views.Now(), context.views.ByWall(accounts::kSessionIdle)))
      sessions.push_back(SessionJson(*session));
  }
  return PageOf("sessions", std::move(sessions), *paging);
}

void EndSession(Context& context, const SharedExchange& exchange, Answered answered) {
  const model::RecordKey key{RecordKind::kSession, exchange->args.at(0)};
  const model::RecordRow* row = context.views.Record(key);
  const auto session =
      row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "") : accounts::ReadSession(*row);
  DropOwn(context,
          exchange,
          session ? DropOf(*session) : One{.id = key},
          session ? session->user : "",
          session ? base::Cat("of '", session->user, "'") : "",
          answered);
}

}  // namespace api
