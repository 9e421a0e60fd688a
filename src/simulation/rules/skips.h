#pragma once

// A command whose process asks to skip its job: it has run, and its end is `skipped`.

#include <algorithm>

#include "base/text.h"
#include "model/dag.h"
#include "simulation/workload.h"

namespace simulation {

inline bool IsOfSort(const model::Job& job, ProcessSort sort) {
  const model::CommandWork* work = model::CommandOf(job);
  if (work == nullptr)
    return false;
  return work->airflow ? work->airflow->task_id.starts_with(base::Cat("work.", ToString(sort), "."))
                       : work->argv[1] == ToString(sort);
}

inline bool AsksToSkip(const model::Job& job) {
  return IsOfSort(job, ProcessSort::kSkips);
}

// A task of Airflow whose failure is not to be tried again.
inline bool GivesUp(const model::Job& job) {
  return IsOfSort(job, ProcessSort::kGivesUp);
}

// After all kinds of failures together; a task of Airflow has one budget for all of them.
inline int MostRetries(const model::Job& job) {
  const model::CommandWork* work = model::CommandOf(job);
  return work != nullptr && work->airflow ? std::max(job.retries, job.infra_retries)
                                          : job.retries + job.infra_retries;
}

// No try is left after so many failures.
inline bool IsUsedUp(const model::Job& job, int application, int infrastructure) {
  return application > job.retries || infrastructure > job.infra_retries ||
         application + infrastructure > MostRetries(job);
}

}  // namespace simulation
