#pragma once

// Mapped jobs: the list is decided when the run reaches the job, which then has an instance for
// each item. The job itself works as long as one of them does, and ends as they have ended.
//
// Not here: when the job begins (propagate.h), and what people do to it (actions.h).

#include <string_view>
#include <vector>

#include "engine/turn.h"

namespace engine {

// Decides the list of a job that may begin, and makes its instances: they are to begin now. None:
// the job has ended, because the list is empty, or because there is none (a mistake in the file or
// in what the run was given).
std::vector<JobInstance*> Expand(Turn& turn, Run& run, JobInstance& job);

// Appends an instance without a state of its own.
JobInstance& AddInstance(Mapped& mapped);

// Whether the list that is in force has an item for the instance.
bool IsInList(const JobInstance& instance);
// That item. Null: there is none, or the job is not an instance.
const json::value* ItemOf(const JobInstance& job);
bool IsRestarting(const JobInstance& instance);
int CountOpen(const Mapped& mapped);
// What its instances say of a mapped job. REQUIRES: a list is in force.
JobState StateByInstances(const Mapped& mapped);

// An instance has ended: true if the mapped job has with it.
bool EndsWithInstance(Turn& turn, const Run& run, const JobInstance& instance);
// Instances were changed by hand: the mapped job follows.
void FollowInstances(Turn& turn, const Run& run, Mapped& mapped, std::string_view cause);

// The instance was cleared, and nothing of it is live: its list is gone. Returns the mapped job if
// it has waited for that alone.
JobInstance* Remove(Turn& turn, JobInstance& instance, std::string_view cause);
// The mapped job is cleared: no list is in force. REQUIRES: the work of its instances has been
// stopped. True if some of them are live still.
bool ForgetList(Turn& turn, Mapped& mapped, std::string_view cause, By by);

}  // namespace engine
