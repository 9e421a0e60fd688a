#include "project/settings.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "dagfile/project_keys.h"

namespace project {
namespace {

TEST(Settings, SettleCoversTheHttpTimeOutInWorldTime) {
  dagfile::Project project;
  project.launch_settle = base::minutes(15);
  auto settle = [&](double speed, base::Duration timeout) {
    return MakeSettings({project, "us-east-1", speed, timeout}).driver.emr.launch_settle;
  };
  EXPECT_EQ(settle(1, base::seconds(10)), base::minutes(15));
  EXPECT_EQ(settle(100, base::seconds(10)), base::seconds(1200));
  EXPECT_EQ(settle(100, base::seconds(3)), base::minutes(15));
}

TEST(Settings, ShortSpansWarn) {
  auto warnings = [](base::Duration settle, base::Duration lag, double speed) {
    dagfile::Project project;
    project.launch_settle = settle;
    project.list_lag_max = lag;
    return MakeSettings({project, "us-east-1", speed, base::seconds(10)}).warnings.size();
  };
  EXPECT_EQ(warnings(base::minutes(15), base::minutes(3), 1), 0u);
  EXPECT_EQ(warnings(base::minutes(14), base::minutes(3), 1), 1u);
  EXPECT_EQ(warnings(base::minutes(15), base::minutes(2), 1), 1u);
  EXPECT_EQ(warnings(base::seconds(5), base::minutes(3), 1), 2u);
  EXPECT_EQ(warnings(base::minutes(30), base::minutes(1), 100), 0u);
  EXPECT_EQ(warnings(base::minutes(15), base::minutes(1), 100), 1u);
}

TEST(Settings, TheProjectsBudgetIsTheDrivers) {
  dagfile::Project project;
  project.budget["RunJobFlow"] = {40, 4};
  project.budget_share = 0.5;
  const driver::BudgetOptions budget =
      MakeSettings({project, "us-east-1", 1, base::seconds(10)}).driver.budget;
  EXPECT_EQ(budget.quotas.at("RunJobFlow").burst, 40);
  EXPECT_EQ(budget.quotas.at("RunJobFlow").per_second, 4);
  EXPECT_EQ(budget.share, 0.5);
}

TEST(Settings, HandSourcesOnToTheDriver) {
  dagfile::Project project;
  project.sources = {.policy = dagfile::WatchPolicy::kSampled,
                     .poke_interval = base::seconds(30),
                     .stale_after = base::minutes(2),
                     .table = "states",
                     .table_weight = 0.8,
                     .table_names = {{"state", "emr_state"}},
                     .queue_url = "https://q",
                     .emr_weight = 0.2};
  const Settings settings = MakeSettings({project, "eu-west-1"});
  const driver::SourceOptions& sources = settings.driver.sources;
  EXPECT_EQ(sources.policy, driver::WatchPolicy::kSampled);
  EXPECT_EQ(sources.poke_interval, base::seconds(30));
  EXPECT_EQ(sources.stale_after, base::minutes(2));
  EXPECT_EQ(sources.table, "states");
  EXPECT_EQ(sources.table_weight, 0.8);
  EXPECT_EQ(sources.emr_weight, 0.2);
  EXPECT_EQ(sources.table_names[wire::StateTableNames::kState], "emr_state");
  EXPECT_EQ(sources.queue_url, "https://q");
  EXPECT_EQ(settings.driver.emr.region, "eu-west-1");
}

// dagfile may not include wire: what it lets a project rename is a list of its own.
TEST(Settings, EveryAttributeThatAProjectMayRenameIsOneOfTheTables) {
  wire::StateTableNames names;
  for (std::string_view attribute : dagfile::TableAttributes())
    EXPECT_TRUE(names.Rename(attribute, base::Cat("my_", attribute))) << attribute;
}

}  // namespace
}  // namespace project
