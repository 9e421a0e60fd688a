#include "http/forwarded.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace http {

namespace {

constexpr char kFor[] = "X-Forwarded-For";
constexpr char kProto[] = "X-Forwarded-Proto";
constexpr char kHost[] = "X-Forwarded-Host";
constexpr char kForwarded[] = "Forwarded";

// What one proxy says of the hop before it; "" where it says nothing.
struct Hop {
  std::string address, proto, host;
};

// The client's hops, the nearest to us last.
using Hops = std::vector<Hop>;

// The parts between `separator`s, those in quotes left whole; trimmed.
std::vector<std::string> Parts(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      quoted = !quoted;
    if (text[i] == separator && !quoted) {
      parts.emplace_back();
      continue;
    }
    parts.back() += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size())
      parts.back() += text[++i];
  }
  for (std::string& part : parts)
    part = std::string(base::Trim(part));
  return parts;
}

std::string Unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"'))
    return std::string(text);
  std::string out;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size())
      ++i;
    out += text[i];
  }
  return out;
}

// A quote that a client has left open would swallow what the proxy appends to its words.
bool HasOpenQuote(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      quoted = !quoted;
    else if (quoted && text[i] == '\\')
      ++i;
  }
  return quoted;
}

base::Status CheckQuotes(const Headers& headers) {
  for (const auto& [key, value] : headers.all()) {
    const std::string name = base::ToLower(key);
    const bool is_list = name == base::ToLower(kFor) || name == base::ToLower(kProto) ||
                         name == base::ToLower(kHost);
    // The older headers know no quotes.
    if ((is_list && value.find('"') != std::string::npos) ||
        (name == base::ToLower(kForwarded) && HasOpenQuote(value)))
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("the header ", key, " has a quote that is not closed"));
  }
  return {};
}

// Of all headers of this name, which make one list (RFC 9110, 5.3).
std::vector<std::string> ListOf(const Headers& headers, std::string_view name) {
  std::vector<std::string> list;
  const std::string lower = base::ToLower(name);
  for (const auto& [key, value] : headers.all()) {
    if (base::ToLower(key) != lower)
      continue;
    for (std::string& part : Parts(value, ','))
      list.push_back(std::move(part));
  }
  return list;
}

// Of the hop with this index; a proxy that says it once means the nearest hop.
std::string At(const std::vector<std::string>& list, size_t index, size_t hops) {
  if (list.empty())
    return "";
  return list.size() == hops ? list[index] : list.back();
}

Hops OfXForwarded(const Headers& headers) {
  const auto addresses = ListOf(headers, kFor);
  const auto protos = ListOf(headers, kProto);
  const auto hosts = ListOf(headers, kHost);
  if (addresses.empty() && protos.empty() && hosts.empty())
    return {};
  Hops hops(std::max<size_t>(addresses.size(), 1));
  for (size_t i = 0; i < hops.size(); ++i)
    hops[i] = {.address = At(addresses, i, hops.size()),
               .proto = At(protos, i, hops.size()),
               .host = At(hosts, i, hops.size())};
  return hops;
}

Hops OfForwarded(const Headers& headers) {
  Hops hops;
  for (const std::string& element : ListOf(headers, kForwarded)) {
    Hop& hop = hops.emplace_back();
    for (const std::string& pair : Parts(element, ';')) {
      const size_t equals = pair.find('=');
      if (equals == std::string::npos)
        continue;
      const std::string name = base::ToLower(pair.substr(0, equals));
      const std::string value = Unquoted(std::string_view(pair).substr(equals + 1));
      if (name == "for")
        hop.address = value;
      else if (name == "proto")
        hop.proto = value;
      else if (name == "host")
        hop.host = value;
    }
  }
  return hops;
}

struct Client {
  base::IpAddress address;
  const Hop* hop = nullptr;  // what is said of it; null: nothing
};

// From the nearest hop outwards, as long as the one that speaks is trusted.
Client ClientOf(const Hops& hops,
                const base::IpAddress& from,
                const std::vector<base::IpNetwork>& trusted) {
  Client client{.address = from};
  for (size_t i = hops.size(); i-- > 0 && base::IsWithin(client.address, trusted);) {
    client.hop = &hops[i];
    const auto address = base::ParseIpAndPort(hops[i].address);
    if (!address)  // "unknown", or a name: who spoke last is all that is known
      break;
    client.address = *address;
  }
  return client;
}

}  // namespace

base::Status TakeForwarded(Request& request,
                           const base::IpAddress& from,
                           const std::vector<base::IpNetwork>& trusted) {
  Hops hops, others;
  if (base::IsWithin(from, trusted)) {
    RETURN_IF_ERROR(CheckQuotes(request.headers));
    hops = OfXForwarded(request.headers);
    others = OfForwarded(request.headers);
  }
  for (const std::string_view name : {kFor, kProto, kHost, kForwarded})
    request.headers.Remove(name);
  if (hops.empty())
    hops.swap(others);
  const Client client = ClientOf(hops, from, trusted);
  if (!others.empty() && ClientOf(others, from, trusted).address != client.address)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "X-Forwarded-For and Forwarded name different clients: the proxy must remove "
                      "the one that it does not set");
  if (client.hop == nullptr)
    return {};
  request.peer = client.address.ToString();
  const std::string proto = base::ToLower(client.hop->proto);
  if (proto == "http" || proto == "https")
    request.scheme = proto;
  if (!client.hop->host.empty())
    request.headers.Set("Host", client.hop->host);
  return {};
}

}  // namespace http
