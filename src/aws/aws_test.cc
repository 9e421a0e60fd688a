// Profile files, the configuration that follows from them, regions and endpoints.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "aws/endpoint.h"
#include "aws/ini.h"
#include "aws/words.h"

namespace aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

Environment From(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

Config ConfigOf(Variables variables, std::string_view config_file = "") {
  auto profiles = Profiles::Parse(config_file, "");
  EXPECT_TRUE(profiles.has_value()) << profiles.error().message;
  auto config = Config::Make(From(std::move(variables)), *std::move(profiles), "");
  EXPECT_TRUE(config.has_value()) << config.error().message;
  return *std::move(config);
}

TEST(Words, AreCutAsAShellWould) {
  EXPECT_THAT(*SplitWords(R"(a 'b c' "d \"e\" \x" f\ g "" '\')"),
              ElementsAre("a", "b c", R"(d "e" \x)", "f g", "", "\\"));
  EXPECT_THAT(*SplitWords("  "), IsEmpty());
  EXPECT_THAT(*SplitWords("a#b $HOME *"), ElementsAre("a#b", "$HOME", "*"));
  EXPECT_FALSE(SplitWords("a 'b").has_value());
  EXPECT_FALSE(SplitWords("a\\").has_value());
}

// The expectations are what botocore 1.43's raw_config_parse gives for the same text.
TEST(Ini, FollowsBotocore) {
  auto ini = ParseIni(
      "# a comment\n"
      "[a]\n"
      "Key = value # no comment\n"
      "colon: x=y\n"
      "quoted = \"q\"\n"
      "empty =\n"
      "\n"
      "; another\n"
      "long = first\n"
      "  second\n"
      "  # in the middle\n"
      "  third=3\n"
      "  [ b ]  trailing\n"
      "k=v\r\n"
      "nested =\n"
      "  A_b = c = d\n"
      "\n"
      "  e=f\n",
      "config");
  ASSERT_TRUE(ini.has_value()) << ini.error().message;
  EXPECT_EQ((*ini)["a"]["key"].text, "value # no comment");
  EXPECT_EQ((*ini)["a"]["colon"].text, "x=y");
  EXPECT_EQ((*ini)["a"]["quoted"].text, "\"q\"");
  EXPECT_EQ((*ini)["a"]["empty"].text, "");
  EXPECT_EQ((*ini)["a"]["long"].text, "first\nsecond\nthird=3\n[ b ]  trailing");
  EXPECT_EQ((*ini)["a"]["k"].text, "v");
  EXPECT_EQ((*ini)["a"]["nested"].block,
            (std::map<std::string, std::string>{{"A_b", "c = d"}, {"e", "f"}}));
}

TEST(Ini, DefaultIsInheritedAndABlockNeedsPairs) {
  auto ini = ParseIni("[DEFAULT]\nx = 1\n[a]\ny = 2\n[b] # note\nx = 3\n", "config");
  ASSERT_TRUE(ini.has_value());
  EXPECT_EQ((*ini)["a"]["x"].text, "1");
  EXPECT_EQ((*ini)["b"]["x"].text, "3");
  EXPECT_FALSE(ParseIni("[a]\nb =\n  no pair\n", "config").has_value());
}

TEST(Ini, TellsTheLineAndNeverAValue) {
  for (const char* text : {"hush = 1\n",
                           "[a]\nhush\n",
                           "[a]\nx = hush\n[a]\n",
                           "[a]\nx = 1\nX = hush\n",
                           "[a]\n= hush\n"}) {
    auto ini = ParseIni(text, "config");
    ASSERT_FALSE(ini.has_value()) << text;
    EXPECT_THAT(ini.error().message, HasSubstr("config:"));
    EXPECT_THAT(ini.error().message, Not(HasSubstr("hush")));
  }
}

TEST(Profiles, NamesSectionsByKind) {
  auto profiles = Profiles::Parse(
      "[default]\na = 1\n[profile \"x y\"]\na = 2\n[profile z]\na = 3\nb = 4\n[lonely]\na = 5\n"
      "[sso-session s]\nsso_region = r\n[services v]\nemr =\n  endpoint_url = u\n",
      "[z]\na = 6\n[only]\na = 7\n");
  ASSERT_TRUE(profiles.has_value()) << profiles.error().message;
  const auto& merged = profiles->merged();
  EXPECT_EQ(TextOf(merged, "default", "a"), "1");
  EXPECT_EQ(TextOf(merged, "x y", "a"), "2");
  EXPECT_EQ(TextOf(merged, "z", "a"), "6") << "the credentials file wins";
  EXPECT_EQ(TextOf(merged, "z", "b"), "4");
  EXPECT_EQ(TextOf(merged, "only", "a"), "7");
  EXPECT_FALSE(merged.contains("lonely"));
  EXPECT_EQ(TextOf(profiles->sso_sessions(), "s", "sso_region"), "r");
  EXPECT_TRUE(profiles->services().contains("v"));
}

TEST(Config, AProfileThatIsNotThereIsAnErrorThatNamesTheOthers) {
  for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    auto config = Config::Make(
        From({{variable, "prdo"}}), *Profiles::Parse("[profile prod]\nregion = r\n", ""), "");
    ASSERT_FALSE(config.has_value());
    EXPECT_THAT(config.error().message, HasSubstr("there is no profile 'prdo'"));
    EXPECT_THAT(config.error().message, HasSubstr("there are: prod"));
  }
}

TEST(Config, FindsProxiesInEitherCaseAndTheCertificates) {
  Config config = ConfigOf({{"HTTPS_PROXY", "http://upper:1"},
                            {"https_proxy", "lower:2"},
                            {"NO_PROXY", "a,b"},
                            {"AWS_CA_BUNDLE", "/ca.pem"}});
  auto options = config.ForHttp();
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_EQ(options->proxies.for_https->url.host, "lower");
  EXPECT_FALSE(options->proxies.for_http.has_value());
  EXPECT_THAT(options->proxies.except, ElementsAre("a", "b"));
  EXPECT_EQ(options->ca_file, "/ca.pem");
  EXPECT_EQ(ConfigOf({}, "[default]\nca_bundle = /b.pem\n").ForHttp()->ca_file, "/b.pem");
  EXPECT_THAT(ConfigOf({{"HTTPS_PROXY", "socks5://u:hush@h"}}).ForHttp().error().message,
              ::testing::AllOf(HasSubstr("https_proxy: "), Not(HasSubstr("hush"))));
}

TEST(Region, PrefersWhatIsConfiguredThenTheVariablesThenTheProfile) {
  constexpr std::string_view kFile = "[default]\nregion = r-4\n";
  Variables both = {{"AWS_REGION", "r-1"}, {"AWS_DEFAULT_REGION", "r-2"}};
  EXPECT_EQ(*ResolveRegion(ConfigOf(both, kFile), "r-3"), "r-3");
  EXPECT_EQ(*ResolveRegion(ConfigOf(both, kFile), ""), "r-1");
  EXPECT_EQ(*ResolveRegion(ConfigOf({{"AWS_DEFAULT_REGION", "r-2"}}, kFile), ""), "r-2");
  EXPECT_EQ(*ResolveRegion(ConfigOf({}, kFile), ""), "r-4");
  EXPECT_FALSE(ResolveRegion(ConfigOf({}), "").has_value());
  EXPECT_FALSE(ResolveRegion(ConfigOf({{"AWS_REGION", "evil.example.com/"}}), "").has_value());
}

std::string EndpointOf(const Config& config,
                       std::string_view region = "eu-west-1",
                       std::string_view configured = "") {
  base::Result<http::Url> url = ResolveEndpoint(config, kEmr, region, configured);
  return url ? url->scheme + "://" + url->HostHeader() + url->Target() : url.error().message;
}

constexpr std::string_view kEndpoints =
    "[default]\nservices = local\nendpoint_url = http://127.0.0.1:5\n"
    "[services local]\nemr =\n  endpoint_url = http://127.0.0.1:4\n";

TEST(Endpoint, FollowsThePrecedence) {
  Variables variables = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:2"},
                         {"AWS_ENDPOINT_URL_EMR", "http://127.0.0.1:1/x"},
                         {"AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9"}};
  auto in_turn = [&](std::string_view configured) {
    return EndpointOf(ConfigOf(variables, kEndpoints), "eu-west-1", configured);
  };
  EXPECT_EQ(in_turn("http://127.0.0.1:3"), "http://127.0.0.1:1/x");
  variables.erase("AWS_ENDPOINT_URL_EMR");
  EXPECT_EQ(in_turn("http://127.0.0.1:3"), "http://127.0.0.1:2/");
  variables.erase("AWS_ENDPOINT_URL");
  EXPECT_EQ(in_turn("http://127.0.0.1:3"), "http://127.0.0.1:3/");
  EXPECT_EQ(in_turn(""), "http://127.0.0.1:4/");
  EXPECT_EQ(EndpointOf(ConfigOf({}, "[default]\nendpoint_url = http://127.0.0.1:5\n")),
            "http://127.0.0.1:5/");
  EXPECT_EQ(EndpointOf(ConfigOf({})), "https://elasticmapreduce.eu-west-1.amazonaws.com/");
}

