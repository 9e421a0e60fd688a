#include "simulation/rules/cause_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace simulation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const base::Time kNow{base::hours(1)};
const model::RunKey kRun{model::DagId("d"), model::RunId("r")};
const model::AttemptKey kKey{{kRun, model::JobId("j"), model::LaneId()}, 2};

class CauseRulesTest : public ::testing::Test {
 protected:
  CauseRulesTest() {
    model::AttemptRow attempt;
    attempt.key = kKey;
    model::RunRow run;
    run.key = kRun;
    run.deletions = 3;
    Commit({run, attempt});
  }
  void Tell(const std::string& text, int64_t deletions = 3) {
    model::CauseFound found;
    found.run = kRun;
    found.attempt = kKey;
    found.deletions = deletions;
    found.text = text;
    rules_.OnTold(found);
  }
  static model::CauseRow Row(const std::string& text) { return {kKey, text, kNow}; }
  static model::HistoryRow Line(const std::string& text) {
    return {1,
            kNow,
            model::SubjectOf(kKey.job, "j.watch"),
            "failed",
            "failed",
            "why try 2 failed: " + text,
            {}};
  }
  void Commit(const std::vector<model::Change>& batch) { rules_.OnCommitted(kNow, batch); }

  emulator::Emulator emr_{{.journal = false}};
  Ledger ledger_{emr_, "sbx-sim-012345-"};
  Checks checks_{emr_, ledger_, {}};
  CauseRules rules_{checks_};
};

TEST_F(CauseRulesTest, WhatIsStoredAsToldIsNoBreach) {
  Tell("a");
  Commit({Row("a"), Line("a")});
  EXPECT_THAT(checks_.breaches(), IsEmpty());
}

TEST_F(CauseRulesTest, ACauseThatIsAnotherRuns) {
  Tell("a", 2);
  Commit({Row("a"), Line("a")});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("is none that its logs have")));
}

TEST_F(CauseRulesTest, ACauseThatIsStoredAgain) {
  Tell("a");
  Commit({Row("a"), Line("a")});
  Commit({Row("a"), Line("a")});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("was stored again")));
}

TEST_F(CauseRulesTest, ACauseOfAnAttemptThatIsGone) {
  Tell("a");
  Commit({model::Deleted{4, kRun.dag, kRun.run}});
  Commit({Row("a"), Line("a")});
  EXPECT_THAT(checks_.breaches(),
              ElementsAre(HasSubstr("that is not there"), HasSubstr("is none that its logs have")));
}

TEST_F(CauseRulesTest, ACauseThatHistoryDoesNotTell) {
  Tell("a");
  Commit({Row("a")});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("not one line of history")));
}

}  // namespace
}  // namespace simulation
