#include "accounts/accounts.h"

#include <algorithm>
#include <set>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace accounts {

namespace {

constexpr size_t kNameMost = 64, kShortestPassword = 15, kLongestPassword = 1024;
constexpr size_t kScopesMost = 50;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

// Reads the members of one record; the first that is wrong is what it answers.
class Members {
 public:
  static base::Result<Members> Of(const model::RecordRow& row) {
    auto value = base::ParseJson(row.body);
    if (!value || !value->is_object())
      return base::Fail(base::ErrorCode::kCorrupt,
                        base::Cat("the record of the ",
                                  ToString(row.id.kind),
                                  " '",
                                  base::Excerpt(row.id.name),
                                  "' is no JSON object"));
    return Members(row, std::move(value->get_object()));
  }

  std::string Text(std::string_view name) const { return base::GetString(object_, name); }
  int64_t Int(std::string_view name) const { return base::GetInt(object_, name); }
  bool Flag(std::string_view name) const { return base::GetBool(object_, name); }
  base::Result<base::Time> Time(std::string_view name) const {
    auto time = base::ParseTime(Text(name));
    return time ? std::move(time) : Wrong(name);
  }
  base::Result<Role> ReadRole() const {
    const auto role = ParseRole(Text("role"));
    if (!role)
      return Wrong("role");
    return *role;
  }
  base::Result<Scopes> ReadScopes() const {
    auto scopes = accounts::ReadScopes(base::GetArray(object_, "scopes"));
    return scopes ? std::move(scopes) : Wrong("scopes");
  }
  tl::unexpected<base::Error> Wrong(std::string_view name) const {
    return base::Fail(base::ErrorCode::kCorrupt,
                      base::Cat("the record of the ", what_, " has no good '", name, "'"));
  }

 private:
  Members(const model::RecordRow& row, json::object object)
      : what_(base::Cat(ToString(row.id.kind), " '", base::Excerpt(row.id.name), "'")),
        object_(std::move(object)) {}

  std::string what_;
  json::object object_;
};

}  // namespace

json::array ScopesJson(const Scopes& scopes) {
  json::array texts;
  for (const Scope& scope : scopes)
    texts.emplace_back(ToString(scope));
  return texts;
}

base::Result<Scopes> ReadScopes(const json::array& texts) {
  Scopes scopes;
  if (texts.size() > kScopesMost)
    return Invalid(base::Cat("at most ", kScopesMost, " scopes are taken"));
  for (const json::value& text : texts) {
    if (!text.is_string())
      return Invalid("'scopes' must be a list of texts such as dag:team_a_* or tag:team-a");
    ASSIGN_OR_RETURN(Scope scope, ParseScope(text.get_string()));
    scopes.push_back(std::move(scope));
  }
  return scopes;
}

std::string BodyOf(const User& user) {
  json::object body{{"role", ToString(user.role)},
                    {"scopes", ScopesJson(user.scopes)},
                    {"password_hash", user.password_hash},
                    {"is_disabled", user.is_disabled},
                    {"must_change", user.must_change},
                    {"created_at", base::FormatRfc3339(user.created_at)}};
  if (user.IsFederated()) {
    body["issuer"] = user.issuer;
    body["subject"] = user.subject;
  }
  return base::Serialize(body);
}

std::string BodyOf(const Token& token) {
  json::object body{{"owner", token.owner},
                    {"owner_since", base::FormatRfc3339(token.owner_since)},
                    {"name", token.name},
                    {"digest", token.digest},
                    {"role", ToString(token.role)},
                    {"scopes", ScopesJson(token.scopes)},
                    {"expires_at", base::FormatRfc3339(token.expires_at)},
                    {"created_at", base::FormatRfc3339(token.created_at)}};
  if (token.last_used_at)
    body["last_used_at"] = base::FormatRfc3339(*token.last_used_at);
  return base::Serialize(body);
}

std::string BodyOf(const Session& session) {
  json::object body{{"user", session.user},
                    {"user_since", base::FormatRfc3339(session.user_since)},
                    {"user_revision", session.user_revision},
                    {"kind", session.kind == Session::Kind::kBrowser ? "browser" : "bearer"},
                    {"digest", session.digest},
                    {"address", session.address},
                    {"created_at", base::FormatRfc3339(session.created_at)},
                    {"expires_at", base::FormatRfc3339(session.expires_at)},
                    {"last_used_at", base::FormatRfc3339(session.last_used_at)}};
  if (!session.at_provider.empty())
    body["at_provider"] = session.at_provider;
  return base::Serialize(body);
}

