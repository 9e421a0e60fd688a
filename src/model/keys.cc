#include "base/text.h"
#include "model/ids.h"
#include "model/rows.h"

namespace model {

std::string DisplayName(const JobId& job, const LaneId& lane, int index) {
  const std::string name = lane.empty() ? job.str() : base::Cat(job.str(), "_", lane.str());
  return index < 0 ? name : base::Cat(name, "[", index, "]");
}

std::string DisplayName(const JobKey& key) {
  return DisplayName(key.job, key.lane, key.index);
}

std::string DisplayName(const GroupKey& key) {
  return key.lane.empty() ? key.group : base::Cat(key.group, " in lane ", key.lane.str());
}

RunId NameOfDeleted(const RunId& run, int64_t number) {
  return RunId(base::Cat(run.str(), " (deleted ", number, ")"));
}

std::string ToString(const RunKey& key) {
  return base::Cat(key.dag.str(), "/", key.run.str());
}

std::string ToString(const JobKey& key) {
  return base::Cat(ToString(key.run), "/", DisplayName(key));
}

}  // namespace model
