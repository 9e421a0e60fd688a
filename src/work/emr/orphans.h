#pragma once

// Orphans: live clusters with our deployment's name that no attempt claims. They are recorded, so
// that they are watched to their end and people see them, and killed only with brakes:
//
//   duplicate  its launch is known and over, or made another cluster: killed at once
//   orphan     of this incarnation, no launch known: killed where the reaper is armed, after a
//              grace counted from its creation and from our first sight in this life, a few in a
//              pass, and none where so many look unclaimed, or the database so young, that the
//              mistake is likely ours
//   foreign    of another incarnation: only listed; a person may kill it by its id
//
// Clusters of other deployments and people's own never get here: the driver leaves them out.

#include <string>
#include <vector>

#include "work/emr/emr.h"

namespace work {

void OnOrphansSeen(EmrTurn& turn, const model::OrphansSeen& event);

// A cluster that nobody expects: it came back from LOST after its attempt had ended, or its job is
// gone. People see it while it is killed.
void ListReturned(EmrState& state, const model::ClusterRow& row, Time seen_at);

// At load: the row has no attempt.
void ListOrphan(EmrState& state, const model::Identity& identity, const model::ClusterRow& row);

struct OrphanView {
  model::ClusterRow row;
  model::OrphanClass kind = model::OrphanClass::kOrphan;
  std::optional<Time> first_seen_at;
  std::string fate;  // what will happen to it, and why, in a sentence
};
std::vector<OrphanView> ListOrphans(const EmrState& state);

}  // namespace work
