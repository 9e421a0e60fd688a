#include "api/new_session.h"

#include <algorithm>
#include <utility>

#include "api/audit_words.h"
#include "api/resources.h"

namespace api {

namespace {

using accounts::Session;
using model::RecordKind;
using One = model::ChangeRecords::One;

constexpr size_t kMostSessions = 20;  // of one user

std::vector<Session> SessionsOf(const runtime::Views& views, const std::string& user) {
  std::vector<Session> sessions;
  for (const model::RecordRow* row : views.Records(RecordKind::kSession)) {
    auto session = accounts::ReadSession(*row);
    if (session && session->user == user)
      sessions.push_back(*std::move(session));
  }
  return sessions;
}

// Those that are over, and the oldest beyond the most.
std::vector<One> Overdue(std::vector<Session> sessions, const runtime::Views& views) {
  std::vector<One> drops;
  std::erase_if(sessions, [&](const Session& session) {
    if (!IsOver(session, views.Now(), views.ByWall(accounts::kSessionIdle)))
      return false;
    drops.push_back(DropOf(session));
    return true;
  });
  std::ranges::sort(sessions, {}, &Session::created_at);
  for (size_t i = 0; i + kMostSessions <= sessions.size(); ++i)
    drops.push_back(DropOf(sessions[i]));
  return drops;
}

}  // namespace

std::vector<One> DropSessions(const runtime::Views& views, const std::string& user) {
  std::vector<One> drops;
  for (const Session& session : SessionsOf(views, user))
    drops.push_back(DropOf(session));
  return drops;
}

One DropSession(const runtime::Views& views, const std::string& id) {
  const model::RecordKey key{RecordKind::kSession, id};
  const model::RecordRow* row = views.Record(key);
  const auto session =
      row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "") : accounts::ReadSession(*row);
  return session ? DropOf(*session) : One{.id = key, .may_be_gone = true};
}

NewSession MakeSession(const runtime::Views& views,
                       const accounts::User& user,
                       int64_t revision,
                       Session::Kind kind,
                       base::Duration life,
                       std::string address,
                       std::string at_provider) {
  const base::Time now = views.Now();
  NewSession made{.secret = accounts::DrawSecret(accounts::kSessionPrefix)};
  made.session = {.id = made.secret.id,
                  .user = user.name,
                  .user_since = user.created_at,
                  .user_revision = revision,
                  .kind = kind,
                  .digest = made.secret.digest,
                  .address = std::move(address),
                  .at_provider = std::move(at_provider),
                  .created_at = now,
                  .expires_at = now + views.ByWall(life),
                  .last_used_at = now};
  made.records = Overdue(SessionsOf(views, user.name), views);
  made.records.push_back({.id = {RecordKind::kSession, made.session.id},
                          .body = BodyOf(made.session),
                          .expected = 0,
                          .after = WordsFor(made.session)});
  return made;
}

}  // namespace api
