#include "api/job_names.h"

#include <charconv>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kLongestTaskId = 250;  // as in Airflow

}  // namespace

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

base::Result<bool> ReadFlag(const json::object& body, std::string_view name, bool otherwise) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null())
    return otherwise;
  if (!value->is_bool())
    return Invalid(base::Cat("'", name, "' must be true or false"));
  return value->get_bool();
}

base::Result<std::shared_ptr<const model::Dag>> DagOf(const Reading& reading,
                                                      const model::RunKey& run) {
  ASSIGN_OR_RETURN(model::RunRow row, reading.rows.Run(run));
  return reading.Dag(row.version);
}

JobNames::JobNames(const model::Dag& dag, const model::RunKey& run) {
  for (const model::Job& job : dag.jobs) {
    const model::JobKey key{run, job.id, job.lane};
    const std::string shown = model::DisplayName(job.id, job.lane);
    named_[shown] = {key};
    for (size_t task = 0; task < TaskIds(job).size(); ++task)
      named_[TaskDisplayId(job, static_cast<int>(task))] = {key};
    in_lanes_[job.id.str()].push_back(key);
    shown_.push_back(shown);
    if (job.map_over)
      mapped_.insert(job.id);
    for (std::string group = job.group; !group.empty();) {
      in_groups_[group].push_back(key);
      const size_t dot = group.rfind('.');
      group.resize(dot == std::string::npos ? 0 : dot);
    }
  }
  for (const model::Group& group : dag.groups)
    shown_.push_back(group.path);
}

base::Result<std::vector<model::JobKey>> JobNames::Find(std::string_view task_id) const {
  if (task_id.size() > kLongestTaskId)
    return Invalid(base::Cat("'",
                             base::Excerpt(task_id),
                             "' is no task: a task_id has at most ",
                             kLongestTaskId,
                             " characters"));
  if (const size_t bracket = task_id.find('['); bracket != std::string_view::npos)
    return FindInstance(task_id, bracket);
  for (const auto* names : {&named_, &in_lanes_, &in_groups_}) {
    if (auto found = names->find(task_id); found != names->end())
      return found->second;
  }
  auto near = base::DidYouMean(task_id, shown_);
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("the run has no task, job or group '",
                              base::Excerpt(task_id),
                              "'",
                              near ? base::Cat("; did you mean '", *near, "'?") : ""));
}

base::Result<std::vector<model::JobKey>> JobNames::FindInstance(std::string_view task_id,
                                                                size_t bracket) const {
  const size_t end = task_id.find(']', bracket);
  int index = -1;
  if (end != std::string_view::npos) {
    const char* first = task_id.data() + bracket + 1;
    const auto read = std::from_chars(first, task_id.data() + end, index);
    if (read.ec != std::errc() || read.ptr != task_id.data() + end)
      index = -1;
  }
  if (index < 0)
    return Invalid(
        base::Cat("'", base::Excerpt(task_id), "' is no instance: expected JOB[NUMBER]"));
  ASSIGN_OR_RETURN(auto keys, Find(base::Cat(task_id.substr(0, bracket), task_id.substr(end + 1))));
  for (model::JobKey& key : keys) {
    if (!mapped_.contains(key.job))
      return Invalid(base::Cat("the job '", key.job.str(), "' is not mapped: it has no instances"));
    key.index = index;
  }
  return keys;
}

std::string InstanceName(std::string_view task_id, int64_t map_index) {
  return map_index < 0 ? std::string(task_id) : base::Cat(task_id, "[", map_index, "]");
}

}  // namespace api
