// When keys are renewed, who waits for it, and what a failed renewal does; and STS' XML.

#include "aws/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/xml.h"
#include "base/text.h"

namespace aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers when it is told to.
class HandProvider : public Provider {
 public:
  explicit HandProvider(std::vector<OnFound>* asked) : asked_(asked) {}
  std::string_view name() const override { return "hand"; }
  void Load(OnFound done) override { asked_->push_back(std::move(done)); }

 private:
  std::vector<OnFound>* const asked_;
};

class ChainTest : public ::testing::Test {
 protected:
  void Ask() {
    chain_.Get([this](const base::Result<wire::Credentials>& keys) {
      answers_.push_back(keys ? keys->access_key : "! " + keys.error().message);
    });
  }
  void Provide(std::string access_key, std::optional<base::Duration> left) {
    Found found{
        .keys = {.access_key = std::move(access_key), .secret_key = "s", .session_token = ""},
        .expires = {},
        .source = "hand",
        .detail = ""};
    if (left)
      found.expires = clock_.Now() + *left;
    Answer(std::move(found));
  }
  void Answer(base::Result<Found> result) {
    ASSERT_FALSE(asked_.empty());
    auto done = std::move(asked_.back());
    asked_.pop_back();
    done(std::move(result));
  }
  // The clock that keys are judged by goes on without anybody waiting.
  void Pass(base::Duration span) { passed_ += span; }

  base::Duration passed_{};
  SigningClock clock_{[this] { return base::Clock::Wall() + passed_; }};
  std::vector<Provider::OnFound> asked_;
  CredentialChain chain_{clock_, std::make_unique<HandProvider>(&asked_)};
  std::vector<std::string> answers_;
};

TEST_F(ChainTest, AllWhoWaitAreAnsweredByOneRenewal) {
  Ask();
  Ask();
  EXPECT_EQ(asked_.size(), 1U);
  Provide("a", base::hours(1));
  EXPECT_THAT(answers_, ElementsAre("a", "a"));
  Ask();
  EXPECT_EQ(answers_.size(), 3U);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ChainTest, KeysWithoutAnEndAreNeverRenewed) {
  Ask();
  Provide("a", std::nullopt);
  Pass(base::hours(1000));
  Ask();
  EXPECT_EQ(answers_.size(), 2U);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ChainTest, RenewsInTheBackgroundFromAQuarterOfAnHourBefore) {
  Ask();
  Provide("a", base::hours(1));
  Pass(base::minutes(47));
  Ask();
  Ask();
  EXPECT_THAT(answers_, ElementsAre("a", "a", "a")) << "nobody waited";
  EXPECT_EQ(asked_.size(), 1U);
  Provide("b", base::hours(1));
  Ask();
  EXPECT_EQ(answers_.back(), "b");
}

TEST_F(ChainTest, CallsWaitFromTenMinutesBefore) {
  Ask();
  Provide("a", base::hours(1));
  Pass(base::minutes(52));
  Ask();
  EXPECT_EQ(answers_.size(), 1U);
  Provide("b", base::hours(1));
  EXPECT_THAT(answers_, ElementsAre("a", "b"));
}

TEST_F(ChainTest, AFailedRenewalGoesOnWithKeysThatLiveAndAsksAgainInAWhile) {
  Ask();
  Provide("a", base::hours(1));
  Pass(base::minutes(52));
  Ask();
  Answer(base::Fail(base::ErrorCode::kUnavailable, "STS is away"));
  EXPECT_THAT(answers_, ElementsAre("a", "a"));
  Ask();
  EXPECT_TRUE(asked_.empty()) << "not for each call";
  Pass(base::minutes(5));
  Ask();
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(ChainTest, AFailedRenewalOfDeadKeysIsTheCallersAnswer) {
  Ask();
  Provide("a", base::hours(1));
  Pass(base::minutes(61));
  Ask();
  Answer(base::Fail(base::ErrorCode::kUnavailable, "STS is away"));
  EXPECT_EQ(answers_.back(), "! no AWS credentials: STS is away");
  Ask();
  EXPECT_EQ(asked_.size(), 1U) << "each call may be the one that finds it back";
}

TEST(FirstOf, RemembersWhoWonAndStopsAtAnError) {
  std::vector<Provider::OnFound> first, second;
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<HandProvider>(&first));
  providers.push_back(std::make_unique<HandProvider>(&second));
  auto search = MakeFirstOf(std::move(providers));
  std::vector<base::Result<Found>> results;
  auto done = [&](base::Result<Found> result) { results.push_back(std::move(result)); };

  search->Load(done);
  first.at(0)(base::Fail(base::ErrorCode::kPermission, "broken"));
  EXPECT_EQ(results.back().error().message, "broken");
  EXPECT_TRUE(second.empty());

  search->Load(done);
  first.at(1)(base::Fail(base::ErrorCode::kNotFound, "nothing"));
  second.at(0)(Found{});
  EXPECT_TRUE(results.back().has_value());
  search->Load(done);
  EXPECT_EQ(second.size(), 2U) << "the one that had keys is asked alone";
  EXPECT_EQ(first.size(), 2U);
}

TEST(Xml, IsFlattened) {
  auto xml =
      ReadXml("<?xml version=\"1.0\"?>\n<A xmlns=\"u\"><!-- c --><B><C> x&lt;y </C><D/></B></A>");
  ASSERT_TRUE(xml.has_value()) << xml.error().message;
  EXPECT_EQ(xml->at("A.B.C"), "x<y");
  EXPECT_EQ(xml->at("A.B.D"), "");
  EXPECT_EQ(xml->size(), 2U);
}

TEST(Xml, RefusesWhatIsNoneOrTooDeep) {
  EXPECT_FALSE(ReadXml("").has_value());
  EXPECT_FALSE(ReadXml("<A><B></A>").has_value());
  EXPECT_FALSE(ReadXml("{\"a\": 1}").has_value());
  std::string deep;
  for (int i = 0; i < 5000; ++i)
    deep += "<a>";
  EXPECT_THAT(ReadXml(deep).error().message, HasSubstr("too large"));
}

}  // namespace
}  // namespace aws
