#pragma once

// Tasks of Airflow that decide which tasks after them run: branches, short circuits, "latest only".
// They say it by an XCom of the key `skipmixin_key` (Airflow: SkipMixin, NotPreviouslySkippedDep):
// of the jobs right after the task, {"followed": [task ids]} skips all others, {"skipped": [task
// ids]} those. It is a function of rows, so a job that is cleared alone is skipped again.

#include <string>

#include "engine/turn.h"

namespace engine {

// Why the job is skipped, by what a job before it has told; "" where none of them says so.
std::string SkippedByBranch(const Run& run, const JobInstance& job);

}  // namespace engine
