#include "engine/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

namespace engine {
namespace {

using base::Duration;
using base::hours;
using base::minutes;
using model::VerdictClass;

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
  const model::Verdict unclear{
      .verdict = VerdictClass::kConfiguration, .reason = "?", .unclear = "words"};
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

}  // namespace
}  // namespace engine
