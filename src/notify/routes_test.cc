#include "notify/routes.h"

#include <gtest/gtest.h>

#include "notify/test_support.h"

namespace notify {
namespace {

using model::Occasion;
using Names = std::vector<std::string>;

Names Targets(const std::vector<Route>& routes) {
  Names names;
  for (const Route& route : routes)
    names.push_back(base::Cat(route.target.notifier,
                              route.target.emails.empty() ? "" : ":",
                              base::Join(route.target.emails, ",")));
  return names;
}

TEST(Routes, RulesOfTheJobComeBeforeThoseOfItsDag) {
  auto dag = std::make_shared<model::Dag>(*Reports({Rule({Occasion::kFailed}, {"ops", "chat"})}));
  model::NotificationRule own = Rule({Occasion::kFailed}, {"chat"});
  own.title = "mine";
  dag->jobs[0].notifications = {own};
  const Routes routes({.deployment = "demo",
                       .url = "",
                       .dags = {dag},
                       .deadlines = {},
                       .rules = {},
                       .notifiers = {NotifierOf("ops"), NotifierOf("chat")}});
  const auto found = routes.For(Failed(1, kStart, "1"));
  EXPECT_EQ(Targets(found), (Names{"chat", "ops"}));
  EXPECT_EQ(found[0].title, "mine");
  EXPECT_EQ(Targets(routes.For(Failed(1, kStart, "2"))), (Names{"ops", "chat"}));
  EXPECT_TRUE(routes.For(Succeeded(1, kStart, "1")).empty());
}

TEST(Routes, AddressesGoToTheNotifierForMails) {
  model::NotificationRule mails{
      .on = {Occasion::kFailed}, .to = {}, .emails = {"b@x.org", "a@x.org"}};
  const auto routes = RoutesOf({mails, Rule({Occasion::kFailed}, {"post"})},
                               {NotifierOf("hook"), NotifierOf("post", NotifierType::kSmtp)});
  EXPECT_EQ(Targets(routes->For(Failed(1, kStart))), (Names{"post:a@x.org,b@x.org", "post"}));
}

TEST(Routes, ASuccessOfADagsRuleIsItsRuns) {
  const auto routes = RoutesOf({Rule({Occasion::kSuccess}, {"ops"})}, {NotifierOf("ops")});
  EXPECT_TRUE(routes->For(Succeeded(1, kStart)).empty());
  EXPECT_EQ(routes->For(OfRun(1, kStart, "success")).size(), 1U);
}

TEST(Routes, KnowsWhoWaits) {
  auto weekly = std::make_shared<model::Dag>();
  weekly->id = model::DagId("weekly");
  model::Job sum;
  sum.id = model::JobId("sum");
  sum.cross = {{.dag = model::DagId("reports"), .job = model::JobId("publish")}};
  weekly->jobs = {sum};
  const Routes routes({.deployment = "demo",
                       .url = "",
                       .dags = {Reports({}), weekly},
                       .deadlines = {},
                       .rules = {},
                       .notifiers = {}});
  EXPECT_EQ(routes.WhoWaits(Failed(1, kStart).job), (Names{"publish", "weekly/sum"}));
}

TEST(Happenings, OfDeadlinesNameTheSharedOne) {
  const model::JobKey run{{model::DagId("reports"), model::RunId("r1")}, {}, {}};
  model::HistoryRow row{.seq = 1,
                        .at = kStart,
                        .subject = model::DeadlineSubject(run, "weekly"),
                        .from = "on_track",
                        .to = "late"};
  const auto late = HappeningOf(row, {});
  ASSERT_TRUE(late);
  EXPECT_EQ(late->deadline, "weekly");
  EXPECT_EQ(late->occasion, Occasion::kLate);
  row.subject = model::DeadlineSubject(run, "");
  EXPECT_EQ(HappeningOf(row, {})->deadline, "");
  row.to = "met";
  EXPECT_TRUE(HappeningOf(row, {})->is_over);
}

TEST(Happenings, AStartedClusterIsNoSuccessOfItsJob) {
  model::HistoryRow row = TaskRow(1, kStart, "1", "success");
  row.subject.text = "task reports/r1/train_1.start_cluster";
  EXPECT_EQ(HappeningOf(row, {}), std::nullopt);
}

TEST(Happenings, OnlyAClusterThatNobodyClaimsIsAnOrphan) {
  const model::HistoryRow row{
      .seq = 1,
      .at = kStart,
      .subject = {.kind = model::EntityKind::kCluster, .cluster = model::ClusterId("j-1")},
      .from = "",
      .to = "RUNNING"};
  EXPECT_EQ(HappeningOf(row, {}), std::nullopt);
  const auto orphan = HappeningOf(row, {.is_unclaimed = true});
  ASSERT_TRUE(orphan);
  EXPECT_EQ(orphan->occasion, Occasion::kOrphan);
  EXPECT_EQ(orphan->part, "j-1");
}

}  // namespace
}  // namespace notify
