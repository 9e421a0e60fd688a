#include "secrets/uri.h"

#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace secrets {

namespace {

// What is no UTF-8 is replaced, as by Python's unquote.
std::string Decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_code = text[i] == '%' && i + 2 < text.size() &&
                         base::HexDigit(text[i + 1]) >= 0 && base::HexDigit(text[i + 2]) >= 0;
    if (!is_code) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(base::HexDigit(text[i + 1]) * 16 + base::HexDigit(text[i + 2]));
    i += 2;
  }
  return base::ValidUtf8(std::move(out));
}

std::optional<std::string> Given(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(Decode(text));
}

// What is before the first `sign`, which goes with it; all where it is not there.
std::string_view TakeUntil(std::string_view& rest, std::string_view sign) {
  const size_t place = rest.find(sign);
  const std::string_view front = rest.substr(0, place);
  rest.remove_prefix(place == std::string_view::npos ? rest.size() : place + sign.size());
  return front;
}

// As Airflow calls kinds of connections: its Python modules have no '-'.
std::string TypeOf(std::string_view scheme) {
  const std::string type = base::ReplaceAll(base::ToLower(scheme), "-", "_");
  return type == "postgresql" ? "postgres" : type;
}

// "login:password@"; the last '@' ends it.
void TakeLogin(std::string_view& authority, Connection& out) {
  const size_t at = authority.rfind('@');
  if (at == std::string_view::npos)
    return;
  std::string_view who = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  const bool has_password = who.find(':') != std::string_view::npos;
  out.login = Given(TakeUntil(who, ":"));
  if (has_password)
    out.password = Decode(who);
}

// As Python's urlsplit: in small letters, an IPv6 address without its brackets. One that holds a
// path, percent-encoded, stays as it is.
std::optional<std::string> HostOf(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  std::optional<std::string> host = Given(text);
  return host && host->find('/') == std::string::npos ? Given(base::ToLower(text)) : host;
}

// False where the port is no number.
bool TakeHost(std::string_view authority, Connection& out) {
  size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');  // of an IPv6 address
  if (colon != std::string_view::npos && bracket != std::string_view::npos && colon < bracket)
    colon = std::string_view::npos;
  out.host = HostOf(authority.substr(0, colon));
  if (colon == std::string_view::npos || colon + 1 == authority.size())
    return true;
  out.port = base::ParseInt(authority.substr(colon + 1));
  return out.port.has_value();
}

std::string ExtraOf(std::string_view query) {
  json::object extra;
  while (!query.empty()) {
    std::string_view value = TakeUntil(query, "&");
    const std::string name = Decode(base::ReplaceAll(TakeUntil(value, "="), "+", " "));
    std::string text = Decode(base::ReplaceAll(value, "+", " "));
    if (name == "__extra__")
      return text;
    if (!name.empty() || !text.empty())
      extra[name] = text;
  }
  return base::Serialize(extra);
}

}  // namespace

base::Result<Connection> ReadUri(std::string_view id, std::string_view uri) {
  Connection out{.id = std::string(id)};
  if (uri.find(':') == std::string_view::npos)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "it is neither a JSON object nor a URI (type://login:password@host/schema)");
  std::string_view rest = uri;
  out.type = TypeOf(TakeUntil(rest, ":"));
  if (rest.starts_with("//"))
    rest.remove_prefix(2);
  std::string_view query = rest;
  rest = TakeUntil(query, "?");
  std::string scheme;
  if (const size_t inner = rest.find("://"); inner != std::string_view::npos) {
    // Not a password: "type://login:password@https://host".
    if (rest.substr(0, inner).find_first_of("@:/") != std::string_view::npos)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        "the scheme of its host stands before login and password");
    scheme = base::Cat(rest.substr(0, inner), "://");
    rest.remove_prefix(scheme.size());
  }
  std::string_view schema = rest;
  std::string_view authority = TakeUntil(schema, "/");
  TakeLogin(authority, out);
  if (!TakeHost(authority, out))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "its port is no number; write special characters as %XX");
  if (!scheme.empty())
    out.host = scheme + out.host.value_or("");
  out.schema = Given(schema);
  if (!query.empty())
    out.extra = ExtraOf(query);
  return out;
}

}  // namespace secrets
