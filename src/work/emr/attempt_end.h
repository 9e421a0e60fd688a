#pragma once

// What this kind tells the engine of an attempt, and what it asks the driver to do.

#include "emr/verdict.h"
#include "work/emr/emr.h"

namespace work {

// Ends the job's open attempt; counts refusals in words that no rule knows.
void End(EmrTurn& turn, engine::Run& run, engine::JobInstance& job, emr::Verdict verdict);
// A launch or a cluster of the job is over: if it was the last, the job may go on.
void BecomeIdle(EmrTurn& turn, engine::JobInstance& job);

// Puts a command into the outbox, and takes it out once it is done.
void Order(EmrTurn& turn,
           const std::string& aggregate,
           model::CommandKind kind,
           int64_t sequence = 0);
void Withdraw(EmrTurn& turn, const std::string& aggregate, int64_t sequence = 0);

}  // namespace work
