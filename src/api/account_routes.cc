// Ours, beside Airflow's way of getting a token: users, tokens, sessions, logins, the audit.

#include "api/resources.h"
#include "api/router.h"

namespace api {

namespace {

using Type = Member::Type;

const BodySchema kLogin{{"username", Type::kText, Member::Presence::kRequired},
                        {"password", Type::kText, Member::Presence::kRequired}};
const BodySchema kNewPassword{{"username", Type::kText, Member::Presence::kRequired},
                              {"password", Type::kText, Member::Presence::kRequired},
                              {"new_password", Type::kText, Member::Presence::kRequired}};
const BodySchema kTerminalCode{{"code", Type::kText, Member::Presence::kRequired},
                               {"code_verifier", Type::kText, Member::Presence::kRequired}};
const BodySchema kNewUser{{"name", Type::kText, Member::Presence::kRequired},
                          {"role", Type::kText},
                          {"scopes", Type::kList},
                          {"without_password", Type::kFlag}};
const BodySchema kPatchUser{
    {"role", Type::kText}, {"scopes", Type::kList}, {"is_disabled", Type::kFlag}};
const BodySchema kNewToken{{"name", Type::kText, Member::Presence::kRequired},
                           {"user", Type::kText},
                           {"role", Type::kText},
                           {"scopes", Type::kList},
                           {"expires_in", Type::kText}};

constexpr std::string_view kPage = "text/html";
// Providers add some of their own, which RFC 6749, 4.1.2 wants ignored.
const ParamList kCallback{{"code"}, {"state"}, {"iss"}, {"error"}};

const ParamList kAudit{{"limit", Param::Type::kNumber},
                       {"offset", Param::Type::kNumber},
                       {"actor"},
                       {"kind"},
                       {"dag_id"},
                       {"refused", Param::Type::kFlag},
                       {"from", Param::Type::kTime},
                       {"until", Param::Type::kTime}};

}  // namespace

std::vector<Route> AccountRoutes() {
  using enum Access;
  const ParamList of_user = kPaged + ParamList{{"user"}};
  return {
      {"POST", "/auth/token", kOpen, &CreateAccessToken, kLogin, {}, 201},
      {"POST", "/auth/token/cli", kOpen, &CreateAccessToken, kLogin, {}, 201},
      {"POST", "/auth/password", kOpen, &ChangePassword, kNewPassword, {}, 204},
      {"POST", "auth/login", kOpen, &Login, kLogin, {}, 201},
      {"POST", "auth/logout", kSelf, &Logout, BodySchema{}, {}, 204},
      {"GET", "/auth/login", kOpen, &BeginSso, {}, {{"next"}, {"terminal"}}, 302, kPage},
      {"GET",
       "/auth/callback",
       kOpen,
       &FinishSso,
       {},
       kCallback,
       200,
       kPage,
       Reach::kDags,
       More::kAnything},
      {"POST", "/auth/logout", kSelf, &EndSso, BodySchema{}, {}, 200},
      {"POST", "/auth/token/sso", kOpen, &CreateSsoToken, kTerminalCode, {}, 201},
      {.method = "POST",
       .pattern = "/auth/backchannel-logout",
       .access = kOpen,
       .handler = &EndSsoSessions,
       .form_field = "logout_token"},
      {"GET", "me", kSelf, &GetMe},
      {"GET", "tokens", kSelf, &ListTokens, {}, of_user},
      {"POST", "tokens", kSelf, &CreateToken, kNewToken, {}, 201},
      {"DELETE", "tokens/{token_id}", kSelf, &RevokeToken, {}, {}, 204},
      {"GET", "sessions", kSelf, &ListSessions, {}, of_user},
      {"DELETE", "sessions/{session_id}", kSelf, &EndSession, {}, {}, 204},
      {"GET", "users", kAdmin, &ListUsers, {}, kPaged},
      {"POST", "users", kAdmin, &CreateUser, kNewUser, {}, 201},
      {"GET", "users/{user_name}", kAdmin, &GetUser},
      {"PATCH", "users/{user_name}", kAdmin, &PatchUser, kPatchUser, kMask},
      {"DELETE", "users/{user_name}", kAdmin, &DeleteUser, {}, {}, 204},
      {"POST", "users/{user_name}/resetPassword", kAdmin, &ResetPassword, BodySchema{}},
      {"GET", "roles", kRead, &ListRoles},
      {"GET", "audit", kAdmin, &ListAudit, {}, kAudit},
  };
}

}  // namespace api
