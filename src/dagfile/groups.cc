#include "dagfile/groups.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "dagfile/ids.h"
#include "dagfile/policy.h"
#include "model/units.h"

namespace dagfile {

using base::Cat;
using model::IsWithin;

namespace {

constexpr int kDeepest = 16;

void ReadGroup(const yaml::Member& member, const Surroundings& around, DagDraft* draft) {
  yaml::Diagnostics* errors = &draft->report->errors;
  GroupDraft group;
  group.mark = member.key_mark;
  group.path = around.group.empty() ? member.key : Cat(around.group, ".", member.key);
  if (!IsJobId(member.key))
    errors->Add(member.key_mark,
                Cat("'",
                    member.key,
                    "' is no group id: a letter, then letters, digits, '_' and "
                    "'-', as of a job"));
  if (std::count(group.path.begin(), group.path.end(), '.') >= kDeepest) {
    errors->Add(member.key_mark, Cat("groups may be nested ", kDeepest, " deep"));
    return;
  }
  yaml::MapReader reader(member.value, Cat("the group '", member.key, "'"), errors);
  if (!reader.is_map())
    return;
  group.settings.tooltip = reader.Optional<std::string>("tooltip").value_or("");
  ReadGroupRetries(reader, group.settings);
  Surroundings inside{around.has_lanes, group.path, around.defaults};
  if (auto defaults = reader.Optional<yaml::Node>("default_args")) {
    yaml::MapReader map(*defaults, "'default_args'", errors);
    inside.defaults = Merge(ReadPolicy(map, errors), around.defaults);
    RefuseJobsOwnKeys(map);
    NotYet(map);
    map.Finish();
  }
  if (auto references = reader.Optional<yaml::Node>("depends_on"))
    group.references = ReadReferences(*references, errors);
  draft->groups.push_back(std::move(group));
  const size_t jobs_before = draft->jobs.size();
  if (auto tasks = reader.Optional<yaml::Node>("tasks"))
    ReadTasks(*tasks, inside, draft);
  if (auto groups = reader.Optional<yaml::Node>("groups"))
    ReadGroups(*groups, inside, draft);
  NotYet(reader);
  reader.Later({"map_over", "lanes", "when", "trigger_rule"});
  reader.Finish();
  if (draft->jobs.size() == jobs_before)
    errors->Add(member.key_mark,
                Cat("the group '", member.key, "' has no jobs; give it 'tasks', or remove it"));
}

// Jobs and groups by name, and what a group stands for.
class Expander {
 public:
  explicit Expander(DagDraft& draft) : draft_(draft) {
    for (const JobDraft& job : draft.jobs)
      groups_of_.emplace(job.id.str(), job.settings.group);
    for (const GroupDraft& group : draft.groups)
      groups_.insert(group.path);
  }

  void Run() {
    PushDown();
    for (JobDraft& job : draft_.jobs) {
      job.references = Expand(std::move(job.references), job.settings.group);
      job.setups = Expand(std::move(job.setups), job.settings.group);
    }
  }

 private:
  bool IsGroup(const Reference& reference) const {
    return !reference.dag && groups_.contains(reference.job.str());
  }

  // Whether a job of the group waits for a job or a group within it.
  bool WaitsWithin(const JobDraft& job, std::string_view path) const {
    const auto is_within = [&](const Reference& reference) {
      if (reference.dag)
        return false;
      const auto of = groups_of_.find(reference.job.str());
      return IsWithin(of == groups_of_.end() ? reference.job.str() : of->second, path);
    };
    return std::any_of(job.references.begin(), job.references.end(), is_within) ||
           std::any_of(job.setups.begin(), job.setups.end(), is_within);
  }

  // A group's own depends_on is that of the jobs with which it begins; inner groups come first, for
  // what they wait for may be in the outer one.
  void PushDown() {
    for (size_t i = draft_.groups.size(); i-- > 0;) {
      const GroupDraft& group = draft_.groups[i];
      if (group.references.empty())
        continue;
      for (JobDraft& job : draft_.jobs) {
        if (IsWithin(job.settings.group, group.path) && !WaitsWithin(job, group.path))
          job.references.insert(
              job.references.end(), group.references.begin(), group.references.end());
      }
    }
  }

  // The jobs with which it ends: no other job of the group waits for them. Teardowns do not count,
  // as in Airflow: what follows the group does not wait for them.
  const std::vector<model::JobId>& LeavesOf(const std::string& path) {
    auto [found, is_new] = leaves_.try_emplace(path);
    if (!is_new)
      return found->second;
    std::set<std::string> waited_for;
    std::vector<const JobDraft*> members;
    for (const JobDraft& job : draft_.jobs) {
      if (!IsWithin(job.settings.group, path) || job.settings.role == model::Role::kTeardown)
        continue;
      members.push_back(&job);
      for (const Reference& reference : job.references)
        AddWaitedFor(reference, path, waited_for);
    }
    std::vector<model::JobId>& leaves = leaves_[path];
    for (const JobDraft* job : members) {
      if (!waited_for.contains(job->id.str()))
        leaves.push_back(job->id);
    }
    return leaves;
  }

