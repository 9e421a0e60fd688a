#pragma once

// Groups with retries (model/units.h). A unit has failed once all of its jobs are done and one of
// them has failed by itself. While it has a try left such a job is kUpForGroupRetry, and nothing
// outside sees an end of the unit's jobs: neither jobs of the run, nor other DAGs, nor the run.
// Then either all of its jobs begin again after its delay, or the unit is settled and its ends
// count.
//
// An inner unit is tried again first. A failure for good is not tried again: a mistake in the
// configuration, a person's mark, and whatever happens in a run that a person has ended.
//
// Not here: the jobs that begin again (group_retry.h), and who follows from a settled unit
// (propagate.h).

#include <string>
#include <string_view>
#include <vector>

#include "engine/turn.h"

namespace engine {

// The key of a unit of the run.
model::GroupKey GroupKeyOf(const Run& run, int unit);
// "group 'load' in lane 1".
std::string NameOfGroup(const Run& run, int unit);
const model::Group& GroupOf(const Run& run, int unit);

// All of its jobs are done, and it waits for no other try.
bool IsSettled(const Run& run, int unit);
// How the job has ended for another job of its run; for those of other runs, `seen_by` is -1.
// kNone: it is open, or something around it is not settled.
JobState EndSeenBy(const Run& run, int job, int seen_by);
// The first unit that keeps the job's end from the other one; -1: none.
int HiddenBy(const Run& run, int job, int seen_by);

// The job has failed, or an instance of it. `for_good`: its group is not tried again for it.
void Fail(Turn& turn, const Run& run, JobInstance& job, std::string_view cause, bool for_good);
// The same of a mapped job, by its instances: kUpForGroupRetry in place of kFailed.
JobState EndInGroup(const Run& run, const JobInstance& job, JobState end);
// A person has failed it.
void NoteForGood(Turn& turn, const Run& run, JobInstance& job);

// True if the unit, whose last job is done, is to be tried again: from now on it waits for that.
bool AwaitsRetry(Turn& turn, Run& run, int unit);
// What failed in a unit that is settled, and that no unit around it may still try again.
std::vector<JobInstance*> Unretried(Run& run, int unit);

// The units around the job have all their tries: a person has cleared it.
void RenewGroups(Turn& turn, Run& run, const JobInstance& job, std::string_view cause);
// The unit waits no more, and begins again: those within it have all their tries.
void BeginGroupAgain(Turn& turn, Run& run, int unit, std::string_view cause);
// Jobs were changed by hand; `ends`: the run ends with them. Returns the units that are settled by
// that, inner ones first. Recount follows.
std::vector<int> ReviewGroups(Turn& turn, Run& run, std::string_view cause, bool ends);

// The run takes another version: all units have all their tries.
void RenewGroups(Turn& turn, Run& run);
void MakeGroups(Run& run);
void CountGroups(Run& run);
// GroupTries::open, counted.
int OpenInGroup(const Run& run, int unit);
bool WantsRetry(const Run& run, int unit);  // for invariants

}  // namespace engine