base::Result<User> ReadUser(const model::RecordRow& row) {
  ASSIGN_OR_RETURN(const Members members, Members::Of(row));
  User user{.name = row.id.name};
  ASSIGN_OR_RETURN(user.role, members.ReadRole());
  ASSIGN_OR_RETURN(user.scopes, members.ReadScopes());
  user.password_hash = members.Text("password_hash");
  user.is_disabled = members.Flag("is_disabled");
  user.must_change = members.Flag("must_change");
  user.issuer = members.Text("issuer");
  user.subject = members.Text("subject");
  ASSIGN_OR_RETURN(user.created_at, members.Time("created_at"));
  return user;
}

base::Result<Token> ReadToken(const model::RecordRow& row) {
  ASSIGN_OR_RETURN(const Members members, Members::Of(row));
  Token token{.id = row.id.name,
              .owner = members.Text("owner"),
              .name = members.Text("name"),
              .digest = members.Text("digest")};
  ASSIGN_OR_RETURN(token.role, members.ReadRole());
  ASSIGN_OR_RETURN(token.scopes, members.ReadScopes());
  ASSIGN_OR_RETURN(token.owner_since, members.Time("owner_since"));
  ASSIGN_OR_RETURN(token.expires_at, members.Time("expires_at"));
  ASSIGN_OR_RETURN(token.created_at, members.Time("created_at"));
  if (!members.Text("last_used_at").empty()) {
    ASSIGN_OR_RETURN(token.last_used_at, members.Time("last_used_at"));
  }
  return token;
}

base::Result<Session> ReadSession(const model::RecordRow& row) {
  ASSIGN_OR_RETURN(const Members members, Members::Of(row));
  Session session{.id = row.id.name, .user = members.Text("user")};
  const std::string kind = members.Text("kind");
  if (kind != "browser" && kind != "bearer")
    return members.Wrong("kind");
  session.kind = kind == "browser" ? Session::Kind::kBrowser : Session::Kind::kBearer;
  session.digest = members.Text("digest");
  session.address = members.Text("address");
  session.at_provider = members.Text("at_provider");
  session.user_revision = members.Int("user_revision");
  ASSIGN_OR_RETURN(session.user_since, members.Time("user_since"));
  ASSIGN_OR_RETURN(session.created_at, members.Time("created_at"));
  ASSIGN_OR_RETURN(session.expires_at, members.Time("expires_at"));
  ASSIGN_OR_RETURN(session.last_used_at, members.Time("last_used_at"));
  return session;
}

base::Status CheckUserName(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool is_good = !name.empty() && name.size() <= kNameMost && is_letter(name.front()) &&
                       std::ranges::all_of(name, [&](char c) {
                         return is_letter(c) || c == '.' || c == '_' || c == '-' || c == '@';
                       });
  if (!is_good)
    return Invalid(base::Cat("'",
                             base::Excerpt(name),
                             "' is no name of a user: it begins with a lower-case letter or a "
                             "digit, and has at most 64 of these and of . _ - @"));
  if (name == kLocalAdmin)
    return Invalid(
        base::Cat("'", name, "' is the name of the project's own token: choose another"));
  return {};
}

base::Status CheckPassword(std::string_view password, std::string_view name) {
  if (password.size() < kShortestPassword || password.size() > kLongestPassword)
    return Invalid(base::Cat("a password has from ",
                             kShortestPassword,
                             " to ",
                             kLongestPassword,
                             " bytes; a few words that only you would put together are good"));
  const std::string lower = base::ToLower(password);
  for (const std::string_view known : {name, std::string_view("signalbox")}) {
    if (known.size() > 3 && lower.find(known) != std::string::npos)
      return Invalid("a password must contain neither the user's name nor 'signalbox'");
  }
  if (std::set<char>(lower.begin(), lower.end()).size() <= 4)
    return Invalid("a password must have more than four different characters");
  return {};
}

bool IsOver(const Session& session, base::Time now, base::Duration idle) {
  return now >= session.expires_at ||
         (session.kind == Session::Kind::kBrowser && now >= session.last_used_at + idle);
}

}  // namespace accounts
