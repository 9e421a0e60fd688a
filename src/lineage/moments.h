#pragma once

// Which rows of history begin and end runs and attempts, as lineage and tracing see them. Pure.
//
// A task's row alone does not say which attempt it is about: that is the attempt which began or
// ended at the row's very time, for both are written in one step.

#include <vector>

#include "lineage/open_lineage.h"
#include "model/history.h"
#include "model/rows.h"

namespace lineage {

// Whether a row may stand for something: others need no look at the rows around it.
bool MayTell(const model::HistoryRow& row);

// Of a row about a run, in their order.
std::vector<Moment> MomentsOf(const model::HistoryRow& row);
// Of a row about a job's task: what it says of this attempt. `cause`: why it failed, as far as that
// is known by now.
std::vector<Moment> MomentsOf(const model::HistoryRow& row,
                              const model::AttemptRow& attempt,
                              const std::string& cause);

// How often the run had begun again by this row, by the rows about the run.
int RoundAt(const std::vector<model::HistoryRow>& of_run, int64_t seq);

}  // namespace lineage