TEST(Endpoint, CanBeToldToIgnoreEveryOverride) {
  EXPECT_EQ(EndpointOf(ConfigOf({{"AWS_ENDPOINT_URL_EMR", "http://127.0.0.1:1"},
                                 {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"}},
                                kEndpoints),
                       "eu-west-1",
                       "http://127.0.0.1:3"),
            "https://elasticmapreduce.eu-west-1.amazonaws.com/");
}

TEST(Endpoint, KnowsThePartitions) {
  const Config plain = ConfigOf({});
  EXPECT_EQ(EndpointOf(plain, "cn-north-1"),
            "https://elasticmapreduce.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(EndpointOf(plain, "us-gov-west-1"),
            "https://elasticmapreduce.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(EndpointOf(plain, "us-isob-east-1"),
            "https://elasticmapreduce.us-isob-east-1.sc2s.sgov.gov/");
}

TEST(Endpoint, FollowsFipsAndDualStack) {
  const Config fips = ConfigOf({{"AWS_USE_FIPS_ENDPOINT", "true"}});
  EXPECT_EQ(EndpointOf(fips, "us-east-1"),
            "https://elasticmapreduce-fips.us-east-1.amazonaws.com/");
  EXPECT_EQ(EndpointOf(fips, "us-gov-west-1"),
            "https://elasticmapreduce.us-gov-west-1.amazonaws.com/");
  const Config both =
      ConfigOf({{"AWS_USE_FIPS_ENDPOINT", "true"}}, "[default]\nuse_dualstack_endpoint = true\n");
  EXPECT_EQ(EndpointOf(both, "us-gov-west-1"),
            "https://elasticmapreduce-fips.us-gov-west-1.api.aws/");
  EXPECT_EQ(EndpointOf(ConfigOf({{"AWS_USE_DUALSTACK_ENDPOINT", "true"}}), "cn-north-1"),
            "https://elasticmapreduce.cn-north-1.api.amazonwebservices.com.cn/");
}

TEST(Endpoint, NamesWhatIsNoUrlAndTheSectionThatIsMissing) {
  EXPECT_THAT(EndpointOf(ConfigOf({{"AWS_ENDPOINT_URL_EMR", "localhost:5000"}})),
              HasSubstr("AWS_ENDPOINT_URL_EMR: "));
  EXPECT_THAT(EndpointOf(ConfigOf({}, "[default]\nservices = gone\n")),
              HasSubstr("[services gone]"));
}

}  // namespace
}  // namespace aws
