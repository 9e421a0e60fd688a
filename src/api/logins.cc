// Logins with a password: Airflow's token for programs, and a session's cookie for browsers.

#include <algorithm>
#include <utility>
#include <vector>

#include "accounts/secret.h"
#include "api/audit_words.h"
#include "api/new_session.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "base/time.h"

namespace api {

namespace {

using accounts::Session;
using model::RecordKind;
using One = model::ChangeRecords::One;

// The body's two members; a name that no user can have is as unknown as any other.
LoginDesk::Asked ReadAsked(const Exchange& exchange) {
  return {.user = base::GetString(exchange.body, "username"),
          .password = base::GetString(exchange.body, "password"),
          .address = exchange.request.peer};
}

// What failed is kept, under the name that was tried: it may be nobody's.
http::Response Refuse(Context& context, const Exchange& exchange, const base::Error& error) {
  const bool is_wrong = error.code == base::ErrorCode::kPermission;
  if (is_wrong || error.code == base::ErrorCode::kThrottled)
    context.refusals.Note(
        {kNobody, "session", exchange.request.peer},
        base::Cat(
            "a login as '", base::Excerpt(base::GetString(exchange.body, "username"), 64), "'"),
        is_wrong ? error.message : "too many logins have failed");
  if (is_wrong)
    return http::ErrorResponse(401, error.message);
  if (error.code != base::ErrorCode::kThrottled)
    return http::ErrorResponse(503, error.message);
  http::Response refusal = http::ErrorResponse(429, error.message);
  const auto asked = ReadAsked(exchange);
  refusal.headers.Set("Retry-After",
                      std::to_string(context.logins.SecondsToWait(asked.user, asked.address)));
  return refusal;
}

using OnBegun = std::function<void(const NewSession&)>;

void Begin(Context& context,
           const SharedExchange& exchange,
           const accounts::User& user,
           Session::Kind kind,
           const Answered& answered,
           const OnBegun& done) {
  const model::RecordRow* row = context.views.Record({RecordKind::kUser, user.name});
  const auto now_is =
      row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "") : accounts::ReadUser(*row);
  // Whom somebody has changed while the password was looked at.
  if (!now_is || now_is->password_hash != user.password_hash || now_is->is_disabled)
    return answered(http::ErrorResponse(401, "the user was changed just now: log in again"));
  const base::Duration life =
      kind == Session::Kind::kBrowser ? accounts::kSessionLife : accounts::kBearerLife;
  auto begun = std::make_shared<NewSession>(
      MakeSession(context.views, user, row->revision, kind, life, exchange->request.peer));
  // A browser that logs in again leaves its session (ASVS 7.2.4).
  const Caller before = context.gate.Ask(exchange->request);
  const bool has_session = before.identity && before.identity->means == accounts::Means::kSession &&
                           !before.csrf.empty();
  const auto is_own = [&](const One& one) {
    return one.id == model::RecordKey{RecordKind::kSession, before.identity->id};
  };
  if (kind == Session::Kind::kBrowser && has_session &&
      std::ranges::none_of(begun->records, is_own))
    begun->records.push_back(DropSession(context.views, before.identity->id));
  context.commands.ChangeRecords({.records = std::move(begun->records),
                                  .what = base::Cat("login of '", user.name, "'"),
                                  .by = {user.name, "session", exchange->request.peer}},
                                 [begun, answered, done](const runtime::Outcome& outcome) {
                                   if (!outcome)
                                     return answered(base::Fail(outcome.error()));
                                   done(*begun);
                                 });
}

// `done` gets a user who may begin a session.
void CheckLogin(Context& context,
                const SharedExchange& exchange,
                const Answered& answered,
                std::function<void(const accounts::User&)> done) {
  context.logins.Check(ReadAsked(*exchange),
                       [&context, exchange, answered, done = std::move(done)](const auto& user) {
                         if (!user)
                           return answered(Refuse(context, *exchange, user.error()));
                         if (user->must_change)
                           return answered(http::ErrorResponse(
                               403,
                               "the password was made for one login, and has to be changed first: "
                               "POST /auth/password, or `signalbox users change-password`"));
                         done(*user);
                       });
}

}  // namespace

