#include "dagfile/former_names.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace dagfile {

namespace {

using base::Cat;

// Of a job in one lane: each of its names with each of the lane's, but not the present pair.
std::vector<model::JobName> NamesOf(const JobDraft& job, const LaneDraft* lane) {
  std::vector<model::JobId> jobs = {job.id};
  jobs.insert(jobs.end(), job.formerly.begin(), job.formerly.end());
  std::vector<model::LaneId> lanes = {lane == nullptr ? model::LaneId() : lane->id};
  if (lane != nullptr)
    lanes.insert(lanes.end(), lane->formerly.begin(), lane->formerly.end());
  std::vector<model::JobName> names;
  for (const model::JobId& id : jobs) {
    for (const model::LaneId& of : lanes)
      names.push_back({id, of});
  }
  names.erase(names.begin());
  return names;
}

}  // namespace

std::vector<std::string> ReadFormerNames(yaml::MapReader& reader,
                                         std::string_view present,
                                         bool (*is_id)(std::string_view),
                                         yaml::Diagnostics* errors) {
  const auto node = reader.Optional<yaml::Node>("formerly");
  if (!node)
    return {};
  std::vector<std::string> names;
  const std::vector<yaml::Node> alone = {*node};
  for (const yaml::Node& each : node->is_sequence() ? node->items() : alone) {
    const auto name = yaml::Read<std::string>(each, "'formerly'", errors);
    if (!name)
      continue;
    if (!is_id(*name))
      errors->Add(each.mark(), Cat("'", *name, "' is no such id, and cannot have been one"));
    else if (*name == present)
      errors->Add(each.mark(), Cat("'", *name, "' is its name now; 'formerly' has older ones"));
    else if (std::ranges::find(names, *name) == names.end())
      names.push_back(*name);
  }
  return names;
}

void NameFormerJobs(DagDraft& draft) {
  std::map<model::JobName, const JobDraft*> present, former;
  const auto for_each = [&](auto&& call) {
    for (const JobDraft& job : draft.jobs) {
      for (size_t i = 0; i < draft.InstanceCount(job); ++i)
        call(job, job.laned ? &draft.lanes[i] : nullptr, draft.dag.jobs[job.first + i]);
    }
  };
  for_each([&](const JobDraft& job, const LaneDraft*, const model::Job& instance) {
    present.emplace(model::JobName{instance.id, instance.lane}, &job);
  });
  for_each([&](const JobDraft& job, const LaneDraft* lane, model::Job& instance) {
    instance.formerly = NamesOf(job, lane);
    for (const model::JobName& name : instance.formerly) {
      const auto now = present.find(name);
      const auto [first, is_new] = former.emplace(name, &job);
      const JobDraft* other = now != present.end() ? now->second : is_new ? nullptr : first->second;
      if (other == nullptr)
        continue;
      draft.report->errors.Add(
          job.mark,
          Cat("'",
              DisplayName(instance.id, instance.lane),
              "' cannot have been called '",
              DisplayName(name.job, name.lane),
              "': ",
              now != present.end() ? "there is such a job now"
                                   : Cat("'", other->id.str(), "' says so too"),
              "; correct 'formerly'"));
    }
  });
}

void CheckFormerDags(std::vector<DagDraft>& drafts) {
  std::map<model::DagId, const DagDraft*> present, former;
  for (const DagDraft& draft : drafts)
    present.emplace(draft.dag.id, &draft);
  for (DagDraft& draft : drafts) {
    for (const model::DagId& name : draft.dag.formerly) {
      const auto now = present.find(name);
      const auto [first, is_new] = former.emplace(name, &draft);
      const DagDraft* other = now != present.end() ? now->second : is_new ? nullptr : first->second;
      if (other != nullptr)
        draft.report->errors.Add(draft.formerly_mark,
                                 Cat("'",
                                     draft.dag.id.str(),
                                     "' cannot have been called '",
                                     name.str(),
                                     "': ",
                                     other->dag.fileloc,
                                     now != present.end() ? " has such a DAG now" : " says so too",
                                     "; correct 'formerly'"));
    }
  }
}

}  // namespace dagfile
