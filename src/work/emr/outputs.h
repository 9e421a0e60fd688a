#pragma once

// Outputs: the JSON object that a job's steps leave in S3 for the jobs after it. It is read once
// the attempt's cluster has done its work, and only then the attempt succeeds. The command to read
// it stays in the outbox until the attempt has ended, so that a restart reads again.
//
// The object of an earlier attempt, under the same key, is as good as missing.

#include "work/emr/emr.h"

namespace work {

// The attempt's work is done. True where its outputs are to be read first.
bool AwaitOutputs(EmrTurn& turn, const model::LaunchToken& token, const engine::JobInstance& job);
void OnOutputsSeen(EmrTurn& turn, const model::OutputsSeen& event);
// A person has ended the attempt: nothing is read any more.
void StopReading(EmrTurn& turn, const engine::JobInstance& job);

// At load: the command is there.
void LoadReading(EmrState& state, const engine::State& engine, const model::LaunchRow& launch);

// The aggregate and the number of the command.
std::pair<std::string, int64_t> ReadCommandOf(const model::LaunchToken& token);

}  // namespace work
