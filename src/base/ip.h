#pragma once

// IP addresses and networks as texts and as values. Pure: no name is looked up.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

struct IpAddress {
  // In network order; of IPv4 the first four.
  std::array<uint8_t, 16> bytes{};
  bool is_v6 = false;

  bool IsLoopback() const;
  // "0.0.0.0" and "::": every address of the machine.
  bool IsUnspecified() const;
  std::string ToString() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; no zone ("%eth0"). An IPv4 address within IPv6
// ("::ffff:192.0.2.1") is that of IPv4.
std::optional<IpAddress> ParseIpAddress(std::string_view text);
// With a port behind it or without: "192.0.2.1:80", "[2001:db8::1]:80".
std::optional<IpAddress> ParseIpAndPort(std::string_view text);

struct IpNetwork {
  IpAddress address;
  int prefix = 0;  // in bits

  bool Contains(const IpAddress& other) const;
  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

// Whom a bound for each host counts as one: an address, or the network of 64 bits that one host has
// in IPv6 ("2001:db8::/64").
std::string HostOf(const IpAddress& address);

// "10.0.0.0/8", "2001:db8::/32", or one address. Bits beyond the prefix are a mistake: nothing.
std::optional<IpNetwork> ParseIpNetwork(std::string_view text);
bool IsWithin(const IpAddress& address, const std::vector<IpNetwork>& networks);

}  // namespace base
