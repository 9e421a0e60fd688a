#include "http/address_rule.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace http {
namespace {

using base::IpAddress;

struct Rule {
  std::string_view network;
  std::string_view why;
};

constexpr std::string_view kMetadata = "is the address of a cloud's metadata service";

// The first match counts.
constexpr std::array kRules = {
    Rule{"0.0.0.0/8", "is no address of another machine"},
    Rule{"127.0.0.0/8", "is a loopback address"},
    Rule{"169.254.0.0/16", "is a link-local address, where clouds have their metadata services"},
    Rule{"100.100.100.200", kMetadata},  // Alibaba
    Rule{"168.63.129.16", kMetadata},    // Azure
    Rule{"192.0.0.0/24", kMetadata},     // Oracle: 192.0.0.192; nothing else there is a server
    Rule{"224.0.0.0/4", "is a multicast address"},
    Rule{"240.0.0.0/4", "is no address of another machine"},
    Rule{"::", "is no address of another machine"},
    Rule{"::1", "is a loopback address"},
    Rule{"fe80::/10", "is a link-local address"},
    Rule{"fec0::/10", "is a link-local address"},
    Rule{"fd00:ec2::/32", kMetadata},  // AWS
    Rule{"fd20:ce::/32", kMetadata},   // Google
    Rule{"ff00::/8", "is a multicast address"},
};

// IPv4 within IPv6: behind which prefix, and where its bytes stand. (base/ip.h knows
// ::ffff:0:0/96.)
using Places = std::array<size_t, 4>;
struct Embedding {
  std::string_view network;
  Places at;
};
constexpr Places kAtEnd = {12, 13, 14, 15};
// A network may take any prefix of 48 bits or more out of 64:ff9b:1::/48 (RFC 8215); with each
// length the address stands elsewhere, and around the ninth byte (RFC 6052, 2.2).
constexpr std::string_view kOwnNat64 = "64:ff9b:1::/48";
constexpr std::array kEmbeddings = {
    Embedding{"::/96", kAtEnd},             // IPv4-compatible (RFC 4291, 2.5.5.1)
    Embedding{"::ffff:0:0:0/96", kAtEnd},   // IPv4-translated (RFC 2765)
    Embedding{"64:ff9b::/96", kAtEnd},      // NAT64 (RFC 6052)
    Embedding{kOwnNat64, {6, 7, 9, 10}},    // of /48
    Embedding{kOwnNat64, {7, 9, 10, 11}},   // of /56
    Embedding{kOwnNat64, {9, 10, 11, 12}},  // of /64
    Embedding{kOwnNat64, kAtEnd},           // of /96
    Embedding{"2002::/16", {2, 3, 4, 5}},   // 6to4 (RFC 3056)
};

bool IsIn(const IpAddress& address, std::string_view network) {
  const auto parsed = base::ParseIpNetwork(network);
  return parsed && parsed->Contains(address);
}

std::string_view WhyByRules(const IpAddress& address) {
  for (const Rule& rule : kRules) {
    if (IsIn(address, rule.network))
      return rule.why;
  }
  return "";
}

}  // namespace

std::string_view WhyRefused(const IpAddress& address) {
  if (const std::string_view why = WhyByRules(address); !why.empty() || !address.is_v6)
    return why;
  for (const Embedding& embedding : kEmbeddings) {
    if (!IsIn(address, embedding.network))
      continue;
    IpAddress inner;
    std::ranges::transform(
        embedding.at, inner.bytes.begin(), [&](size_t at) { return address.bytes[at]; });
    // So a longer prefix looks: it is not of this length.
    if (embedding.network == kOwnNat64 && inner.bytes[0] == 0)
      continue;
    if (const std::string_view refused = WhyByRules(inner); !refused.empty())
      return refused;
  }
  return "";
}

std::string_view WhyRefused(std::string_view host) {
  if (const auto address = base::ParseIpAddress(host))
    return WhyRefused(*address);
  std::string name = base::ToLower(host);
  if (name.ends_with('.'))
    name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost"))
    return "stands for this machine";
  if (name == "metadata.google.internal" || name == "metadata")
    return "is the name of a cloud's metadata service";
  return "";
}

}  // namespace http
