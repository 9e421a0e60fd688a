#include "dagfile/notifications.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using model::Occasion;
using On = std::vector<Occasion>;
using Names = std::vector<std::string>;

constexpr std::string_view kProject =
    "deployment: demo\n"
    "notifiers:\n"
    "  ops: {type: slack, url: \"env:OPS_URL\"}\n"
    "  pager: {type: pagerduty, routing_key: \"env:PAGER_KEY\"}\n"
    "  post: {type: smtp, host: mail.example.com, from: signalbox@example.com}\n";

Loaded LoadDag(std::string_view dag, std::string_view project = kProject) {
  return Load({{"signalbox.yaml", std::string(project)},
               {"dags/a.yaml", base::Cat("dag_id: a\n", dag, "\n")}});
}

TEST(Notifications, OfADagAndAJobAreRules) {
  const Loaded loaded = LoadDag(
      "notifications: [{on: [failed, late], to: [ops]}]\n"
      "tasks:\n"
      "  x: {type: empty, notifications: [{on: success, to: ops, emails: a@x.org}]}");
  ASSERT_EQ(Text(loaded.errors), "");
  const model::Dag& dag = *loaded.dags.at(0);
  ASSERT_EQ(dag.notifications.size(), 1U);
  EXPECT_EQ(dag.notifications[0].on, (On{Occasion::kFailed, Occasion::kLate}));
  EXPECT_EQ(dag.notifications[0].to, (Names{"ops"}));
  ASSERT_EQ(dag.jobs[0].notifications.size(), 1U);
  EXPECT_EQ(dag.jobs[0].notifications[0].emails, (Names{"a@x.org"}));
}

TEST(Notifications, OfTheProjectAreThoseOfDagsWithoutTheirOwn) {
  const std::string project =
      base::Cat(kProject, "notifications: [{on: [failed, health], to: ops}]\n");
  const std::string_view tasks = "tasks: {x: {type: empty}}";
  const Loaded has_none = LoadDag(tasks, project);
  ASSERT_EQ(Text(has_none.errors), "");
  EXPECT_EQ(has_none.dags.at(0)->notifications, has_none.project->notifications);
  const Loaded has_own = LoadDag(base::Cat("notifications: []\n", tasks), project);
  EXPECT_TRUE(has_own.dags.at(0)->notifications.empty());
}

TEST(Notifications, AreNotPartOfTheVersion) {
  const std::string_view tasks = "tasks: {x: {type: empty}}";
  const Loaded a = LoadDag(tasks);
  const Loaded b = LoadDag(base::Cat("notifications: [{on: failed, to: ops}]\n", tasks));
  EXPECT_EQ(a.dags.at(0)->version, b.dags.at(0)->version);
}

TEST(Notifications, MistakesAreToldWithWhatIsMeant) {
  const auto errors = [](std::string_view rule) {
    return Text(
        LoadDag(base::Cat("notifications: [", rule, "]\ntasks: {x: {type: empty}}")).errors);
  };
  EXPECT_NE(errors("{on: failed, to: opz}").find("did you mean 'ops'?"), std::string::npos);
  EXPECT_NE(errors("{on: faild, to: ops}").find("did you mean 'failed'?"), std::string::npos);
  EXPECT_NE(errors("{on: health, to: ops}").find("of the whole deployment"), std::string::npos);
  EXPECT_NE(errors("{on: failed}").find("names nobody"), std::string::npos);
  EXPECT_NE(errors("{on: failed, emails: nobody}").find("is no mail address"), std::string::npos);
  EXPECT_NE(errors("{on: failed, to: ops, title: '{{ dag }}'}").find("'title': column"),
            std::string::npos);
  EXPECT_NE(errors("{to: ops}").find("'on'"), std::string::npos);
  EXPECT_NE(errors("{on: [failed, success], to: pager}").find("would stay open"),
            std::string::npos);
  EXPECT_EQ(errors("{on: [failed, late], to: pager}"), "");
}

TEST(Notifications, OfASharedDeadlineAreAboutDeadlines) {
  const auto load = [](std::string_view on) {
    return LoadDag("tasks: {x: {type: empty}}",
                   base::Cat(kProject,
                             "deadlines: {week: {by: '06:00', dags: [a], notifications: [{on: ",
                             on,
                             ", to: ops}]}}\n"));
  };
  const Loaded good = load("[late, missed]");
  ASSERT_EQ(Text(good.errors), "");
  EXPECT_EQ(good.project->deadlines.at(0).notifications.at(0).on,
            (On{Occasion::kLate, Occasion::kMissed}));
  EXPECT_NE(Text(load("failed").errors).find("expected one of at_risk, late, missed"),
            std::string::npos);
}

TEST(Emails, OfAirflowAreRulesOfJobs) {
  const Loaded loaded = LoadDag(
      "default_args: {email: 'a@x.org; b@x.org', email_on_retry: false}\n"
      "tasks:\n"
      "  x: {type: empty}\n"
      "  y: {type: empty, email: [c@x.org], email_on_retry: true}\n"
      "  z: {type: empty, email_on_failure: false}");
  ASSERT_EQ(Text(loaded.errors), "");
  const auto& jobs = loaded.dags.at(0)->jobs;
  ASSERT_EQ(jobs[0].notifications.size(), 1U);
  EXPECT_EQ(jobs[0].notifications[0].on, (On{Occasion::kFailed}));
  EXPECT_EQ(jobs[0].notifications[0].emails, (Names{"a@x.org", "b@x.org"}));
  EXPECT_EQ(jobs[1].notifications[0].on, (On{Occasion::kFailed, Occasion::kRetry}));
  EXPECT_EQ(jobs[1].notifications[0].emails, (Names{"c@x.org"}));
  EXPECT_TRUE(jobs[2].notifications.empty());
}

TEST(Emails, WithoutANotifierForMailsAreAWarning) {
  const Loaded loaded = LoadDag("tasks: {x: {type: empty, email: a@x.org}}", "deployment: demo\n");
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_NE(Text(loaded.warnings).find("no notifier of type smtp"), std::string::npos);
  EXPECT_NE(Text(LoadDag("notifications: [{on: failed, emails: a@x.org}]\n"
                         "tasks: {x: {type: empty}}",
                         "deployment: demo\n")
                     .errors)
                .find("no notifier of type smtp"),
            std::string::npos);
}

}  // namespace
}  // namespace dagfile
