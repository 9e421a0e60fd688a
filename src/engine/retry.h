#pragma once

// Whether and when a job is tried again: pure functions of its policy (model::Job), of what failed
// so far, and of draws by name.

#include <string>
#include <string_view>

#include "model/dag.h"
#include "model/rows.h"
#include "model/verdict.h"

namespace engine {

// Since the last clear, the failure that is decided about included.
struct FailureCounts {
  int application = 0;
  int infrastructure = 0;
  int unclear = 0;  // refusals in words that no rule knows
};

// Of a database: jitter differs between deployments, and is the same in every replay.
uint64_t SeedOf(const model::Identity& identity);

struct RetryDecision {
  bool retry = false;
  base::Duration delay{};  // from the verdict
  std::string why_not;     // a sentence, where it is not tried again
};

// How long before the try that follows so many failures.
struct Backoff {
  base::Duration delay{};
  bool is_exponential = false;
  base::Duration most{};  // to which it grows
};
// The delay is Airflow's: if it is exponential, b = delay * 2^(failures - 1) plus a share of b in
// [0, b) that `seed` and `entity` draw, at most `most`.
base::Duration DelayAfter(const Backoff& backoff,
                          int failures,
                          uint64_t seed,
                          std::string_view entity);

// `retries` bound application failures, `infra_retries` infrastructure failures and kills by
// people, which look the same as those by Spot tooling; of a task of Airflow the larger of the two
// bounds both together. A configuration that EMR refused is never
// tried again, even where retry_on names it: the same request would be refused again. A refusal in
// words that no rule knows may be a new wording of "not now": it is tried once more, whatever
// `retries` say (no step has run), after a longer delay; the second one counts as configuration.
RetryDecision DecideRetry(const model::Job& job,
                          const FailureCounts& failures,
                          const model::Verdict& verdict,
                          uint64_t seed,
                          std::string_view entity);

}  // namespace engine
