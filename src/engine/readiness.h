#pragma once

// Whether a job may begin, as far as the other jobs of its run decide: a rule over the ends of its
// upstream jobs. There is one rule: all of them must succeed (Airflow: all_success).
//
// Not here: other DAGs (cross_dag.h), pauses, pools.

namespace engine {

// The upstream jobs of a job, counted by how they ended.
struct UpstreamEnds {
  int jobs = 0;
  int succeeded = 0;
  int others = 0;  // failed, upstream_failed, skipped
};

enum class Readiness {
  kWaits,
  kReady,
  kNever,  // whatever the others do
};

inline Readiness AllSuccess(const UpstreamEnds& upstream) {
  if (upstream.others > 0)
    return Readiness::kNever;
  return upstream.succeeded == upstream.jobs ? Readiness::kReady : Readiness::kWaits;
}

}  // namespace engine
