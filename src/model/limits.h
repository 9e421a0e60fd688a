#pragma once

// Bounds on what people send, which more than one face checks.

#include <cstddef>

namespace model {

// Of a run's conf as JSON. It is read with every look at the run, and rendered into requests; large
// inputs belong into S3.
inline constexpr size_t kConfBytesMax = size_t{64} << 10;

// Of the note on a run or a task instance: Airflow's bound.
inline constexpr size_t kNoteCharactersMax = 1000;

// Of the instances that mapped jobs have in one run, all together: as many as a DAG may have jobs.
inline constexpr size_t kInstancesMax = 10'000;

}  // namespace model
