#include "http/address_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/test_util.h"

namespace http {
namespace {

using ::testing::HasSubstr;

bool MayBeReached(std::string_view address) {
  const auto parsed = base::ParseIpAddress(address);
  EXPECT_TRUE(parsed) << address;
  return parsed && WhyRefused(*parsed).empty();
}

TEST(AddressRule, OthersAndTheOrganisationsOwnNetworksMayBeReached) {
  for (const char* address : {"192.0.2.1",
                              "10.1.2.3",
                              "172.16.0.1",
                              "192.168.1.1",
                              "100.64.0.1",
                              "169.253.255.255",
                              "169.255.0.0",
                              "128.0.0.1",
                              "223.255.255.255",
                              "2001:db8::1",
                              "fd12:3456::1",
                              "64:ff9b::10.1.2.3",
                              "64:ff9b:1::10.1.2.3",
                              "64:ff9b:1:a01:2:300::",
                              "::ffff:10.0.0.1",
                              "2002:0a00:0001::1"})
    EXPECT_TRUE(MayBeReached(address)) << address;
}

TEST(AddressRule, ThisMachineItsLinkAndMetadataServicesMayNot) {
  for (const char* address : {"127.0.0.1",
                              "127.255.255.254",
                              "0.0.0.0",
                              "0.1.2.3",
                              "169.254.169.254",
                              "169.254.170.2",
                              "100.100.100.200",
                              "168.63.129.16",
                              "192.0.0.192",
                              "224.0.0.1",
                              "239.1.1.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "fd00:ec2::254",
                              "fd20:ce::254",
                              "ff02::1"})
    EXPECT_FALSE(MayBeReached(address)) << address;
}

TEST(AddressRule, AnIpv4AddressWithinIpv6CountsAsItself) {
  for (const char* address : {"::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "::127.0.0.1",
                              "::ffff:0:127.0.0.1",
                              "64:ff9b::169.254.169.254",
                              "64:ff9b:1::127.0.0.1",
                              "64:ff9b:1:7f00:0:100::",
                              "64:ff9b:1:7f00:0:100::5",
                              "64:ff9b:1:aa7f:0:1::",
                              "64:ff9b:1:aabb:a9:fea9:fe00:0",
                              "64:ff9b:1:aabb::169.254.169.254",
                              "2002:7f00:0001::1",
                              "2002:a9fe:a9fe::1"})
    EXPECT_FALSE(MayBeReached(address)) << address;
}

TEST(AddressRule, NamesThatAlwaysMeanThisMachineAreKnown) {
  EXPECT_EQ(WhyRefused("LocalHost."), "stands for this machine");
  EXPECT_EQ(WhyRefused("a.localhost"), "stands for this machine");
  EXPECT_NE(WhyRefused("metadata.google.internal"), "");
  EXPECT_EQ(WhyRefused("[::1]"), "is a loopback address");
  EXPECT_EQ(WhyRefused("hooks.example"), "");
}

ClientError CallTo(const std::string& url, ClientOptions options = {}) {
  options.addresses = Addresses::kOfOthers;
  Loop loop;
  Client client(loop, std::move(options));
  ClientError error;
  client.Send(*ParseUrl(url),
              {.method = "GET"},
              {.timeout = base::seconds(20)},
              [&](tl::expected<Response, ClientError> outcome) {
                EXPECT_FALSE(outcome.has_value());
                error = outcome ? ClientError{} : outcome.error();
                loop.Stop();
              });
  loop.Run();
  return error;
}

// Nothing listens on port 1: an attempt to connect would say so.
TEST(AddressRule, AClientAsksItForTheAddressThatItConnectsTo) {
  for (const char* url : {"http://127.0.0.1:1/",
                          "http://localhost:1/",
                          "http://127.1:1/",
                          "http://0x7f000001:1/",
                          "http://[::1]:1/",
                          "http://[::ffff:127.0.0.1]:1/"}) {
    const ClientError error = CallTo(url);
    EXPECT_EQ(error.error.code, base::ErrorCode::kInvalidArgument) << url;
    EXPECT_EQ(error.sent, Sent::kNo);
    EXPECT_THAT(error.error.message, HasSubstr("is a loopback address")) << url;
  }
}

TEST(AddressRule, OfACallThroughAProxyTheHostAsItIsWrittenCounts) {
  ProxyRules proxies;
  proxies.for_http = proxies.for_https = *ParseProxy("http://127.0.0.1:1");
  for (const char* url : {"http://169.254.169.254/latest", "https://localhost/"}) {
    const ClientError error = CallTo(url, {.proxies = proxies});
    EXPECT_EQ(error.error.code, base::ErrorCode::kInvalidArgument) << url;
  }
  // The proxy's own address is the operator's word.
  const ClientError error = CallTo("http://hooks.example/", {.proxies = proxies});
  EXPECT_EQ(error.error.code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(error.error.message, HasSubstr("cannot connect to the proxy 127.0.0.1:1"));
}

}  // namespace
}  // namespace http
