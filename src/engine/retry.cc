#include "engine/retry.h"

#include <algorithm>
#include <cstdlib>

#include "base/draw.h"
#include "base/text.h"

namespace engine {

namespace {

using model::VerdictClass;

struct Budget {
  VerdictClass listed_as;  // in retry_on
  int failures = 0;
  int allowed = 0;
  std::string_view name;
  base::Duration delay{};
};

Budget BudgetOf(const model::Job& job, const FailureCounts& failures, VerdictClass verdict) {
  if (verdict == VerdictClass::kApplication)
    return {verdict, failures.application, job.retries, "retries", job.retry_delay};
  return {VerdictClass::kInfrastructure,
          failures.infrastructure,
          job.infra_retries,
          "infra_retries",
          job.infra_retry_delay};
}

// delay * 2^doublings, at most `cap`; never an overflow.
base::Duration Doubled(base::Duration delay, int doublings, base::Duration cap) {
  for (int i = 0; i < doublings && delay < cap && delay.count() > 0; ++i)
    delay = delay > cap / 2 ? cap : delay * 2;
  return std::min(delay, cap);
}

// Longer than the usual delay: what passes by itself needs a while, as a used-up quota does.
RetryDecision DecideUnclear(const model::Job& job, const FailureCounts& failures) {
  constexpr base::Duration kLeast = base::minutes(10);
  constexpr base::Duration kCap = base::hours(24);
  if (std::ranges::find(job.retry_on, VerdictClass::kInfrastructure) == job.retry_on.end())
    return {false, {}, "retry_on does not name infrastructure"};
  if (failures.unclear > 1)
    return {false,
            {},
            "refused twice, so it counts as a mistake in the configuration: correct it, then clear "
            "the job"};
  return {true, std::max(kLeast, std::min(job.infra_retry_delay, kCap) * 3), ""};
}

// Airflow counts a task whose process was lost as one that has failed.
bool IsUsedUpByBoth(const model::Job& job, const FailureCounts& failures) {
  const model::CommandWork* command = model::CommandOf(job);
  return command != nullptr && command->airflow &&
         failures.application + failures.infrastructure > std::max(job.retries, job.infra_retries);
}

}  // namespace

uint64_t SeedOf(const model::Identity& identity) {
  return std::strtoull(identity.incarnation.substr(0, 16).c_str(), nullptr, 16);
}

base::Duration DelayAfter(const Backoff& backoff,
                          int failures,
                          uint64_t seed,
                          std::string_view entity) {
  if (!backoff.is_exponential)
    return backoff.delay;
  base::Duration base = Doubled(backoff.delay, failures - 1, backoff.most);
  double share = base::DrawUnit(seed, entity, static_cast<uint64_t>(failures));
  auto jitter = base::Duration(static_cast<int64_t>(static_cast<double>(base.count()) * share));
  return base + std::min(jitter, backoff.most - base);
}

RetryDecision DecideRetry(const model::Job& job,
                          const FailureCounts& failures,
                          const model::Verdict& verdict,
                          uint64_t seed,
                          std::string_view entity) {
  if (verdict.verdict == VerdictClass::kSuccess)
    return {false, {}, "it succeeded"};
  if (verdict.unclear)
    return DecideUnclear(job, failures);
  if (verdict.verdict == VerdictClass::kConfiguration)
    return {
        false, {}, "a configuration that failed would fail again: correct it, then clear the job"};
  if (verdict.is_final)
    return {false, {}, "it asks for no other try"};
  Budget budget = BudgetOf(job, failures, verdict.verdict);
  if (std::ranges::find(job.retry_on, budget.listed_as) == job.retry_on.end())
    return {false, {}, base::Cat("retry_on does not name ", ToString(budget.listed_as))};
  if (budget.failures > budget.allowed) {
    return {false,
            {},
            budget.allowed == 0
                ? base::Cat("the job has no ", budget.name)
                : base::Cat("its ", budget.name, " (", budget.allowed, ") are used up")};
  }
  if (IsUsedUpByBoth(job, failures))
    return {false,
            {},
            base::Cat("its retries (", std::max(job.retries, job.infra_retries), ") are used up")};
  const Backoff backoff{budget.delay, job.retry_exponential_backoff, job.max_retry_delay};
  return {true, DelayAfter(backoff, budget.failures, seed, entity), ""};
}

}  // namespace engine
