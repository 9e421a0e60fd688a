#include "cli/server_client.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/files.h"

namespace cli {

namespace {

constexpr char kPrefix[] = "/api/v2";
constexpr int64_t kPageSize = 100;

std::string UrlText(const http::Url& url) {
  return base::Cat(url.scheme, "://", url.HostHeader());
}

Exit ExitOf(int status) {
  return status == 401 ? Exit::kEnvironment : Exit::kFailed;
}

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsSetEmpty(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '\0';
}

tl::unexpected<Failure> FailEmpty(std::string_view name) {
  return Fail(Exit::kEnvironment,
              base::Cat(name, " is set, but empty: give it a value, or `unset ", name, "`"));
}

// What a person can do about it; "" for nothing that we know.
std::string AdviceOnRefusal(int status, std::string_view target, const ServerAccess& access) {
  // A login shows a password: the token has no part in it.
  if (status != 401 || target.starts_with("/auth/"))
    return "";
  if (access.token.empty())
    return " (no token was sent: set SIGNALBOX_TOKEN, name its file with --token-file FILE, or "
           "name "
           "the project with --project DIR)";
  return base::Cat(" (the token is that of ", access.token_source, ")");
}

std::string AdviceOnSilence(std::string_view message) {
  const auto says = [&](std::string_view part) { return message.find(part) != message.npos; };
  if (says("not the expected one"))
    return "It is not the one that server.json names: is that server still the one on this port?";
  if (says("certificate verify failed"))
    return "Name the CA that signed the server's certificate with --ca FILE or SIGNALBOX_CA; the "
           "certificate must have the name that the URL has.";
  if (says("wrong version number"))
    return "It does not speak TLS there: is it http:// instead of https://?";
  return "Is `signalbox standalone` running there?";
}

bool IsThisMachine(const http::Url& url) {
  const auto address = base::ParseIpAddress(url.host);
  return url.host == "localhost" || (address && address->IsLoopback());
}

struct Token {
  std::string text, source;
};

Outcome<Token> TokenInFile(const std::string& path) {
  auto text = ReadFile(path);
  if (!text)
    return FailEnvironment(text.error());
  const std::string_view token = base::Trim(*text);
  if (token.empty())
    return Fail(Exit::kEnvironment, base::Cat(path, " holds no token: it is empty"));
  return Token{std::string(token), path};
}

class ServerFinder {
 public:
  explicit ServerFinder(const ServerChoice& choice) : choice_(choice) {}

  Outcome<ServerAccess> Find();

 private:
  bool NamesFolder() const { return !choice_.project.empty() || !choice_.state_dir.empty(); }
  Outcome<std::string> FindUrl();
  Outcome<Token> FindToken(const http::Url& url) const;
  Outcome<Token> TokenOfEnvironment() const;

