// `users`, `roles`, `login`, `whoami`: who may do what.

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/secret_input.h"
#include "oidc/flow.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& UserFields() {
  static const std::vector<Field> kFields = {
      {"NAME", "name"},
      {"ROLE", "role"},
      {"SCOPES", "scopes", false, Table::Fit::kCut},
      {"DISABLED", "is_disabled"},
      {"PASSWORD", "has_password"},
      {"SINGLE SIGN-ON", "issuer", false, Table::Fit::kDrop},
      {"TO CHANGE", "must_change_password", false, Table::Fit::kDrop},
      {"CREATED", "created_at", false, Table::Fit::kDrop}};
  return kFields;
}

// For a table: of a record that cannot be read its role says so.
json::array Rows(json::array users) {
  for (json::value& user : users) {
    if (base::GetBool(user.as_object(), "is_unreadable"))
      user.as_object()["role"] = "unreadable";
  }
  return WithScopes(std::move(users));
}

std::string PathOf(const std::string& user) {
  return Cat("/users/", http::PercentEncode(user));
}

json::array Texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

Outcome<void> Show(const LiveOptions& options, const json::object& user) {
  if (IsData(options.format))
    PrintData(options.format, user);
  else
    PrintList(options.format, Rows({user}), UserFields());
  return {};
}

// A new file that its owner alone can read.
Outcome<void> WritePrivate(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool is_written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int why = errno;
  if (file >= 0)
    ::close(file);
  if (!is_written)
    return Fail(Exit::kEnvironment,
                Cat("the password was made, but cannot be written to ",
                    path,
                    ": ",
                    std::strerror(why),
                    "; make another with `signalbox users reset-password`"));
  return {};
}

// The password goes to the file, or is shown: now, and never again.
Outcome<void> Tell(const UserOptions& asked, json::object user) {
  const std::string password = base::GetString(user, "one_time_password");
  if (!password.empty() && !asked.password_file.empty()) {
    if (auto written = WritePrivate(asked.password_file, password + "\n"); !written)
      return written;
    user.erase("one_time_password");
    PrintError(Cat("the password for one login is in ", asked.password_file, "\n"));
    return Show(asked.live, user);
  }
  if (IsData(asked.live.format) || password.empty())
    return Show(asked.live, user);
  Print(Cat(password, "\n"));
  PrintError(Cat("this is the password of '",
                 base::GetString(user, "name"),
                 "' for one login, and is not shown again; `signalbox users change-password ",
                 base::GetString(user, "name"),
                 "` sets another\n"));
  return {};
}

Outcome<void> PatchUser(const UserOptions& asked, const json::object& body) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto user = server->Patch(PathOf(asked.name), body);
  if (!user)
    return tl::unexpected(user.error());
  return Show(asked.live, *user);
}

Outcome<json::object> TokenByPassword(const ServerClient& server, const std::string& user) {
  auto password = ReadSecret(Cat("the password of '", user, "'"));
  if (!password)
    return tl::unexpected(password.error());
  return server.PostAtRoot("/auth/token", {{"username", user}, {"password", *password}});
}

// The browser shows a code that is good with our verifier alone: it may be on another machine.
Outcome<json::object> TokenBySso(const ServerClient& server) {
  const std::string verifier = base::ToBase64Url(base::RandomBytes(32));
  PrintError(Cat("open this address in a browser, and log in there:\n\n  ",
                 server.UrlOf(Cat("/auth/login?terminal=", oidc::ChallengeOf(verifier))),
                 "\n\n"));
  auto code = ReadSecret("the code that the page shows");
  if (!code)
    return tl::unexpected(code.error());
  return server.PostAtRoot("/auth/token/sso",
                           {{"code", base::Trim(*code)}, {"code_verifier", verifier}});
}

}  // namespace

Outcome<void> ListUsers(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto users = server->List("/users", "users");
  if (!users)
    return tl::unexpected(users.error());
  PrintList(options.format,
            IsData(options.format) ? *std::move(users) : Rows(*std::move(users)),
            UserFields());
  return {};
}

Outcome<void> CreateUser(const UserOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto user = server->Post("/users",
                           {{"name", asked.name},
                            {"role", asked.role},
                            {"scopes", Texts(asked.scopes)},
                            {"without_password", asked.without_password}});
  if (!user)
    return tl::unexpected(user.error());
  return Tell(asked, *std::move(user));
}

Outcome<void> SetRole(const UserOptions& asked) {
  return PatchUser(asked, {{"role", asked.role}});
}

Outcome<void> SetScopes(const UserOptions& asked) {
  return PatchUser(asked, {{"scopes", Texts(asked.scopes)}});
}

Outcome<void> SetDisabled(const UserOptions& asked, bool is_disabled) {
  return PatchUser(asked, {{"is_disabled", is_disabled}});
}

Outcome<void> DeleteUser(const UserOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto user = server->Get(PathOf(asked.name));
  if (!user)
    return tl::unexpected(user.error());
  if (asked.consent.dry_run)
    return Show(asked.live, *user);
  const std::string question =
      Cat("Delete the user '", asked.name, "', with their tokens and sessions?");
  if (auto agreed = Confirm({question, Rows({*user}), UserFields()}, asked.consent.yes); !agreed)
    return agreed;
  if (auto done = server->Delete(PathOf(asked.name)); !done)
    return tl::unexpected(done.error());
  PrintError(Cat("the user '", asked.name, "' is gone, with their tokens and sessions\n"));
  return {};
}

Outcome<void> ResetPassword(const UserOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto user = server->Post(PathOf(asked.name) + "/resetPassword", json::object());
  if (!user)
    return tl::unexpected(user.error());
  return Tell(asked, *std::move(user));
}

Outcome<void> ChangePassword(const UserOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto old = ReadSecret(Cat("the present password of '", asked.name, "'"));
  if (!old)
    return tl::unexpected(old.error());
  auto fresh = ReadNewSecret("the new password");
  if (!fresh)
    return tl::unexpected(fresh.error());
  auto done = server->PostAtRoot(
      "/auth/password", {{"username", asked.name}, {"password", *old}, {"new_password", *fresh}});
  if (!done)
    return tl::unexpected(done.error());
  PrintError("the password is changed; sessions that were open are over\n");
  return {};
}

Outcome<void> Login(const UserOptions& asked) {
  if (asked.name.empty() && !asked.by_sso)
    return Fail(Exit::kUsage, "name the user, or log in by single sign-on with --sso");
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto token = asked.by_sso ? TokenBySso(*server) : TokenByPassword(*server, asked.name);
  if (!token)
    return tl::unexpected(token.error());
  if (IsData(asked.live.format))
    PrintData(asked.live.format, *token);
  else
    Print(Cat(base::GetString(*token, "access_token"), "\n"));
  return {};
}

Outcome<void> ShowMe(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto me = server->Get("/me");
  if (!me)
    return tl::unexpected(me.error());
  if (IsData(options.format))
    PrintData(options.format, *me);
  else
    PrintList(options.format,
              WithScopes({*me}),
              {{"NAME", "name"},
               {"ROLE", "role"},
               {"BY", "means"},
               {"SCOPES", "scopes"},
               {"FROM", "address"},
               {"DEPLOYMENT", "deployment"}});
  return {};
}

Outcome<void> ListRoles(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto roles = server->Get("/roles");
  if (!roles)
    return tl::unexpected(roles.error());
  PrintList(options.format,
            base::GetArray(*roles, "roles"),
            {{"ROLE", "name"}, {"MAY, BESIDE WHAT THOSE ABOVE MAY", "description"}});
  return {};
}

}  // namespace cli
