#pragma once

// What the bodies of actions name: jobs of a run, and flags.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/reading.h"
#include "base/json.h"
#include "base/result.h"
#include "model/dag.h"

namespace api {

tl::unexpected<base::Error> Invalid(std::string message);  // 400
base::Result<bool> ReadFlag(const json::object& body, std::string_view name, bool otherwise);

// The DAG version that the run is pinned to.
base::Result<std::shared_ptr<const model::Dag>> DagOf(const Reading& reading,
                                                      const model::RunKey& run);

// What names the jobs of a run: "labeling_1.start_cluster", "labeling_1" and "publish" one;
// "labeling" the job in every lane, "features.daily" the jobs of a group; "training_2[7]" and
// "training_2.start_cluster[7]" an instance of a mapped job. Made once for all names of a request.
class JobNames {
 public:
  JobNames(const model::Dag& dag, const model::RunKey& run);
  base::Result<std::vector<model::JobKey>> Find(std::string_view task_id) const;

 private:
  using Jobs = std::map<std::string, std::vector<model::JobKey>, std::less<>>;

  base::Result<std::vector<model::JobKey>> FindInstance(std::string_view task_id,
                                                        size_t bracket) const;

  Jobs named_, in_lanes_, in_groups_;
  std::vector<std::string> shown_;
  std::set<model::JobId> mapped_;
};

// "training_2[7]": how JobNames knows what Airflow names by a task and a map_index.
std::string InstanceName(std::string_view task_id, int64_t map_index);

}  // namespace api
