// Who asks, behind proxies: whose word counts, and how far.

#include "http/forwarded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

namespace http {
namespace {

using ::testing::HasSubstr;
using Lines = std::vector<std::pair<std::string, std::string>>;

std::vector<base::IpNetwork> Trusted() {
  return {*base::ParseIpNetwork("10.0.0.0/8"), *base::ParseIpNetwork("2001:db8:f::/48")};
}

struct Outcome {
  Request request;
  std::string error;
};

Outcome From(const std::string& address, const Lines& lines) {
  Outcome outcome{.request = {.method = "GET", .target = "/", .peer = address}};
  outcome.request.headers.Add("Host", "127.0.0.1:8080");
  for (const auto& [name, value] : lines)
    outcome.request.headers.Add(name, value);
  const auto taken = TakeForwarded(outcome.request, *base::ParseIpAddress(address), Trusted());
  if (!taken)
    outcome.error = taken.error().message;
  return outcome;
}

std::string PeerOf(const std::string& address, const Lines& lines) {
  const Outcome outcome = From(address, lines);
  EXPECT_EQ(outcome.error, "");
  return outcome.request.peer;
}

TEST(Forwarded, AStrangersWordIsTakenAwayAndCountsForNothing) {
  const Outcome outcome = From("203.0.113.9",
                               {{"x-forwarded-for", "198.51.100.1"},
                                {"X-Forwarded-Proto", "https"},
                                {"X-Forwarded-Host", "box.example"},
                                {"forwarded", "for=198.51.100.2;proto=https"}});
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.request.peer, "203.0.113.9");
  EXPECT_EQ(outcome.request.scheme, "http");
  EXPECT_EQ(outcome.request.headers.all().size(), 1U);
  EXPECT_EQ(outcome.request.headers.Get("Host"), "127.0.0.1:8080");
}

TEST(Forwarded, AProxySaysWhoItsClientIsAndWhatItAskedFor) {
  const Outcome outcome = From("10.0.0.5",
                               {{"X-Forwarded-For", "198.51.100.1"},
                                {"X-Forwarded-Proto", "https"},
                                {"X-Forwarded-Host", "box.example"}});
  EXPECT_EQ(outcome.request.peer, "198.51.100.1");
  EXPECT_EQ(outcome.request.scheme, "https");
  EXPECT_EQ(outcome.request.headers.Get("Host"), "box.example");
  EXPECT_EQ(outcome.request.headers.all().size(), 1U);
}

TEST(Forwarded, TheLastHopThatIsNoProxyIsTheClient) {
  // What the client itself put in front is not believed.
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "127.0.0.1, 198.51.100.1"}}), "198.51.100.1");
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1, 10.2.3.4"}}),
            "198.51.100.1");
  // Two headers are one list.
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "2.2.2.2"}}),
            "2.2.2.2");
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "10.9.9.9, 10.2.3.4"}}), "10.9.9.9");
}

TEST(Forwarded, WhatIsNoAddressEndsTheChain) {
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "198.51.100.1, unknown"}}), "10.0.0.5");
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "198.51.100.1, nonsense, 10.1.1.1"}}),
            "10.1.1.1");
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", ""}}), "10.0.0.5");
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", ",,"}}), "10.0.0.5");
}

TEST(Forwarded, ReadsTheStandardHeader) {
  const Outcome outcome =
      From("2001:db8:f::1",
           {{"Forwarded",
             "for=1.1.1.1, For=\"[2001:db8::7]:4711\";Proto=HTTPS;host=\"box.example:8443\", "
             "for=10.0.0.9;by=x"}});
  EXPECT_EQ(outcome.request.peer, "2001:db8::7");
  EXPECT_EQ(outcome.request.scheme, "https");
  EXPECT_EQ(outcome.request.headers.Get("Host"), "box.example:8443");
  // A comma, a semicolon and an escaped quote within quotes part nothing.
  EXPECT_EQ(PeerOf("10.0.0.5",
                   {{"Forwarded", R"(for=9.9.9.9, by="a,b;for=1.1.1.1\",";for="8.8.8.8:1")"}}),
            "8.8.8.8");
}

TEST(Forwarded, AQuoteThatAClientLeftOpenSwallowsNothing) {
  for (const std::string value : {R"(for=6.6.6.6;x=", for=198.51.100.7)",
                                  R"(for=6.6.6.6;x="\", for="198.51.100.7")",
                                  R"(for=6.6.6.6;x=", for="[2001:db8::7]")"})
    EXPECT_THAT(From("10.0.0.5", {{"Forwarded", value}}).error, HasSubstr("not closed")) << value;
  EXPECT_THAT(From("10.0.0.5", {{"X-Forwarded-For", R"(", 198.51.100.7)"}}).error,
              HasSubstr("not closed"));
  EXPECT_EQ(From("203.0.113.9", {{"Forwarded", "for=\""}}).error, "") << "nobody reads it";
  EXPECT_EQ(PeerOf("10.0.0.5", {{"Forwarded", R"(for="198.51.100.7")"}}), "198.51.100.7");
}

TEST(Forwarded, TwoAnswersThatDifferAreRefused) {
  const Lines both = {{"X-Forwarded-For", "198.51.100.1"}, {"Forwarded", "for=198.51.100.2"}};
  EXPECT_THAT(From("10.0.0.5", both).error, HasSubstr("name different clients"));
  EXPECT_EQ(From("203.0.113.9", both).error, "");  // nobody believes either
  EXPECT_EQ(PeerOf("10.0.0.5", {{"X-Forwarded-For", "1.1.1.1"}, {"Forwarded", "for=1.1.1.1"}}),
            "1.1.1.1");
}

TEST(Forwarded, ASchemeThatIsNoneStaysAsTheConnectionIs) {
  EXPECT_EQ(From("10.0.0.5", {{"X-Forwarded-Proto", "gopher"}}).request.scheme, "http");
  EXPECT_EQ(From("10.0.0.5", {{"X-Forwarded-Proto", "https"}}).request.scheme, "https");
  // With as many as there are hops each has its own; else the nearest proxy's word counts.
  const Lines chain = {{"X-Forwarded-For", "198.51.100.1, 10.1.1.1"},
                       {"X-Forwarded-Proto", "https, http"}};
  EXPECT_EQ(From("10.0.0.5", chain).request.scheme, "https");
}

}  // namespace
}  // namespace http
