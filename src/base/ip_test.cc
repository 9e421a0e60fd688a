#include "base/ip.h"

#include <gtest/gtest.h>

namespace base {
namespace {

IpAddress Ip(std::string_view text) {
  const auto address = ParseIpAddress(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(IpAddress{});
}

TEST(Ip, ReadsAddressesOfBothKinds) {
  EXPECT_EQ(Ip("192.0.2.1").ToString(), "192.0.2.1");
  EXPECT_EQ(Ip("2001:DB8:0::1").ToString(), "2001:db8::1");
  EXPECT_EQ(Ip("[::1]"), Ip("::1"));
  EXPECT_EQ(Ip("::ffff:192.0.2.1"), Ip("192.0.2.1"));
  for (const std::string_view text : {"",
                                      "localhost",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "01.2.3.4",
                                      "256.1.1.1",
                                      "1.2.3.4 ",
                                      "::1%lo",
                                      "[1.2.3.4]",
                                      "[::1",
                                      ":::"})
    EXPECT_FALSE(ParseIpAddress(text)) << text;
  EXPECT_FALSE(ParseIpAddress(std::string_view("1.2.3.4\0", 8)));
}

TEST(Ip, KnowsLoopbackAndEveryAddress) {
  EXPECT_TRUE(Ip("127.0.0.1").IsLoopback());
  EXPECT_TRUE(Ip("127.9.9.9").IsLoopback());
  EXPECT_TRUE(Ip("::1").IsLoopback());
  EXPECT_FALSE(Ip("::2").IsLoopback());
  EXPECT_FALSE(Ip("128.0.0.1").IsLoopback());
  EXPECT_TRUE(Ip("0.0.0.0").IsUnspecified());
  EXPECT_TRUE(Ip("::").IsUnspecified());
  EXPECT_FALSE(Ip("::1").IsUnspecified());
}

TEST(Ip, LeavesAPortAside) {
  EXPECT_EQ(ParseIpAndPort("192.0.2.1:4711"), Ip("192.0.2.1"));
  EXPECT_EQ(ParseIpAndPort("[2001:db8::1]:4711"), Ip("2001:db8::1"));
  EXPECT_EQ(ParseIpAndPort("2001:db8::1"), Ip("2001:db8::1"));
  for (const std::string_view text : {"192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "a:1", ":1"})
    EXPECT_FALSE(ParseIpAndPort(text)) << text;
}

TEST(Ip, NetworksContainTheirAddressesAlone) {
  const auto network = ParseIpNetwork("10.32.0.0/11");
  ASSERT_TRUE(network.has_value());
  EXPECT_TRUE(network->Contains(Ip("10.32.0.0")));
  EXPECT_TRUE(network->Contains(Ip("10.63.255.255")));
  EXPECT_FALSE(network->Contains(Ip("10.64.0.0")));
  EXPECT_FALSE(network->Contains(Ip("10.31.255.255")));
  EXPECT_FALSE(network->Contains(Ip("::ffff:0:1")));
  EXPECT_TRUE(ParseIpNetwork("2001:db8::/33")->Contains(Ip("2001:db8:7fff::1")));
  EXPECT_FALSE(ParseIpNetwork("2001:db8::/33")->Contains(Ip("2001:db8:8000::1")));
  EXPECT_TRUE(ParseIpNetwork("0.0.0.0/0")->Contains(Ip("203.0.113.9")));
  EXPECT_FALSE(ParseIpNetwork("0.0.0.0/0")->Contains(Ip("2001:db8::1")));
  EXPECT_FALSE(ParseIpNetwork("192.0.2.1")->Contains(Ip("192.0.2.2")));
}

TEST(Ip, AHostIsItsAddressOrItsNetwork) {
  EXPECT_EQ(HostOf(Ip("192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(HostOf(Ip("::1")), "::1");
  EXPECT_EQ(HostOf(Ip("2001:db8::1")), "2001:db8::/64");
  EXPECT_EQ(HostOf(Ip("2001:db8::ffff:0:0:2")), HostOf(Ip("2001:db8::1")));
  EXPECT_NE(HostOf(Ip("2001:db8:0:1::1")), HostOf(Ip("2001:db8::1")));
}

TEST(Ip, ANetworkBeginsWhereItSays) {
  for (const std::string_view text : {"10.0.0.1/8",
                                      "10.0.0.0/33",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/",
                                      "10.0.0.0/8/8",
                                      "2001:db8::1/64",
                                      "/8",
                                      "x/8"})
    EXPECT_FALSE(ParseIpNetwork(text)) << text;
}

}  // namespace
}  // namespace base
