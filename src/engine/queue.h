#pragma once

// The queues of the pools: who waits for a turn, and who gets the next ones. A pure function of
// the rows and the time, so that a restart orders the same.
//
// A job that needs more slots than its pool has free is passed by smaller ones, until it is overdue
// (order.h): then free slots are kept for it. A limit that a job waits for keeps nobody else back.

#include <optional>
#include <vector>

#include "engine/holders.h"
#include "engine/state.h"
#include "model/event.h"

namespace engine {

void AddToQueue(State& state, const Run& run, JobInstance& job);
// REQUIRES: it is in the queue.
void TakeFromQueue(State& state, JobInstance& job);
// What the queue holds of the job.
Queued QueuedOf(const State& state, const Run& run, JobInstance& job);
bool IsQueueEmpty(const State& state);

// Up to so many jobs that get a turn now, the first one first. A job whose own number is used up
// keeps nobody of the other kind back.
std::vector<JobInstance*> NextInTurn(const State& state, model::Turns limit);

// Where a queued job stands, for people.
inline constexpr size_t kNamedAhead = 3;
struct Standing {
  const Pool* pool = nullptr;
  size_t ahead = 0;                       // jobs of its pool's queue that come before it
  std::vector<const JobInstance*> first;  // of those the first kNamedAhead, in order
  const JobInstance* kept_for = nullptr;  // an overdue one for which the pool's free slots are kept
  std::optional<Bar> bar;
};
Standing StandingOf(const State& state, const JobInstance& job);

}  // namespace engine
