#include "base/text.h"
#include "model/ids.h"

namespace model {

std::string DisplayName(const JobId& job, const LaneId& lane) {
  return lane.empty() ? job.str() : base::Cat(job.str(), "_", lane.str());
}

std::string ToString(const RunKey& key) {
  return base::Cat(key.dag.str(), "/", key.run.str());
}

std::string ToString(const JobKey& key) {
  return base::Cat(ToString(key.run), "/", DisplayName(key.job, key.lane));
}

}  // namespace model
