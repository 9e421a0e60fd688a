#include <gtest/gtest.h>
#include <map>

#include "aws/credentials.h"
#include "aws/endpoint.h"

namespace aws {
namespace {

Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(Credentials, ReadsTheEnvironment) {
  EnvironmentCredentials source(Variables(
      {{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}}));
  base::Result<wire::Credentials> keys = source.Current();
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ(keys->access_key, "a");
  EXPECT_EQ(keys->secret_key, "s");
  EXPECT_EQ(keys->session_token, "t");
}

TEST(Credentials, SaysWhatToSet) {
  EXPECT_EQ(EnvironmentCredentials(Variables({})).Current().error().message,
            "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
            "AWS_SESSION_TOKEN for temporary keys)");
  base::Result<wire::Credentials> half =
      EnvironmentCredentials(Variables({{"AWS_SECRET_ACCESS_KEY", "hush"}})).Current();
  EXPECT_EQ(half.error().message,
            "half of the AWS credentials: AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not");
}

TEST(Region, PrefersWhatIsConfiguredThenTheVariables) {
  Environment both = Variables({{"AWS_REGION", "r-1"}, {"AWS_DEFAULT_REGION", "r-2"}});
  EXPECT_EQ(*ResolveRegion(both, "r-3"), "r-3");
  EXPECT_EQ(*ResolveRegion(both, ""), "r-1");
  EXPECT_EQ(*ResolveRegion(Variables({{"AWS_DEFAULT_REGION", "r-2"}}), ""), "r-2");
  EXPECT_FALSE(ResolveRegion(Variables({}), "").has_value());
  EXPECT_FALSE(ResolveRegion(Variables({{"AWS_REGION", "evil.example.com/"}}), "").has_value());
}

std::string EndpointOf(std::map<std::string, std::string> variables,
                       std::string_view region,
                       std::string_view configured = "") {
  base::Result<http::Url> url =
      ResolveEndpoint(Variables(std::move(variables)), kEmr, region, configured);
  return url ? url->scheme + "://" + url->HostHeader() + url->Target() : url.error().message;
}

TEST(Endpoint, FollowsThePrecedence) {
  std::map<std::string, std::string> variables = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:2"},
                                                  {"AWS_ENDPOINT_URL_EMR", "http://127.0.0.1:1/x"},
                                                  {"AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:4"}};
  EXPECT_EQ(EndpointOf(variables, "eu-west-1", "http://127.0.0.1:3"), "http://127.0.0.1:1/x");
  variables.erase("AWS_ENDPOINT_URL_EMR");
  EXPECT_EQ(EndpointOf(variables, "eu-west-1", "http://127.0.0.1:3"), "http://127.0.0.1:2/");
  variables.erase("AWS_ENDPOINT_URL");
  EXPECT_EQ(EndpointOf(variables, "eu-west-1", "http://127.0.0.1:3"), "http://127.0.0.1:3/");
  EXPECT_EQ(EndpointOf(variables, "eu-west-1"),
            "https://elasticmapreduce.eu-west-1.amazonaws.com/");
}

TEST(Endpoint, CanBeToldToIgnoreEveryOverride) {
  EXPECT_EQ(EndpointOf({{"AWS_ENDPOINT_URL_EMR", "http://127.0.0.1:1"},
                        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
                       "eu-west-1",
                       "http://127.0.0.1:3"),
            "https://elasticmapreduce.eu-west-1.amazonaws.com/");
}

TEST(Endpoint, KnowsThePartitions) {
  EXPECT_EQ(EndpointOf({}, "cn-north-1"), "https://elasticmapreduce.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(EndpointOf({}, "us-gov-west-1"),
            "https://elasticmapreduce.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(EndpointOf({}, "us-isob-east-1"),
            "https://elasticmapreduce.us-isob-east-1.sc2s.sgov.gov/");
}

TEST(Endpoint, NamesTheVariableThatIsNoUrl) {
  EXPECT_TRUE(EndpointOf({{"AWS_ENDPOINT_URL_EMR", "localhost:5000"}}, "eu-west-1")
                  .starts_with("AWS_ENDPOINT_URL_EMR: "));
}

}  // namespace
}  // namespace aws
