#include "base/ip.h"

#include <algorithm>
#include <arpa/inet.h>

#include "base/text.h"

namespace base {

namespace {

constexpr std::array<uint8_t, 12> kMappedIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsPort(std::string_view text) {
  const auto number = ParseInt(text);
  return number && *number >= 0 && *number <= 65535;
}

}  // namespace

bool IpAddress::IsLoopback() const {
  if (!is_v6)
    return bytes[0] == 127;
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t b) { return b == 0; });
}

bool IpAddress::IsUnspecified() const {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof(text));
}

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']') && text.find(':') != std::string_view::npos)
    text = text.substr(1, text.size() - 2);
  const std::string zero_ended(text);
  if (zero_ended.find('\0') != std::string::npos)
    return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET, zero_ended.c_str(), address.bytes.data()) == 1)
    return address;
  address.is_v6 = true;
  if (::inet_pton(AF_INET6, zero_ended.c_str(), address.bytes.data()) != 1)
    return std::nullopt;
  if (!std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), address.bytes.begin()))
    return address;
  IpAddress mapped;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), mapped.bytes.begin());
  return mapped;
}

std::optional<IpAddress> ParseIpAndPort(std::string_view text) {
  if (auto address = ParseIpAddress(text))
    return address;
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !IsPort(text.substr(colon + 1)))
    return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  // "2001:db8::1:80" without brackets is an address of its own, or none.
  if (host.find(':') != std::string_view::npos && !host.starts_with('['))
    return std::nullopt;
  return ParseIpAddress(host);
}

bool IpNetwork::Contains(const IpAddress& other) const {
  if (address.is_v6 != other.is_v6)
    return false;
  for (int bit = 0; bit < prefix; bit += 8) {
    const int wanted = std::min(8, prefix - bit);
    const auto mask = static_cast<uint8_t>(0xff << (8 - wanted));
    const auto at = static_cast<size_t>(bit / 8);
    if ((address.bytes[at] & mask) != (other.bytes[at] & mask))
      return false;
  }
  return true;
}

std::string HostOf(const IpAddress& address) {
  if (!address.is_v6 || address.IsLoopback())
    return address.ToString();
  IpAddress network = address;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), 0);
  return network.ToString() + "/64";
}

std::optional<IpNetwork> ParseIpNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = ParseIpAddress(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  const int bits = address->is_v6 ? 128 : 32;
  if (slash == std::string_view::npos)
    return IpNetwork{*address, bits};
  const auto prefix = ParseInt(text.substr(slash + 1));
  if (!prefix || *prefix < 0 || *prefix > bits)
    return std::nullopt;
  IpNetwork network{*address, static_cast<int>(*prefix)};
  // What stands beyond the prefix is zero, or somebody meant another network.
  IpAddress first = *address;
  for (int bit = network.prefix; bit < bits; ++bit)
    first.bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> (bit % 8)));
  if (!(first == *address))
    return std::nullopt;
  return network;
}

bool IsWithin(const IpAddress& address, const std::vector<IpNetwork>& networks) {
  return std::any_of(networks.begin(), networks.end(), [&](const IpNetwork& network) {
    return network.Contains(address);
  });
}

}  // namespace base
