#pragma once

// Backfills: created, changed, and taken tick by tick. What the store has for a tick comes with the
// event BackfillTicksRead; who posts it asks NextTicks which ticks those are.
//
// A backfill leaves memory once it is completed; those of its runs that still work then (it was
// cancelled) count for nothing any more.

#include <string>
#include <vector>

#include "engine/turn.h"

namespace engine {

void CreateBackfill(Turn& turn, const model::CreateBackfill& event, Changes& changes);
void ChangeBackfill(Turn& turn, const model::ChangeBackfill& event, Changes& changes);
void TakeTicks(Turn& turn, const model::BackfillTicksRead& event);
// Those whose ticks are decided and whose runs have ended are completed.
void CompleteBackfills(Turn& turn);

// A backfill that may take ticks now: it has room for more runs, and nothing is paused.
bool MayTakeTicks(const State& state, const Backfill& backfill);
bool HasRoom(const Backfill& backfill);

// Counts a run that comes into the state (delta 1) or leaves it (-1): with its backfill, or else
// with its DAG.
void CountRun(State& state, const model::RunRow& run, model::RunState in, int delta);
// Recounts `next`.
void FindNextTick(Backfill& backfill);

}  // namespace engine
