#include "emr/health.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace emr {

namespace {
const model::FleetView* FleetOf(const std::vector<model::FleetView>& fleets,
                                model::FleetRole role) {
  for (const model::FleetView& fleet : fleets) {
    if (fleet.role == role)
      return &fleet;
  }
  return nullptr;
}

bool IsZero(const model::FleetView* fleet) {
  return fleet != nullptr && fleet->target > 0 && fleet->running == 0;
}
}  // namespace

model::ClusterHealth LookAtFleets(const std::vector<model::FleetView>& fleets) {
  if (IsZero(FleetOf(fleets, model::FleetRole::kMaster)))
    return model::ClusterHealth::kZeroMaster;
  if (IsZero(FleetOf(fleets, model::FleetRole::kCore)))
    return model::ClusterHealth::kZeroCore;
  return model::ClusterHealth::kOk;
}

std::optional<std::string> SuspendedNote(const std::vector<model::FleetView>& fleets) {
  for (const model::FleetView& fleet : fleets) {
    bool stopped = fleet.state == "SUSPENDED" || fleet.state == "ARRESTED";
    if (stopped && fleet.role != model::FleetRole::kTask && fleet.running > 0) {
      return base::Cat("the ",
                       ToString(fleet.role),
                       " fleet is ",
                       fleet.state,
                       " with ",
                       fleet.running,
                       " of ",
                       fleet.target,
                       fleet.running < fleet.target ? " nodes: EMR will not add the others"
                                                    : " nodes: EMR will not replace what it loses");
    }
  }
  return std::nullopt;
}

bool SpeaksOfInstanceFailure(std::string_view reason_code, std::string_view reason_message) {
  if (reason_code == "INSTANCE_FAILURE")
    return true;
  // Asked for every cluster at every turn of the watcher: no copy, and no look at short texts.
  constexpr std::string_view kWords = "instance failure";
  return reason_message.size() >= kWords.size() &&
         !std::ranges::search(reason_message, kWords, [](unsigned char a, unsigned char b) {
            return std::tolower(a) == b;
          }).empty();
}

std::string Describe(model::ClusterHealth health, const std::vector<model::FleetView>& fleets) {
  if (health == model::ClusterHealth::kOk)
    return "master and core nodes are running";
  model::FleetRole role = health == model::ClusterHealth::kZeroMaster ? model::FleetRole::kMaster
                                                                      : model::FleetRole::kCore;
  const model::FleetView* fleet = FleetOf(fleets, role);
  return base::Cat("no ",
                   ToString(role),
                   " node is running (target ",
                   fleet == nullptr ? 0 : fleet->target,
                   ")");
}

}  // namespace emr
