#include "dagfile/reach.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "dagfile/params.h"
#include "model/deadline_scope.h"
#include "model/work.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

namespace {

// The names of a limit's expression, as far as they are known before a run is triggered.
tmpl::Context NamesFor(const model::Dag& dag, const model::Job& job) {
  tmpl::Context known;
  json::object& values = known.values;
  values["dag_id"] = dag.id.str();
  values["job_id"] = job.id.str();
  values["run_id"] = nullptr;
  values["pool"] = job.pool.str();
  values["params"] = dag.params_open ? json::value(nullptr) : json::value(NullParams(dag));
  if (!job.lane.empty())
    values["lane"] = json::object{{"id", job.lane.str()}, {"params", job.lane_params}};
  if (job.map_over)
    values["item"] = nullptr;
  values["deployment"] = json::object{{"id", nullptr}};
  return known;
}

bool IsTagged(const model::Dag& dag, const std::string& tag) {
  return std::ranges::find(dag.tags, tag) != dag.tags.end();
}

// Of jobs that hold no slots none is counted.
bool Bounds(const model::JobLimit& limit, const model::Dag& dag) {
  if (!limit.tag.empty() && !IsTagged(dag, limit.tag))
    return false;
  return std::ranges::any_of(dag.jobs, [&](const model::Job& job) {
    return model::HoldsSlots(job.work) &&
           (limit.by.empty() || tmpl::CheckExpression(limit.by, NamesFor(dag, job)).empty());
  });
}

std::string NearTag(const std::string& tag, const std::vector<std::string>& tags) {
  const auto near = base::DidYouMean(tag, tags);
  return near ? Cat("; did you mean '", *near, "'?") : "";
}

std::string NearestTag(const std::vector<std::string>& wanted,
                       const std::vector<DagDraft>& drafts) {
  std::set<std::string> tags;
  for (const DagDraft& draft : drafts)
    tags.insert(draft.dag.tags.begin(), draft.dag.tags.end());
  for (const std::string& tag : wanted) {
    if (std::string near = NearTag(tag, {tags.begin(), tags.end()}); !near.empty())
      return near;
  }
  return "";
}

}  // namespace

void CheckLimitReach(std::vector<DagDraft>& drafts,
                     const Project& project,
                     yaml::Diagnostics* warnings) {
  const auto sentence = [](const model::JobLimit& limit, std::string_view whose) {
    return Cat("the limit '", ToString(limit), "' concerns no job of ", whose);
  };
  for (DagDraft& draft : drafts) {
    for (size_t i = 0; i < draft.dag.limits.size(); ++i) {
      const model::JobLimit& limit = draft.dag.limits[i];
      if (!Bounds(limit, draft.dag))
        draft.report->warnings.Add(
            draft.limit_marks[i],
            Cat(sentence(limit, "the DAG"), NearTag(limit.tag, draft.dag.tags)));
    }
  }
  for (size_t i = 0; i < project.job_limits.size(); ++i) {
    const model::JobLimit& limit = project.job_limits[i].limit;
    const bool bounds_some = std::ranges::any_of(
        drafts, [&](const DagDraft& draft) { return Bounds(limit, draft.dag); });
    if (!bounds_some && !drafts.empty())
      warnings->Add(project.limit_marks[i],
                    Cat(sentence(limit, "the project"), NearestTag({limit.tag}, drafts)));
  }
}

void CheckDeadlineReach(const std::vector<DagDraft>& drafts,
                        const std::vector<model::SharedDeadline>& deadlines,
                        const yaml::Node& root,
                        yaml::Diagnostics* warnings) {
  for (const model::SharedDeadline& deadline : deadlines) {
    const bool concerns_some = std::ranges::any_of(
        drafts, [&](const DagDraft& draft) { return Concerns(deadline, draft.dag); });
    if (!concerns_some && !drafts.empty())
      warnings->Add(MarkIn(root, "deadlines", deadline.name),
                    Cat("the deadline '",
                        deadline.name,
                        "' concerns no DAG of the project",
                        NearestTag(deadline.tags, drafts)));
  }
}

void CheckClosedPools(const std::vector<DagDraft>& drafts,
                      const std::vector<model::PoolRow>& pools,
                      const yaml::Node& root,
                      yaml::Diagnostics* warnings) {
  for (const model::PoolRow& pool : pools) {
    int64_t jobs = 0;
    for (const DagDraft& draft : drafts)
      jobs += std::ranges::count_if(draft.dag.jobs, [&](const model::Job& job) {
        return model::HoldsSlots(job.work) && job.pool == pool.id;
      });
    if (pool.slots == 0 && jobs > 0)
      warnings->Add(MarkIn(root, "pools", pool.id.str()),
                    Cat("the pool '",
                        pool.id.str(),
                        "' has 0 slots, and ",
                        jobs,
                        jobs == 1 ? " job is in it: it does not start"
                                  : " jobs are in it: none of them starts"));
  }
}

yaml::Mark MarkIn(const yaml::Node& root, std::string_view section, std::string_view key) {
  const yaml::Node* members = root.Find(section);
  if (members != nullptr) {
    for (const yaml::Member& member : members->members()) {
      if (member.key == key)
        return member.key_mark;
    }
  }
  return root.mark();  // it comes from the environment
}

}  // namespace dagfile
