#pragma once

// Users, tokens and sessions as records keep them (model/record.h): plain data and its JSON. No
// secret stands in them: of passwords there are hashes of Argon2id, of tokens and sessions digests.
// Pure. The members' names are persisted.

#include <optional>
#include <string>
#include <string_view>

#include "accounts/identity.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/record.h"

namespace accounts {

// The record's name is the user's.
struct User {
  std::string name;
  Role role = Role::kViewer;
  Scopes scopes;
  std::string password_hash;  // "": nobody logs in with a password
  bool is_disabled = false;
  bool must_change = false;  // the password was made by an admin, for one login
  // Of a user of single sign-on: who they are at their provider. Role and scopes are as the
  // provider said at the latest login, and there is no password. Both "": a user of ours.
  std::string issuer, subject;
  base::Time created_at;

  bool IsFederated() const { return !issuer.empty(); }
};

// An API token. The record's name is `id`.
struct Token {
  std::string id;
  std::string owner;       // a user
  base::Time owner_since;  // their created_at: another user of that name has none of their tokens
  std::string name;        // what it is for
  std::string digest;
  Role role = Role::kViewer;  // at most, beside the owner's
  Scopes scopes;              // none: the owner's
  base::Time expires_at;
  base::Time created_at;
  std::optional<base::Time> last_used_at;  // to the minute
};

// What a login began. The record's name is `id`.
struct Session {
  // A browser's cookie, or a bearer token for programs.
  enum class Kind { kBrowser, kBearer };
  std::string id;
  std::string user;
  // Of the user's record at the login: the session is over once that changes.
  base::Time user_since;
  int64_t user_revision = 0;
  Kind kind = Kind::kBrowser;
  std::string digest;
  std::string address;      // of the login
  std::string at_provider;  // of single sign-on: the session's id there (sid); "": it told none
  base::Time created_at;
  base::Time expires_at;
  base::Time last_used_at;  // to the minute
};

std::string BodyOf(const User& user);
std::string BodyOf(const Token& token);
std::string BodyOf(const Session& session);
// kCorrupt where a record says something else.
base::Result<User> ReadUser(const model::RecordRow& row);
base::Result<Token> ReadToken(const model::RecordRow& row);
base::Result<Session> ReadSession(const model::RecordRow& row);

json::array ScopesJson(const Scopes& scopes);
// A list of texts; kInvalidArgument else.
base::Result<Scopes> ReadScopes(const json::array& texts);

// kInvalidArgument, with the rule.
base::Status CheckUserName(std::string_view name);
// `name`: of the user.
base::Status CheckPassword(std::string_view password, std::string_view name);

// How long what a login began may be used, and how long a browser's session may rest.
inline constexpr base::Duration kSessionLife = base::hours(12);
inline constexpr base::Duration kSessionIdle = base::minutes(30);
inline constexpr base::Duration kBearerLife = base::hours(24);
inline constexpr base::Duration kTokenLife = base::hours(24 * 90),
                                kTokenLongest = base::hours(24 * 366);
// Of users of single sign-on: their provider tells us only at a login that somebody has left.
inline constexpr base::Duration kFederatedTokenLongest = base::hours(24 * 30);
// A password that an admin has made lets nobody in any later.
inline constexpr base::Duration kFirstPasswordLife = base::hours(72);
// Last uses are noted so often at the most.
inline constexpr base::Duration kNotedEvery = base::minutes(1);

// `idle`: how long a browser's session may rest.
bool IsOver(const Session& session, base::Time now, base::Duration idle = kSessionIdle);

}  // namespace accounts
