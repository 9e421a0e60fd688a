#include "dagfile/project.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

Loaded LoadText(const std::string& text, const Environment& environment = {}) {
  return Load({{"signalbox.yaml", text}}, environment);
}

TEST(Project, ReadsEveryKey) {
  Loaded loaded = LoadText(
      "deployment: prod1\n"
      "database: sqlite:///var/lib/sb.db\n"
      "emr:\n"
      "  region: eu-west-1\n"
      "  endpoint: http://127.0.0.1:1\n"
      "  poll_interval: 10s\n"
      "  launch_settle: 20m\n"
      "  list_lag_max: 4m\n"
      "  fleet_grace: 6m\n"
      "  fleet_interval: 1m\n"
      "pools:\n"
      "  a: 3\n"
      "  b: {slots: 4, description: four}\n");
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
  ASSERT_TRUE(loaded.project);
  const Project& project = *loaded.project;
  EXPECT_EQ(project.deployment, "prod1");
  EXPECT_EQ(project.database, "sqlite:///var/lib/sb.db");
  EXPECT_EQ(project.region, "eu-west-1");
  EXPECT_EQ(project.emr_endpoint, "http://127.0.0.1:1");
  EXPECT_EQ(project.poll_interval, base::seconds(10));
  EXPECT_EQ(project.launch_settle, base::minutes(20));
  EXPECT_EQ(project.list_lag_max, base::minutes(4));
  EXPECT_EQ(project.fleet_grace, base::minutes(6));
  EXPECT_EQ(project.fleet_interval, base::minutes(1));
  ASSERT_EQ(project.pools.size(), 2u);
  EXPECT_EQ(project.pools[0], (model::PoolRow{model::PoolId("a"), 3, ""}));
  EXPECT_EQ(project.pools[1], (model::PoolRow{model::PoolId("b"), 4, "four"}));
}

TEST(Project, TellsEveryMistakeAtOnce) {
  Loaded loaded = LoadText(
      "deployment: My-Prod\n"
      "databse: x\n"
      "auth: {}\n"
      "emr: {regoin: x, poll_interval: 10, fleet_grace: 0s, launch_settle: 1m}\n"
      "pools: {a: many, b: {slot: 1}, c: -1}\n");
  EXPECT_FALSE(loaded.project);
  EXPECT_EQ(
      Text(loaded.errors),
      "signalbox.yaml:1:13: the deployment 'My-Prod' is not 2 to 20 lower-case letters and digits\n"
      "signalbox.yaml:2:1: unknown key 'databse' in signalbox.yaml; did you mean 'database'?\n"
      "signalbox.yaml:3:1: 'auth' is not supported yet in this version\n"
      "signalbox.yaml:4:7: unknown key 'regoin' in 'emr'; did you mean 'region'?\n"
      "signalbox.yaml:4:33: 'poll_interval': expected a duration such as 90s, 10m, 1h30m or 5d, "
      "found 10\n"
      "signalbox.yaml:4:50: 'fleet_grace' must be more than 0s\n"
      "signalbox.yaml:5:12: the pool 'a': expected a whole number, found the text 'many'\n"
      "signalbox.yaml:5:21: the pool 'b' needs the key 'slots'\n"
      "signalbox.yaml:5:22: unknown key 'slot' in the pool 'b'; did you mean 'slots'?\n"
      "signalbox.yaml:5:35: a pool has 0 to 1000000 slots, found -1\n");
  EXPECT_EQ(Text(loaded.warnings),
            "signalbox.yaml:4:69: 'launch_settle' is below 15m: a launch that AWS accepts or lists "
            "later than this would run twice\n");
}

TEST(Project, NeedsADeployment) {
  EXPECT_EQ(Text(LoadText("database: x\n").errors),
            "signalbox.yaml:1:1: signalbox.yaml needs the key 'deployment', a short name for this "
            "installation\n");
  EXPECT_EQ(Text(LoadText("").errors),
            "signalbox.yaml:1:1: signalbox.yaml: expected a map, found nothing (give a value, or "
            "remove the key)\n");
  EXPECT_EQ(Text(LoadProject({}, FindTestZone).errors),
            "signalbox.yaml:1:1: the project has no signalbox.yaml; it needs at least 'deployment: "
            "NAME'\n");
}

TEST(Project, TheEnvironmentOverridesAnyKey) {
  Loaded loaded = LoadText("database: x\nemr: {region: a}\npools: {clusters: 1}\n",
                           {{"SIGNALBOX__DEPLOYMENT", "staging"},
                            {"SIGNALBOX__EMR__REGION", "eu-central-1"},
                            {"SIGNALBOX__EMR__POLL_INTERVAL", "5s"},
                            {"SIGNALBOX__POOLS__CLUSTERS", "9"},
                            {"SIGNALBOX_CLOCK", "1,2,3"},
                            {"HOME", "/root"}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_TRUE(loaded.project);
  EXPECT_EQ(loaded.project->deployment, "staging");
  EXPECT_EQ(loaded.project->region, "eu-central-1");
  EXPECT_EQ(loaded.project->poll_interval, base::seconds(5));
  ASSERT_EQ(loaded.project->pools.size(), 1u);
  EXPECT_EQ(loaded.project->pools[0].slots, 9);
}

TEST(Project, MistakesInTheEnvironmentAreToldToo) {
  Loaded loaded = LoadText("deployment: demo\n",
                           {{"SIGNALBOX__EMR__REGOIN", "x"},
                            {"SIGNALBOX__EMR__FLEET_GRACE", "soon"},
                            {"SIGNALBOX__DATABASE", "[x"}});
  EXPECT_FALSE(loaded.project);
  EXPECT_EQ(Text(loaded.errors),
            "environment:1:1: SIGNALBOX__DATABASE: '[x' cannot be read as a YAML value\n"
            "environment:1:1: SIGNALBOX__EMR__FLEET_GRACE: 'fleet_grace': expected a duration such "
            "as 90s, 10m, 1h30m or 5d, found the text 'soon'\n"
            "environment:1:1: SIGNALBOX__EMR__REGOIN overrides no setting; did you mean "
            "SIGNALBOX__EMR__REGION?\n");
}

}  // namespace
}  // namespace dagfile
