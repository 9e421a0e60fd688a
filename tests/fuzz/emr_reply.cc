#include "base/check.h"
#include "emr/health.h"
#include "emr/replies.h"
#include "emr/verdict.h"
#include "targets.h"

namespace fuzz {

// Any JSON in the place of EMR's reply reads as something, and policy has an answer to it.
void FuzzEmrReply(std::string_view bytes) {
  const base::Result<json::value> reply = base::ParseJson(bytes);
  if (!reply)
    return;
  emr::ReadRunJobFlow(*reply);
  const auto status = emr::ReadDescribeCluster(*reply).status;
  emr::ReadListClusters(*reply);
  const auto steps = emr::ReadListSteps(*reply).items;
  emr::JudgeWaiting(steps);
  CHECK(!emr::Judge({.steps = steps}).reason.empty());
  if (status)
    CHECK(!emr::Judge({.phase = status->phase,
                       .reason_code = status->reason_code,
                       .reason_message = status->reason_message,
                       .errors = status->errors})
               .reason.empty());
  for (const auto& fleets :
       {emr::ReadListInstanceFleets(*reply).items, emr::ReadListInstanceGroups(*reply).items}) {
    emr::Describe(emr::LookAtFleets(fleets), fleets);
    emr::SuspendedNote(fleets);
  }
}

}  // namespace fuzz
