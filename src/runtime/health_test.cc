#include "runtime/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/call_health.h"

namespace runtime {
namespace {

using ::testing::HasSubstr;
using wire::ErrorClass;

base::Time At(int64_t seconds) {
  return base::Time(base::seconds(1'767'225'600 + seconds));
}

wire::AwsError ErrorOf(ErrorClass error_class, int status) {
  return {error_class, "Code", "", "what AWS says", status, ""};
}

TEST(Health, AStatusHasItsSinceAndASentence) {
  Health health;
  health.Report("emr", "", At(0));
  health.Report("disk", "full", At(1));
  health.Report("emr", "", At(5));
  ASSERT_EQ(health.components().size(), 2u);
  EXPECT_TRUE(health.components()[0].healthy());
  EXPECT_EQ(health.components()[0].since, At(0));
  health.Report("emr", "gone", At(7));
  health.Report("emr", "still gone", At(9));
  EXPECT_EQ(health.components()[0].message, "still gone");
  EXPECT_EQ(health.components()[0].since, At(7)) << "since it is unhealthy, not since the sentence";
  health.Report("emr", "", At(11));
  EXPECT_EQ(health.components()[0].since, At(11));
}

class CallHealthTest : public ::testing::Test {
 protected:
  void Good(const std::string& action, int64_t at) { calls_.OnReply(action, {}, At(at)); }
  void Bad(const std::string& action, ErrorClass error_class, int64_t at, int status = 400) {
    calls_.OnReply(action, ErrorOf(error_class, status), At(at));
  }
  std::string TroubleAt(int64_t at) { return calls_.Trouble(At(at)); }

  CallHealth calls_{driver::Service::kEmr};
};

TEST_F(CallHealthTest, NoConnectionIsTroubleAtOnceAndTellsTheLastGoodAnswer) {
  EXPECT_EQ(TroubleAt(0), "");
  Good("ListClusters", 1);
  Bad("ListClusters", ErrorClass::kUnavailable, 2, 0);
  EXPECT_THAT(TroubleAt(3),
              HasSubstr("EMR does not answer ListClusters since 2026-01-01T00:00:02Z"));
  EXPECT_THAT(TroubleAt(3), HasSubstr("last good answer: 2026-01-01T00:00:01Z"));
  EXPECT_THAT(TroubleAt(3), HasSubstr("AWS_ENDPOINT_URL_EMR"));
}

TEST_F(CallHealthTest, OneLostReplyIsNoTroubleAndTwoAre) {
  Bad("RunJobFlow", ErrorClass::kMayHaveHappened, 1, 0);
  EXPECT_EQ(TroubleAt(2), "");
  Bad("RunJobFlow", ErrorClass::kMayHaveHappened, 3, 0);
  EXPECT_NE(TroubleAt(4), "");
}

TEST_F(CallHealthTest, AGoodAnswerClearsTheWayButNotWhatIsDenied) {
  Bad("ListClusters", ErrorClass::kCredentials, 1);
  Bad("TerminateJobFlows", ErrorClass::kPermission, 2);
  Good("DescribeCluster", 3);
  EXPECT_THAT(TroubleAt(4), HasSubstr("EMR denies TerminateJobFlows"));
  EXPECT_THAT(TroubleAt(4), HasSubstr("IAM policy"));
  Good("TerminateJobFlows", 5);
  EXPECT_EQ(TroubleAt(6), "");
}

TEST_F(CallHealthTest, ARefusalOfOneRequestIsAnAnswer) {
  Bad("RunJobFlow", ErrorClass::kClean, 1);
  Bad("DescribeCluster", ErrorClass::kNotFound, 1);
  EXPECT_EQ(TroubleAt(2), "");
  EXPECT_EQ(calls_.last_good(), At(1));
}

TEST_F(CallHealthTest, ThrottlingIsTroubleWhereNothingElseComesForLong) {
  for (int64_t at = 0; at <= 240; at += 30)
    Bad("ListClusters", ErrorClass::kThrottled, at);
  EXPECT_EQ(TroubleAt(250), "");
  Bad("ListClusters", ErrorClass::kThrottled, 300);
  EXPECT_THAT(TroubleAt(301), HasSubstr("EMR throttles ListClusters"));
  Good("DescribeCluster", 302);
  EXPECT_EQ(TroubleAt(303), "");
}

TEST_F(CallHealthTest, AnActionThatIsNotCalledAnyMoreIsForgotten) {
  Bad("ListInstanceGroups", ErrorClass::kPermission, 0);
  EXPECT_NE(TroubleAt(60), "");
  EXPECT_EQ(TroubleAt(1800), "");
}

TEST_F(CallHealthTest, LongErrorTextsAreCut) {
  wire::AwsError error = ErrorOf(ErrorClass::kPermission, 400);
  error.message = std::string(5000, 'x');
  calls_.OnReply("ListSteps", error, At(0));
  EXPECT_LT(TroubleAt(1).size(), 600u);
}

}  // namespace
}  // namespace runtime
