#include "emr/request.h"

#include "base/text.h"
#include "wire/emr_shapes.h"

namespace emr {

json::object BuildRunJobFlow(json::object request, const LaunchIdentity& id) {
  request["Name"] = ClusterName(id);
  json::value& instances = request["Instances"];
  if (!instances.is_object())
    instances = json::object();
  instances.get_object()["KeepJobFlowAliveWhenNoSteps"] = false;

  const model::JobKey& job = id.attempt.job;
  json::value& tags = request["Tags"];
  if (!tags.is_array())
    tags = json::array();
  for (const auto& [key, value] :
       {std::pair<std::string_view, std::string>{"signalbox:deployment", id.deployment},
        {"signalbox:incarnation", id.incarnation},
        {"signalbox:token", id.token.str()},
        {"signalbox:dag", job.run.dag.str()},
        {"signalbox:run", job.run.run.str()},
        {"signalbox:job", model::DisplayName(job.job, job.lane)},
        {"signalbox:try", base::Cat(id.attempt.n)}})
    tags.get_array().push_back(json::object{{"Key", key}, {"Value", value}});
  json::value whole(std::move(request));
  wire::WriteScalarsAsTexts(wire::kRunJobFlowInput, whole);
  return std::move(whole.get_object());
}

}  // namespace emr
