#include "engine/branch.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/context.h"
#include "engine/groups.h"
#include "model/select.h"

namespace engine {

namespace {

constexpr std::string_view kKey = "skipmixin_key";

bool Names(const json::object& decision, std::string_view list, const model::Job& job) {
  const json::array names = base::GetArray(decision, list);
  return std::ranges::any_of(names, [&](const json::value& name) {
    return name.is_string() && model::IsCalled(job, name.get_string());
  });
}

// What a job has decided of those after it; empty: nothing.
json::object DecisionOf(const JobInstance& job) {
  const model::CommandWork* command = model::CommandOf(*job.def);
  const model::OutputsRow* row = command == nullptr || !command->airflow ? nullptr : OutputsOf(job);
  if (row == nullptr || row->outputs.find(kKey) == std::string::npos)
    return {};
  const auto outputs = base::ParseJson(row->outputs);
  return outputs && outputs->is_object() ? base::GetObject(outputs->get_object(), kKey)
                                         : json::object();
}

}  // namespace

std::string SkippedByBranch(const Run& run, const JobInstance& job) {
  for (const int up : job.def->upstream) {
    const json::object decision = DecisionOf(InstanceOf(run, up));
    if (decision.empty() || !IsEnded(EndSeenBy(run, up, job.index)))
      continue;
    const bool skips = decision.contains("followed") ? !Names(decision, "followed", *job.def)
                                                     : Names(decision, "skipped", *job.def);
    if (skips)
      return base::Cat("'", InstanceOf(run, up).def->id.str(), "' has taken another branch");
  }
  return "";
}

}  // namespace engine