void CreateAccessToken(Context& context, const SharedExchange& exchange, Answered answered) {
  CheckLogin(
      context, exchange, answered, [&context, exchange, answered](const accounts::User& user) {
        Begin(
            context,
            exchange,
            user,
            Session::Kind::kBearer,
            answered,
            [answered](const auto& begun) {
              answered(SecretJson(201,
                                  {{"access_token", begun.secret.text},
                                   {"expires_at", base::FormatRfc3339(begun.session.expires_at)}}));
            });
      });
}

void Login(Context& context, const SharedExchange& exchange, Answered answered) {
  CheckLogin(
      context, exchange, answered, [&context, exchange, answered](const accounts::User& user) {
        Begin(context,
              exchange,
              user,
              Session::Kind::kBrowser,
              answered,
              [&context, answered](const NewSession& begun) {
                http::Response response =
                    SecretJson(201,
                               {{"user", begun.session.user},
                                {"csrf_token", accounts::CsrfTokenOf(begun.secret.text)},
                                {"expires_at", TimeOrNull(begun.session.expires_at)}});
                response.headers.Set("Set-Cookie", context.gate.CookieFor(begun.secret.text));
                answered(std::move(response));
              });
      });
}

void EndOwnSession(Context& context,
                   const SharedExchange& exchange,
                   http::Response done,
                   Answered answered) {
  const accounts::Identity& identity = exchange->identity;
  done.headers.Set("Set-Cookie", context.gate.CookieFor(""));
  // What pages have kept of us goes with the session.
  done.headers.Set("Clear-Site-Data", R"("cache", "storage")");
  if (identity.means != accounts::Means::kSession)
    return answered(base::Fail(base::ErrorCode::kConflict, "no session asks for it"));
  context.commands.ChangeRecords(
      {.records = {DropSession(context.views, identity.id)},
       .what = "logout",
       .by = exchange->principal()},
      [done = std::move(done), answered](const runtime::Outcome& outcome) {
        answered(outcome ? Answer(done) : base::Fail(outcome.error()));
      });
}

// Of the session that asks.
void Logout(Context& context, const SharedExchange& exchange, Answered answered) {
  EndOwnSession(context, exchange, NoContent(), std::move(answered));
}

// For those who know the old password: also with one for one login, and no session yet.
void ChangePassword(Context& context, const SharedExchange& exchange, Answered answered) {
  const std::string fresh = base::GetString(exchange->body, "new_password");
  const auto keep = [&context, exchange, answered](
                        const accounts::User& user, int64_t revision, const std::string& hash) {
    accounts::User changed = user;
    changed.password_hash = hash;
    changed.must_change = false;
    std::vector<One> records = DropSessions(context.views, user.name);
    records.push_back({.id = {RecordKind::kUser, user.name},
                       .body = BodyOf(changed),
                       .expected = revision,
                       .before = WordsFor(user),
                       .after = WordsFor(changed)});
    context.commands.ChangeRecords(
        {.records = std::move(records),
         .what = "password changed",
         .by = {user.name, "session", exchange->request.peer}},
        [answered](const runtime::Outcome& outcome) {
          answered(outcome ? Answer(NoContent()) : base::Fail(outcome.error()));
        });
  };
  context.logins.Check(
      ReadAsked(*exchange), [&context, exchange, answered, fresh, keep](const auto& user) {
        if (!user)
          return answered(Refuse(context, *exchange, user.error()));
        if (const base::Status good = accounts::CheckPassword(fresh, user->name); !good)
          return answered(base::Fail(good.error()));
        if (fresh == base::GetString(exchange->body, "password"))
          return answered(base::Fail(base::ErrorCode::kInvalidArgument,
                                     "the new password is the old one: choose another"));
        context.logins.Hash(fresh, [&context, user = *user, answered, keep](const auto& hash) {
          if (!hash)
            return answered(base::Fail(hash.error()));
          // What an admin has changed meanwhile stays so.
          const model::RecordRow* row = context.views.Record({RecordKind::kUser, user.name});
          auto now = row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "the user is gone")
                                    : accounts::ReadUser(*row);
          if (!now || now->password_hash != user.password_hash)
            return answered(base::Fail(base::ErrorCode::kConflict,
                                       "somebody else has changed the user: log in again"));
          keep(*now, row->revision, *hash);
        });
      });
}

}  // namespace api