  const ServerChoice& choice_;
  std::string state_dir_;  // "": none
  std::optional<ServerRecord> record_;
  bool is_of_folder_ = false;  // the URL is what server.json says
};

Outcome<std::string> ServerFinder::FindUrl() {
  state_dir_ = choice_.state_dir;
  if (state_dir_.empty() && !choice_.project.empty())
    state_dir_ = choice_.project + "/" + kStateFolder;
  if (state_dir_.empty())
    state_dir_ = FindStateFolder(".").value_or("");
  if (!state_dir_.empty())
    record_ = ReadServerRecord(state_dir_);
  if (!NamesFolder() && choice_.url.empty() && IsSetEmpty("SIGNALBOX_SERVER"))
    return FailEmpty("SIGNALBOX_SERVER");
  const std::string set = NamesFolder() ? "" : Setting("SIGNALBOX_SERVER");
  const std::string url = choice_.url.empty() ? set : choice_.url;
  if (!url.empty()) {
    is_of_folder_ = record_ && record_->url == url;
    return url;
  }
  if (state_dir_.empty()) {
    return Fail(Exit::kUsage,
                "no project here: name one with --project DIR, or the server with --server URL or "
                "SIGNALBOX_SERVER");
  }
  if (!record_) {
    return Fail(Exit::kUnreachable,
                base::Cat("no server is running for this project (there is no ",
                          state_dir_,
                          "/server.json): start it with `signalbox standalone --project DIR`"));
  }
  is_of_folder_ = true;
  return record_->url;
}

// Without a text where the environment has none. What is set and empty is a mistake, such as a
// secret that is missing from CI: another token in its place would hide it.
Outcome<Token> ServerFinder::TokenOfEnvironment() const {
  for (const char* name : {"SIGNALBOX_TOKEN", "SIGNALBOX_TOKEN_FILE"}) {
    if (IsSetEmpty(name))
      return FailEmpty(name);
  }
  if (std::string token = Setting("SIGNALBOX_TOKEN"); !token.empty())
    return Token{std::move(token), "SIGNALBOX_TOKEN"};
  if (const std::string path = Setting("SIGNALBOX_TOKEN_FILE"); !path.empty())
    return TokenInFile(path);
  return Token{};
}

Outcome<Token> ServerFinder::FindToken(const http::Url& url) const {
  if (!choice_.token_file.empty())
    return TokenInFile(choice_.token_file);
  const bool is_folders_word = is_of_folder_ && choice_.url.empty();
  const bool others_are_meant = is_folders_word && !Setting("SIGNALBOX_SERVER").empty();
  if (!others_are_meant) {
    auto token = TokenOfEnvironment();
    if (!token || !token->text.empty())
      return token;
  }
  const bool is_folders_own = is_of_folder_ || NamesFolder() || IsThisMachine(url);
  if (state_dir_.empty() || !is_folders_own)
    return Token{};
  return Token{cli::ReadToken(state_dir_), TokenPath(state_dir_)};
}

Outcome<ServerAccess> ServerFinder::Find() {
  auto text = FindUrl();
  if (!text)
    return tl::unexpected(text.error());
  auto url = http::ParseUrl(*text);
  if (!url)
    return Fail(
        Exit::kUsage,
        base::Cat(
            choice_.url.empty() ? "SIGNALBOX_SERVER" : "--server", ": ", url.error().message));
  auto token = FindToken(*url);
  if (!token)
    return tl::unexpected(token.error());
  ServerAccess access{
      .url = *std::move(url), .token = std::move(token->text), .token_source = token->source};
  access.client.ca_file = choice_.ca_file.empty() ? Setting("SIGNALBOX_CA") : choice_.ca_file;
  // Of the server on this machine the state folder says which certificate it has.
  if (is_of_folder_ && choice_.ca_file.empty())
    access.client.certificate = record_->certificate;
  if (!access.client.certificate.empty())
    access.client.ca_file.clear();
  return access;
}

}  // namespace

Outcome<ServerAccess> FindAccess(const ServerChoice& choice) {
  return ServerFinder(choice).Find();
}

Outcome<ServerClient> ServerClient::Find(const ServerChoice& choice) {
  auto access = FindAccess(choice);
  if (!access)
    return tl::unexpected(access.error());
  return ServerClient(*std::move(access));
}

void ServerClient::Limit(base::Duration timeout) {
  access_.call.timeout = timeout;
  access_.call.connect_timeout = timeout;
}

std::string ServerClient::UrlOf(std::string_view path) const {
  return base::Cat(UrlText(access_.url), path);
}

Outcome<json::object> ServerClient::Call(std::string_view method,
                                         std::string_view path,
                                         const json::object* body) const {
  return Send(method, base::Cat(kPrefix, path), body);
}

Outcome<json::object> ServerClient::Send(std::string_view method,
                                         const std::string& target,
                                         const json::object* body) const {
  http::Request request{.method = std::string(method), .target = target};
  request.headers.Set("Accept", "application/json");
  if (!access_.token.empty())
    request.headers.Set("Authorization", "Bearer " + access_.token);
  if (body != nullptr) {
    request.headers.Set("Content-Type", "application/json");
    request.body = base::Serialize(*body);
  }
  auto response = http::Fetch(access_.url, std::move(request), access_.call, access_.client);
  if (!response) {
    return Fail(Exit::kUnreachable,
                base::Cat("no answer from the server at ",
                          UrlText(access_.url),
                          ": ",
                          response.error().message,
                          ". ",
                          AdviceOnSilence(response.error().message)));
  }
  if (response->status < 200 || response->status > 299) {
    const int status = response->status;
    return tl::unexpected(Failure{.exit = ExitOf(status),
                                  .message = base::Cat("the server refused it (",
                                                       status,
                                                       "): ",
                                                       ErrorDetail(response->body),
                                                       AdviceOnRefusal(status, target, access_)),
                                  .status = status});
  }
  if (response->status == 204)
    return json::object();
  auto value = base::ParseJson(response->body, "the server's answer");
  if (value && value->is_null())
    return json::object();
  if (!value || !value->is_object()) {
    return Fail(Exit::kUnreachable,
                base::Cat("what answers at ", UrlText(access_.url), " is no signalbox server"));
  }
  return std::move(value->get_object());
}

Outcome<ServerClient::Items> ServerClient::List(std::string_view path,
                                                std::string_view member,
                                                int64_t limit) const {
  Items all;
  std::string cursor;  // of the page that is wanted; "": the first
  const char separator = path.find('?') == std::string_view::npos ? '?' : '&';
  while (true) {
    const auto got = static_cast<int64_t>(all.items.size());
    const int64_t wanted = limit > 0 ? std::min(kPageSize, limit - got) : kPageSize;
    auto page =
        Get(base::Cat(path, separator, "limit=", wanted, cursor.empty() ? "" : "&cursor=", cursor));
    if (!page)
      return tl::unexpected(page.error());
    const json::array& items = base::GetArray(*page, member);
    all.items.insert(all.items.end(), items.begin(), items.end());
    const auto now = static_cast<int64_t>(all.items.size());
    if (cursor.empty()) {  // with a cursor they are not counted
      all.total = base::GetInt(*page, "total_entries", now);
      all.is_total_limited = base::GetBool(*page, "total_entries_limited");
    }
    cursor = base::GetString(*page, "next_cursor");
    if (cursor.empty() || (limit > 0 && now >= limit))
      return all;
  }
}

Outcome<json::array> ServerClient::List(std::string_view path, std::string_view member) const {
  auto all = List(path, member, 0);
  if (!all)
    return tl::unexpected(all.error());
  return std::move(all->items);
}

std::string ErrorDetail(std::string_view body) {
  auto value = base::ParseJson(body);
  const json::value* detail = value ? base::Find(*value, "detail") : nullptr;
  if (detail == nullptr)
    return std::string(base::Trim(body.substr(0, 200)));
  if (detail->is_string())
    return std::string(detail->get_string());
  if (!detail->is_array())
    return base::Serialize(*detail);
  std::vector<std::string> parts;
  for (const json::value& item : detail->get_array()) {
    if (!item.is_object())
      continue;
    std::vector<std::string> place;
    for (const json::value& step : base::GetArray(item.get_object(), "loc"))
      place.push_back(step.is_string() ? std::string(step.get_string()) : base::Serialize(step));
    parts.push_back(
        base::Cat(base::Join(place, "."), ": ", base::GetString(item.get_object(), "msg")));
  }
  return base::Join(parts, "; ");
}

}  // namespace cli
