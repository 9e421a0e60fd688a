// `tokens` and `sessions`: what programs and browsers show who they are by.

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& TokenFields() {
  static const std::vector<Field> kFields = {{"ID", "id"},
                                             {"USER", "user"},
                                             {"NAME", "name", false, Table::Fit::kCut},
                                             {"AT MOST", "role"},
                                             {"SCOPES", "scopes", false, Table::Fit::kDrop},
                                             {"EXPIRES", "expires_at"},
                                             {"LAST USED", "last_used_at"}};
  return kFields;
}

const std::vector<Field>& SessionFields() {
  static const std::vector<Field> kFields = {{"ID", "id"},
                                             {"USER", "user"},
                                             {"KIND", "kind"},
                                             {"FROM", "address"},
                                             {"SINCE", "created_at"},
                                             {"UNTIL", "expires_at"},
                                             {"LAST USED", "last_used_at"}};
  return kFields;
}

Outcome<void> List(const TokenOptions& asked,
                   const std::string& what,
                   const std::vector<Field>& fields) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto items = server->List(Cat("/", what, Query().Add("user", asked.user).text()), what);
  if (!items)
    return tl::unexpected(items.error());
  const bool is_scoped = what == "tokens" && !IsData(asked.live.format);
  PrintList(
      asked.live.format, is_scoped ? WithScopes(*std::move(items)) : *std::move(items), fields);
  return {};
}

Outcome<void> End(const ServerClient& server, const std::string& path, std::string_view done) {
  if (auto gone = server.Delete(path); !gone)
    return tl::unexpected(gone.error());
  PrintError(Cat(done, "\n"));
  return {};
}

}  // namespace

Outcome<void> ListTokens(const TokenOptions& asked) {
  return List(asked, "tokens", TokenFields());
}

Outcome<void> CreateToken(const TokenOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  json::object body{{"name", asked.name}};
  for (const auto& [name, value] : {std::pair("user", &asked.user),
                                    std::pair("role", &asked.role),
                                    std::pair("expires_in", &asked.expires_in)}) {
    if (!value->empty())
      body[name] = *value;
  }
  if (!asked.scopes.empty())
    body["scopes"] = json::array(asked.scopes.begin(), asked.scopes.end());
  auto token = server->Post("/tokens", body);
  if (!token)
    return tl::unexpected(token.error());
  if (IsData(asked.live.format)) {
    PrintData(asked.live.format, *token);
    return {};
  }
  Print(Cat(base::GetString(*token, "token"), "\n"));
  PrintError(Cat("this is the token '",
                 base::GetString(*token, "id"),
                 "', until ",
                 base::GetString(*token, "expires_at"),
                 "; it is not shown again\n"));
  return {};
}

Outcome<void> RevokeToken(const TokenOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto found = FindListed(*server, "/tokens", "tokens", "id", asked.id);
  if (!found)
    return tl::unexpected(found.error());
  if (found->empty())
    return Fail(Exit::kFailed,
                Cat("there is no token '", asked.id, "': see `signalbox tokens list`"));
  if (asked.consent.dry_run) {
    const bool is_data = IsData(asked.live.format);
    PrintList(asked.live.format, is_data ? *found : WithScopes(*found), TokenFields());
    return {};
  }
  const std::string question = Cat("Revoke the token '", asked.id, "'?");
  if (auto agreed = Confirm({question, WithScopes(*found), TokenFields()}, asked.consent.yes);
      !agreed)
    return agreed;
  return End(*server, Cat("/tokens/", http::PercentEncode(asked.id)), "the token is revoked");
}

Outcome<void> ListSessions(const TokenOptions& asked) {
  return List(asked, "sessions", SessionFields());
}

Outcome<void> EndSession(const TokenOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  return End(*server, Cat("/sessions/", http::PercentEncode(asked.id)), "the session is over");
}

}  // namespace cli
