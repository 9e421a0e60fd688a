#include "emr/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

namespace emr {
namespace {

using base::Duration;
using base::hours;
using base::minutes;
using model::StepState;
using model::VerdictClass;
using ::testing::ElementsAre;

constexpr VerdictClass kInfra = VerdictClass::kInfrastructure;
constexpr VerdictClass kApp = VerdictClass::kApplication;

model::Job Policy(int retries, int infra_retries) {
  model::Job job;
  job.retries = retries;
  job.infra_retries = infra_retries;
  job.retry_delay = minutes(10);
  job.infra_retry_delay = minutes(1);
  return job;
}

RetryDecision Decide(const model::Job& job, FailureCounts failures, VerdictClass verdict) {
  return DecideRetry(job, failures, {verdict}, 7, "retry d/r/job#1");
}

TEST(Retry, GivesUpAfterTheBudgetOfItsClass) {
  model::Job job = Policy(2, 1);
  for (int failures = 1; failures <= 4; ++failures) {
    EXPECT_EQ(Decide(job, {failures, 9}, kApp).retry, failures <= 2) << failures;
    EXPECT_EQ(Decide(job, {9, failures}, kInfra).retry, failures <= 1) << failures;
    EXPECT_EQ(Decide(job, {9, failures}, VerdictClass::kUser).retry, failures <= 1) << failures;
  }
  EXPECT_EQ(Decide(job, {3, 0}, kApp).why_not, "its retries (2) are used up");
  EXPECT_EQ(Decide(job, {0, 2}, kInfra).why_not, "its infra_retries (1) are used up");
  EXPECT_EQ(Decide(Policy(0, 0), {1, 0}, kApp).why_not, "the job has no retries");
}

TEST(Retry, TriesARefusalThatNoRuleKnowsOnceMoreAndLater) {
  const Verdict unclear{VerdictClass::kConfiguration, "?", "words"};
  auto decide = [&](model::Job job, int count) {
    return DecideRetry(job, {9, 9, count}, unclear, 7, "retry d/r/job#1");
  };
  model::Job job = Policy(0, 0);
  EXPECT_TRUE(decide(job, 1).retry) << "no step has run: it needs no retries of the job's";
  EXPECT_EQ(decide(job, 1).delay, minutes(10));
  job.infra_retry_delay = minutes(5);
  EXPECT_EQ(decide(job, 1).delay, minutes(15));
  job.infra_retry_delay = Duration::max();
  EXPECT_EQ(decide(job, 1).delay, hours(72)) << "no overflow";
  EXPECT_FALSE(decide(job, 2).retry);
  EXPECT_NE(decide(job, 2).why_not.find("refused twice"), std::string::npos);
  job.retry_on = {kApp};
  EXPECT_FALSE(decide(job, 1).retry);
  EXPECT_FALSE(Decide(Policy(9, 9), {0, 0, 1}, VerdictClass::kConfiguration).retry);
}

TEST(Retry, WaitsTheDelayOfItsClass) {
  EXPECT_EQ(Decide(Policy(2, 2), {2, 1}, kApp).delay, minutes(10));
  EXPECT_EQ(Decide(Policy(2, 2), {1, 2}, kInfra).delay, minutes(1));
  EXPECT_EQ(Decide(Policy(2, 2), {1, 2}, VerdictClass::kUser).delay, minutes(1));
  EXPECT_TRUE(Decide(Policy(2, 2), {1, 2}, kInfra).why_not.empty());
}

TEST(Retry, LeavesAloneWhatIsNotToBeTriedAgain) {
  model::Job job = Policy(9, 9);
  job.retry_on = {kApp, VerdictClass::kConfiguration};
  EXPECT_TRUE(Decide(job, {1, 0}, kApp).retry);
  EXPECT_EQ(Decide(job, {0, 1}, kInfra).why_not, "retry_on does not name infrastructure");
  EXPECT_FALSE(Decide(job, {0, 1}, VerdictClass::kUser).retry);
  EXPECT_FALSE(Decide(job, {0, 0}, VerdictClass::kSuccess).retry);
  RetryDecision configuration = Decide(job, {0, 0}, VerdictClass::kConfiguration);
  EXPECT_FALSE(configuration.retry) << "even where retry_on names it";
  EXPECT_FALSE(configuration.why_not.empty());
}

TEST(Retry, BacksOffLikeAirflow) {
  model::Job job = Policy(9, 9);
  job.retry_exponential_backoff = true;
  job.max_retry_delay = hours(100);
  for (int failures = 1; failures <= 6; ++failures) {
    Duration least = minutes(10) * (1 << (failures - 1));
    Duration delay = Decide(job, {failures, 0}, kApp).delay;
    EXPECT_GE(delay, least) << failures;
    EXPECT_LT(delay, 2 * least) << failures;
  }
  EXPECT_NE(DecideRetry(job, {1, 0}, {kApp}, 7, "a").delay,
            DecideRetry(job, {1, 0}, {kApp}, 7, "b").delay)
      << "or all jobs that failed together would come back together";
}

RC_GTEST_PROP(RetryProperty, DelaysGrowUpToTheirCapAndNeverBeyond, ()) {
  model::Job job = Policy(1'000'000, 1'000'000);
  job.retry_exponential_backoff = true;
  job.retry_delay = Duration(*rc::gen::inRange<int64_t>(0, Duration(hours(48)).count()));
  job.max_retry_delay = Duration(*rc::gen::inRange<int64_t>(0, Duration(hours(48)).count()));
  auto seed = *rc::gen::arbitrary<uint64_t>();
  auto entity = *rc::gen::string<std::string>();
  int failures = *rc::gen::inRange(1, 200'000);
  auto delay = [&](int count) { return DecideRetry(job, {count, 0}, {kApp}, seed, entity).delay; };
  RC_ASSERT(delay(failures) >= Duration(0));
  RC_ASSERT(delay(failures) <= job.max_retry_delay);
  RC_ASSERT(delay(failures) >= std::min(job.retry_delay, job.max_retry_delay));
  RC_ASSERT(delay(failures) == delay(failures));
  // The jitter of one failure ends where the next one's delay begins.
  RC_ASSERT(delay(failures) <= delay(failures + 1));
}

json::object Object(std::string_view text) {
  return base::ParseJson(text)->as_object();
}

TEST(OnRetry, MergesWhatATryHasReachedInOrder) {
  const std::vector<model::RetryPatch> patches = {
      {3, Object(R"({"A":{"x":3},"B":null})")},
      {2, Object(R"({"A":{"x":2,"y":2},"C":[1]})")},
  };
  auto request = [&](int try_number) {
    return base::Canonical(
        PatchedRequest(Object(R"({"A":{"x":1,"z":1},"B":1,"C":[0,0]})"), patches, try_number));
  };
  EXPECT_EQ(request(1), R"({"A":{"x":1,"z":1},"B":1,"C":[0,0]})");
  EXPECT_EQ(request(2), R"({"A":{"x":2,"y":2,"z":1},"B":1,"C":[1]})");
  EXPECT_EQ(request(3), R"({"A":{"x":2,"y":2,"z":1},"C":[1]})");
  EXPECT_EQ(request(9), request(3));
}

// C completed, F failed, X cancelled; all of one name, as names may be doubled.
std::vector<model::StepView> Ran(std::string_view letters) {
  std::vector<model::StepView> steps;
  for (char letter : letters) {
    StepState state = letter == 'C'   ? StepState::kCompleted
                      : letter == 'F' ? StepState::kFailed
                                      : StepState::kCancelled;
    steps.push_back({base::Cat("s-", steps.size()), "label", state, "", {}, {}});
  }
  return steps;
}

TEST(Resume, RunsTheStepsThatDidNotComplete) {
  EXPECT_THAT(StepsToRun(4, {}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(StepsToRun(4, {Ran("CCFX")}), ElementsAre(2, 3));
  EXPECT_THAT(StepsToRun(4, {Ran("CFCX")}), ElementsAre(1, 3)) << "by place, not from a point on";
  EXPECT_THAT(StepsToRun(4, {Ran("CCFX"), Ran("CF")}), ElementsAre(3))
      << "the second cluster was given two steps";
}

TEST(Resume, TakesNothingFromAClusterThatItCannotRead) {
  EXPECT_THAT(StepsToRun(3, {Ran("CC")}), ElementsAre(0, 1, 2));
  EXPECT_THAT(StepsToRun(3, {Ran("CFX"), {}, Ran("CCC"), Ran("CX")}), ElementsAre(2));
  EXPECT_THAT(StepsToRun(2, {Ran("CF"), Ran("C")}), ElementsAre(1)) << "nothing is left: again";
}

}  // namespace
}  // namespace emr
