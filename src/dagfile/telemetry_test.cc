#include "dagfile/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/project.h"
#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using ::testing::HasSubstr;

Loaded LoadText(const std::string& openlineage) {
  return Load({{"signalbox.yaml", "deployment: prod1\nopenlineage: " + openlineage + "\n"}}, {});
}

TEST(OpenLineageSettings, EveryKey) {
  const Loaded loaded = LoadText(
      "{url: 'https://lineage.example.com', endpoint: x/y, api_key: env:KEY, namespace: team, "
      "timeout: "
      "3s, allow_private: false, spark: true}");
  EXPECT_EQ(Text(loaded.errors), "");
  const OpenLineage& read = loaded.project->openlineage;
  EXPECT_EQ(read.url, "https://lineage.example.com");
  EXPECT_EQ(read.endpoint, "x/y");
  EXPECT_EQ(read.api_key, "env:KEY");
  EXPECT_EQ(read.timeout, base::seconds(3));
  EXPECT_TRUE(read.spark);
  EXPECT_EQ(SpaceOf(*loaded.project), "team");
}

TEST(OpenLineageSettings, TheNamespaceFollowsFromTheDeployment) {
  EXPECT_EQ(SpaceOf(*LoadText("{url: 'https://x.example'}").project), "signalbox.prod1");
}

TEST(OpenLineageSettings, Mistakes) {
  EXPECT_THAT(Text(LoadText("{spark: true}").errors), HasSubstr("needs the key 'url'"));
  EXPECT_THAT(Text(LoadText("{url: lineage.example}").errors), HasSubstr("is no URL such as"));
  EXPECT_THAT(Text(LoadText("{url: 'https://x.example', urll: a}").errors), HasSubstr("urll"));
  const std::string secret = Text(LoadText("{url: 'https://x.example', api_key: hunter2}").errors);
  EXPECT_THAT(secret, HasSubstr("env:NAME or file:PATH"));
  EXPECT_EQ(secret.find("hunter2"), std::string::npos);
}

TEST(OpenLineageSettings, AddressesOfThisMachineNeedAWord) {
  for (const char* url : {"http://127.0.0.1:5000",
                          "http://LOCALHOST/",
                          "http://[::1]:80/",
                          "http://0.0.0.0",
                          "http://169.254.169.254/latest",
                          "http://[fe80::1]/"}) {
    EXPECT_THAT(ReceiverMistake(url, false), HasSubstr("allow_private")) << url;
    EXPECT_EQ(ReceiverMistake(url, true), "") << url;
  }
  EXPECT_EQ(ReceiverMistake("https://10.0.0.5:8443/x", false), "");
  EXPECT_THAT(ReceiverMistake("https://ada:pw@x.example", false), HasSubstr("names no host"));
}

}  // namespace
}  // namespace dagfile
