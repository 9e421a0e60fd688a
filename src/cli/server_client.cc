#include "cli/server_client.h"

#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/files.h"
#include "http/client.h"

namespace cli {

namespace {

constexpr char kPrefix[] = "/api/v2";
constexpr int64_t kPageSize = 100;

std::string UrlText(const http::Url& url) {
  return base::Cat(url.scheme, "://", url.HostHeader());
}

Exit ExitOf(int status) {
  return status == 401 || status == 403 ? Exit::kEnvironment : Exit::kFailed;
}

std::string Advice(int status) {
  if (status != 401 && status != 403)
    return "";
  return " (the token is read from PROJECT/.signalbox/token: name the project with --project DIR)";
}

}  // namespace

ServerClient::ServerClient(http::Url url, std::string token)
    : url_(std::move(url)), token_(std::move(token)) {}

Outcome<ServerClient> ServerClient::Find(const ServerChoice& choice) {
  std::string state_dir = choice.state_dir;
  if (state_dir.empty() && !choice.project.empty())
    state_dir = choice.project + "/" + kStateFolder;
  if (state_dir.empty())
    state_dir = FindStateFolder(".").value_or("");
  std::string text = choice.url;
  if (text.empty() && state_dir.empty()) {
    return Fail(Exit::kUsage,
                "no project here: name one with --project DIR, or the server with --server URL");
  }
  if (text.empty()) {
    auto record = ReadServerRecord(state_dir);
    if (!record) {
      return Fail(Exit::kUnreachable,
                  base::Cat("no server is running for this project (there is no ",
                            state_dir,
                            "/server.json): start it with `signalbox standalone --project DIR`"));
    }
    text = record->url;
  }
  auto url = http::ParseUrl(text);
  if (!url)
    return Fail(Exit::kUsage, base::Cat("--server: ", url.error().message));
  return ServerClient(*std::move(url), state_dir.empty() ? "" : ReadToken(state_dir));
}

Outcome<json::object> ServerClient::Call(std::string_view method,
                                         std::string_view path,
                                         const json::object* body) const {
  return Send(method, base::Cat(kPrefix, path), body);
}

Outcome<json::object> ServerClient::Send(std::string_view method,
                                         std::string target,
                                         const json::object* body) const {
  http::Request request{.method = std::string(method), .target = std::move(target)};
  request.headers.Set("Accept", "application/json");
  if (!token_.empty())
    request.headers.Set("Authorization", "Bearer " + token_);
  if (body != nullptr) {
    request.headers.Set("Content-Type", "application/json");
    request.body = base::Serialize(*body);
  }
  auto response = http::Fetch(url_, std::move(request));
  if (!response) {
    return Fail(Exit::kUnreachable,
                base::Cat("no answer from the server at ",
                          UrlText(url_),
                          ": ",
                          response.error().message,
                          ". Is `signalbox standalone` running there?"));
  }
  if (response->status < 200 || response->status > 299) {
    return Fail(ExitOf(response->status),
                base::Cat("the server refused it (",
                          response->status,
                          "): ",
                          ErrorDetail(response->body),
                          Advice(response->status)));
  }
  if (response->status == 204)
    return json::object();
  auto value = base::ParseJson(response->body, "the server's answer");
  if (!value || !value->is_object()) {
    return Fail(Exit::kUnreachable,
                base::Cat("what answers at ", UrlText(url_), " is no signalbox server"));
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
