#pragma once

// Whether a job may begin, as far as the other jobs of its run decide: its trigger rule over the
// ends of its upstream jobs, with Airflow's meaning (airflow.ti_deps.deps.trigger_rule_dep).
//
// A decision is taken as soon as it cannot change any more, whatever the open jobs do: so it does
// not depend on the order in which they end. This differs from Airflow in one place: there, under
// all_success, a job that is skipped early skips what follows even if another upstream job fails
// afterwards; here the failure counts.
//
// Not here: other DAGs (cross_dag.h), `when` (condition.h), pauses, pools. Pure.

#include "engine/job_state.h"
#include "model/dag.h"

namespace engine {

// The upstream jobs of a job, counted by how they ended.
struct UpstreamEnds {
  int jobs = 0;
  int succeeded = 0;
  int failed = 0;  // or upstream_failed
  int broke = 0;   // of these: failed by themselves
  int skipped = 0;
  int setups = 0;  // of `jobs`
  int setups_succeeded = 0;
  int setups_skipped = 0;

  int Open() const { return jobs - succeeded - failed - skipped; }
  friend bool operator==(const UpstreamEnds&, const UpstreamEnds&) = default;
};

// One upstream job has ended so.
void Count(UpstreamEnds& ends, JobState state, bool is_setup);

enum class Readiness {
  kWaits,
  kReady,
  kSkipped,
  kUpstreamFailed,
};

Readiness Decide(model::TriggerRule rule, const UpstreamEnds& ends);

// The trigger rule and the setups around the job together: a failure decides at once, and a skip
// once no failure can follow.
Readiness Both(Readiness of_rule, Readiness of_setups);

}  // namespace engine
