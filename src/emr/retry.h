#pragma once

// Whether, when and how a job is tried again: pure functions of its policy (model::Job), of what
// failed so far, and of draws by name.

#include <string>
#include <string_view>
#include <vector>

#include "emr/verdict.h"
#include "model/dag.h"

namespace emr {

// Since the last clear, the failure that is decided about included.
struct FailureCounts {
  int application = 0;
  int infrastructure = 0;
  int unclear = 0;  // refusals in words that no rule knows
};

struct RetryDecision {
  bool retry = false;
  base::Duration delay{};  // from the verdict
  std::string why_not;     // a sentence, where it is not tried again
};

// `retries` bound application failures, `infra_retries` infrastructure failures and kills by
// people, which look the same as those by Spot tooling. A configuration that EMR refused is never
// tried again, even where retry_on names it: the same request would be refused again. A refusal in
// words that no rule knows may be a new wording of "not now": it is tried once more, whatever
// `retries` say (no step has run), after a longer delay; the second one counts as configuration.
//
// The delay is Airflow's: with retry_exponential_backoff, b = delay * 2^(failures of the class - 1)
// plus a share of b in [0, b) that `seed` and `entity` draw, at most max_retry_delay.
RetryDecision DecideRetry(const model::Job& job,
                          const FailureCounts& failures,
                          const Verdict& verdict,
                          uint64_t seed,
                          std::string_view entity);

// The request of some try: every patch whose from_try it has reached is merged over it, in order,
// so the later wins. Patches are not merged with each other first: a null must still remove.
json::object PatchedRequest(json::object request,
                            const std::vector<model::RetryPatch>& patches,
                            int try_number);

// For `resume: failed_step`: which of a job's steps the next cluster runs, given the steps of the
// clusters of its earlier attempts, oldest first (each list as EMR has it, oldest step first; empty
// for an attempt without a cluster). Indices into the job's steps, in order. Names may be doubled,
// so steps are matched by place; a cluster with another number of steps than it was given tells
// nothing. Where nothing is left to run, the last cluster's steps run again: a cluster without
// steps proves nothing.
std::vector<size_t> StepsToRun(size_t step_count,
                               const std::vector<std::vector<model::StepView>>& earlier);

}  // namespace emr
