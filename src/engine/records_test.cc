// Records, and the same after a restart.

#include "engine/test_capacity.h"

namespace engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum model::RecordKind;

class RecordsTest : public CapacityTest {
 protected:
  base::Status Change(std::vector<model::ChangeRecords::One> records, bool is_quiet = false) {
    Changes changes =
        engine_->Apply({now_, model::ChangeRecords{std::move(records), "edited", is_quiet, "ada"}});
    last_ = changes.rows;
    return changes.outcome;
  }
  std::string Histories() const {
    std::string out;
    for (const model::Change& change : last_) {
      if (const auto* row = std::get_if<model::HistoryRow>(&change))
        out +=
            base::Cat(row->subject.text, ": ", row->from, " > ", row->to, ", ", row->cause, "\n");
    }
    return out;
  }

  std::vector<model::Change> last_;
};

TEST_F(RecordsTest, EachWriteIsANewRevisionAndIsTold) {
  ASSERT_TRUE(Change({{{kVariable, "v"}, "{}", 0}}));
  EXPECT_EQ(Histories(), "variable v:  > present, edited, by ada\n");
  ASSERT_TRUE(Change({{{kVariable, "v"}, "{\"a\":1}", 1}}));
  const model::RecordRow& row = engine_->state().records.at({kVariable, "v"});
  EXPECT_EQ(row.revision, 2);
  EXPECT_EQ(row.body, "{\"a\":1}");
  EXPECT_EQ(row.changed_at, now_);
  ASSERT_TRUE(Change({{.id = {kVariable, "v"}, .body = "{}", .before = "one", .after = "two"}}));
  EXPECT_EQ(Histories(), "variable v: one > two, edited, by ada\n");
  ASSERT_TRUE(Change({{{kVariable, "v"}, std::nullopt, std::nullopt}}, true));
  EXPECT_EQ(Histories(), "");
  EXPECT_THAT(engine_->state().records, IsEmpty());
}

TEST_F(RecordsTest, WhatWasExpectedOtherwiseChangesNothing) {
  ASSERT_TRUE(Change({{{kUser, "ada"}, "{}", 0}}));
  const auto why = [&](std::vector<model::ChangeRecords::One> records) {
    const base::Status status = Change(std::move(records));
    EXPECT_THAT(last_, IsEmpty());
    return status ? "" : status.error().message;
  };
  EXPECT_THAT(why({{{kUser, "ada"}, "{}", 0}}), HasSubstr("exists already"));
  EXPECT_THAT(why({{{kUser, "bob"}, "{}", 0}, {{kUser, "ada"}, "{}", 7}}),
              HasSubstr("somebody else has changed"));
  EXPECT_THAT(why({{{kUser, "bob"}, std::nullopt, std::nullopt}}),
              HasSubstr("there is no user 'bob'"));
  EXPECT_THAT(why({{{kUser, "bob"}, "{}", 1}}), HasSubstr("there is no user 'bob'"));
  EXPECT_THAT(why({{{kUser, "c"}, "{}", 0}, {{kUser, "c"}, "{}", 0}}), HasSubstr("named twice"));
  EXPECT_THAT(why({{{kUser, ""}, "{}", 0}}), HasSubstr("needs a name"));
  EXPECT_EQ(engine_->state().records.size(), 1u);
  ASSERT_TRUE(Change({{{kToken, "t"}, std::nullopt, std::nullopt, true}, {{kUser, "c"}, "{}", 0}}))
      << "what goes along may be gone";
  EXPECT_EQ(Histories(), "user c:  > present, edited, by ada\n");
}

TEST_F(RecordsTest, ARefusalLeavesARowOfHistoryAlone) {
  const Changes changes = engine_->Apply(
      {now_, model::Refused{"POST /api/v2/pools", "403: no", 3, {"eve", "token", "10.0.0.1"}}});
  last_ = changes.rows;
  EXPECT_EQ(Histories(), "access to POST /api/v2/pools:  > refused, 403: no (3 times)\n");
  ASSERT_EQ(last_.size(), 1U);
  EXPECT_EQ(std::get<model::HistoryRow>(last_[0]).by, model::Principal("eve", "token", "10.0.0.1"));
}

}  // namespace
}  // namespace engine