  void AddWaitedFor(const Reference& reference,
                    const std::string& path,
                    std::set<std::string>& waited_for) {
    if (reference.dag)
      return;
    if (!IsGroup(reference)) {
      waited_for.insert(reference.job.str());
    } else if (reference.job.str() != path && IsWithin(reference.job.str(), path)) {
      for (const model::JobId& leaf : LeavesOf(reference.job.str()))
        waited_for.insert(leaf.str());
    }
  }

  std::vector<Reference> Expand(std::vector<Reference> references, const std::string& inside) {
    std::vector<Reference> out;
    for (Reference& reference : references) {
      if (!IsGroup(reference)) {
        out.push_back(std::move(reference));
        continue;
      }
      if (IsWithin(inside, reference.job.str())) {
        draft_.report->errors.Add(
            reference.mark,
            Cat("a job in the group '", reference.text, "' cannot wait for the whole group"));
        continue;
      }
      for (const model::JobId& leaf : LeavesOf(reference.job.str())) {
        out.push_back(reference);
        out.back().job = leaf;
      }
    }
    return out;
  }

  DagDraft& draft_;
  std::map<std::string, std::string> groups_of_;  // by job
  std::set<std::string> groups_;
  std::map<std::string, std::vector<model::JobId>> leaves_;
};

// One name means one thing; the first keeps it.
void DropDuplicates(DagDraft& draft) {
  std::map<std::string, int> lines;
  const auto is_taken = [&](const std::string& name, yaml::Mark mark, std::string_view what) {
    auto [first, is_new] = lines.emplace(name, mark.line);
    if (!is_new)
      draft.report->errors.Add(
          mark, Cat("the ", what, " '", name, "' is there twice; first at line ", first->second));
    return !is_new;
  };
  std::erase_if(draft.jobs,
                [&](const JobDraft& job) { return is_taken(job.id.str(), job.mark, "job id"); });
  std::erase_if(draft.groups, [&](const GroupDraft& group) {
    return is_taken(group.path, group.mark, "name of a group");
  });
}

}  // namespace

bool ReadTasks(const yaml::Node& tasks, const Surroundings& around, DagDraft* draft) {
  if (!tasks.is_map() || tasks.members().empty()) {
    draft->report->errors.Add(tasks.mark(), "'tasks': expected a map of at least one job");
    return false;
  }
  for (const yaml::Member& member : tasks.members())
    draft->jobs.push_back(ReadJob(member, around, &draft->report->errors));
  return true;
}

bool ReadGroups(const yaml::Node& groups, const Surroundings& around, DagDraft* draft) {
  if (!groups.is_map() || groups.members().empty()) {
    draft->report->errors.Add(groups.mark(), "'groups': expected a map of at least one group");
    return false;
  }
  for (const yaml::Member& member : groups.members())
    ReadGroup(member, around, draft);
  return true;
}

void ExpandGroups(DagDraft* draft) {
  DropDuplicates(*draft);
  for (const GroupDraft& group : draft->groups) {
    draft->dag.groups.push_back(group.settings);
    draft->dag.groups.back().path = group.path;
  }
  if (!draft->groups.empty())
    Expander(*draft).Run();
}

namespace {

// Its jobs of one lane are tried again together: a job without lanes belongs to all of them.
void CheckLanes(DagDraft& draft, const GroupDraft& group) {
  const auto of_group = [&](bool laned) {
    return std::ranges::find_if(draft.jobs, [&](const JobDraft& job) {
      return job.laned == laned && IsWithin(job.settings.group, group.path);
    });
  };
  const auto with = of_group(true), without = of_group(false);
  if (with != draft.jobs.end() && without != draft.jobs.end())
    draft.report->errors.Add(without->mark,
                             Cat("the group '",
                                 group.path,
                                 "' has retries, which are for each lane by itself: take '",
                                 without->id.str(),
                                 "', which has no lanes, out of it, for '",
                                 with->id.str(),
                                 "' has lanes"));
}

// A teardown that runs again needs its setup again.
void CheckTeardowns(DagDraft& draft, const GroupDraft& group) {
  for (const JobDraft& job : draft.jobs) {
    if (job.settings.role != model::Role::kTeardown || !IsWithin(job.settings.group, group.path) ||
        draft.InstanceCount(job) == 0)
      continue;
    for (int up : draft.dag.jobs[job.first].upstream) {
      const model::Job& setup = draft.dag.jobs[static_cast<size_t>(up)];
      if (setup.role != model::Role::kSetup || IsWithin(setup.group, group.path))
        continue;
      draft.report->errors.Add(job.mark,
                               Cat("the group '",
                                   group.path,
                                   "' has retries, and its teardown '",
                                   job.id.str(),
                                   "' would run again without its setup '",
                                   setup.id.str(),
                                   "': move that into the group, or the teardown out of it"));
      break;
    }
  }
}

}  // namespace

void CheckGroups(DagDraft& draft) {
  for (const GroupDraft& group : draft.groups) {
    if (group.settings.retries == 0)
      continue;
    CheckLanes(draft, group);
    CheckTeardowns(draft, group);
  }
}

}  // namespace dagfile
