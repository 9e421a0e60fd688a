#include "simulation/rules/record_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace simulation {
namespace {

using model::ChangeRecords;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const base::Time kNow{base::hours(1)};
const model::RecordKey kUser{model::RecordKind::kUser, "r0"};
const model::RecordKey kToken{model::RecordKind::kToken, "r1"};

class RecordRulesTest : public ::testing::Test {
 protected:
  static ChangeRecords Put(std::string body, std::optional<int64_t> expected = std::nullopt) {
    return {.records = {{kUser, std::move(body), expected}}, .what = "", .by = "ada"};
  }
  static model::RecordRow Row(std::string body, int64_t revision) {
    return {kUser, std::move(body), revision, kNow};
  }
  static model::HistoryRow Line(std::string from, std::string to, std::string by = "ada") {
    return {1, kNow, model::SubjectOf(kUser), std::move(from), std::move(to), "by " + by, by};
  }
  void Commit(const std::vector<model::Change>& batch) { rules_.OnCommitted(kNow, batch); }
  void Answer(size_t number, bool accepted) {
    rules_.OnAnswered(kNow,
                      number,
                      accepted ? driver::Outcome(model::Made())
                               : driver::Outcome(base::Fail(base::ErrorCode::kConflict, "no")));
  }

  emulator::Emulator emr_{{.journal = false}};
  Ledger ledger_{emr_, "sbx-sim-012345-"};
  Checks checks_{emr_, ledger_, {}};
  RecordRules rules_{checks_};
};

TEST_F(RecordRulesTest, WhatIsDoneAsAskedIsNoBreach) {
  const size_t put = rules_.OnAsked(Put("a", 0));
  Commit({Row("a", 1), Line("", "present")});
  Answer(put, true);
  rules_.OnTurn(kNow);
  const size_t late = rules_.OnAsked(Put("b", 0));
  Answer(late, false);
  EXPECT_THAT(checks_.breaches(), IsEmpty());
}

TEST_F(RecordRulesTest, OfTwoThatDropARecordTheOneThatFoundItHasDoneIt) {
  const auto drop = [](const char* by) {
    return ChangeRecords{.records = {{kUser, std::nullopt, std::nullopt}}, .what = "", .by = by};
  };
  const size_t early = rules_.OnAsked(drop("bob"));
  const size_t put = rules_.OnAsked(Put("a"));
  const size_t late = rules_.OnAsked(drop("carol"));
  Commit({Row("a", 1),
          Line("", "present"),
          model::RecordDropped{kUser},
          Line("present", "removed", "carol")});
  Answer(early, false);
  Answer(put, true);
  Answer(late, true);
  EXPECT_THAT(checks_.breaches(), IsEmpty());
}

TEST_F(RecordRulesTest, I4_APromiseThatIsNotStored) {
  Answer(rules_.OnAsked(Put("a")), true);
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("was promised to somebody")));
}

TEST_F(RecordRulesTest, I4_ARefusalWithoutAReason) {
  Answer(rules_.OnAsked(Put("a", 0)), false);
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("is refused for no reason")));
}

TEST_F(RecordRulesTest, I4_ARefusalThatLeavesSomething) {
  const size_t put = rules_.OnAsked(Put("a", 3));
  Commit({Row("a", 1), Line("", "present")});
  Answer(put, false);
  EXPECT_THAT(checks_.breaches(),
              ElementsAre(HasSubstr("which was not meant"), HasSubstr("and was refused")));
}

TEST_F(RecordRulesTest, I4_ARevisionThatIsLeftOut) {
  rules_.OnAsked(Put("a"));
  Commit({Row("a", 2), Line("", "present")});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("from revision 0 to 2")));
}

TEST_F(RecordRulesTest, I4_WhatWasAskedBeforeADeathIsNotDoneLater) {
  rules_.OnAsked(Put("a"));
  rules_.OnDeath(kNow);
  Commit({Row("a", 1), Line("", "present")});
  EXPECT_THAT(checks_.breaches(),
              ElementsAre(HasSubstr("that nobody has asked for"), HasSubstr("not of a change")));
}

TEST_F(RecordRulesTest, I4_HalfOfAPair) {
  ChangeRecords both = Put("a");
  both.records.push_back({kToken, "b", std::nullopt});
  rules_.OnAsked(both);
  Commit({Row("a", 1), Line("", "present")});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("what belongs to it is not")));
}

TEST_F(RecordRulesTest, I13_ALineForEachChangeThatIsNotQuietAndForNoOther) {
  rules_.OnAsked(Put("a"));
  Commit({Row("a", 1)});
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("no history says so")));
  Commit({Line("present", "present")});
  EXPECT_THAT(checks_.breaches().back(), HasSubstr("not of a change"));
}

TEST_F(RecordRulesTest, I13_ALineThatTellsSomethingElseThanWasAskedFor) {
  ChangeRecords put = Put("a");
  put.records[0].after = "viewer";
  rules_.OnAsked(put);
  Commit({Row("a", 1), Line("", "present")});
  EXPECT_THAT(checks_.breaches(),
              ElementsAre(HasSubstr("not of a change"), HasSubstr("no history says so")));
}

TEST_F(RecordRulesTest, I13_ALineThatNamesSomebodyElse) {
  rules_.OnAsked(Put("a"));
  Commit({Row("a", 1), Line("", "present", "bob")});
  EXPECT_THAT(checks_.breaches(),
              ElementsAre(HasSubstr("not of a change"), HasSubstr("no history says so")));
}

TEST_F(RecordRulesTest, I4_AStoreThatShowsOtherRecords) {
  store::MemoryStore store({"sim", "0123456789abcdef0123456789abcdef", 0});
  rules_.AtEnd(kNow, store.reader());
  EXPECT_THAT(checks_.breaches(), IsEmpty());
  rules_.OnAsked(Put("a"));
  Commit({Row("a", 1), Line("", "present")});
  rules_.AtEnd(kNow, store.reader());
  EXPECT_THAT(checks_.breaches(), ElementsAre(HasSubstr("does not show the records")));
}

}  // namespace
}  // namespace simulation
