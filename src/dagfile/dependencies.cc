// References → edges between instances, and cross-DAG dependencies.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "dagfile/draft.h"

namespace dagfile {

using base::Cat;

namespace {

class Resolver {
 public:
  Resolver(std::vector<DagDraft>& drafts, const ResolveOptions& options);

  void Resolve(size_t dag);

 private:
  using JobIndex = std::map<std::string, size_t, std::less<>>;

  void ResolveInside(size_t dag, const JobDraft& job, const Reference& reference);
  void ResolveSetup(size_t dag, const JobDraft& teardown, const Reference& reference);
  void ResolveAcross(size_t dag, const JobDraft& job, const Reference& reference);
  const JobDraft* FindJob(size_t dag, const Reference& reference, yaml::Diagnostics& errors);
  // The instances of `upstream` that instance `i` of `job` waits for; nothing after an error.
  std::vector<size_t> Pick(const DagDraft& up_dag,
                           const JobDraft& upstream,
                           const Reference& reference,
                           std::optional<size_t> same_lane,
                           yaml::Diagnostics& errors);
  static void WarnOfNoSchedule(DagDraft& draft, const DagDraft& up_dag, const Reference& reference);
  void WaitForRun(DagDraft& draft,
                  const JobDraft& job,
                  const Reference& reference,
                  size_t upstream);
  void WaitByName(DagDraft& draft, const JobDraft& job, const Reference& reference);
  void AddCross(const DagDraft& up_dag,
                const JobDraft& upstream,
                const Reference& reference,
                model::Job* instance);

  std::vector<DagDraft>& drafts_;
  const ResolveOptions& options_;
  std::map<std::string, size_t, std::less<>> dags_;
  std::vector<JobIndex> jobs_;  // beside drafts_
};

Resolver::Resolver(std::vector<DagDraft>& drafts, const ResolveOptions& options)
    : drafts_(drafts), options_(options) {
  for (size_t i = 0; i < drafts.size(); ++i) {
    dags_.emplace(drafts[i].dag.id.str(), i);
    JobIndex& index = jobs_.emplace_back();
    for (size_t j = 0; j < drafts[i].jobs.size(); ++j)
      index.emplace(drafts[i].jobs[j].id.str(), j);
  }
}

void Resolver::Resolve(size_t dag) {
  DagDraft& draft = drafts_[dag];
  draft.edges.resize(draft.dag.jobs.size());
  for (const JobDraft& job : draft.jobs) {
    for (const Reference& reference : job.references) {
      if (!reference.dag)
        ResolveInside(dag, job, reference);
      else if (*reference.dag == draft.dag.id && reference.job.empty())
        draft.report->errors.Add(
            reference.mark,
            Cat("'", reference.text, "' is this very DAG; depends_on_past waits for its runs"));
      else if (*reference.dag == draft.dag.id)
        draft.report->errors.Add(reference.mark,
                                 Cat("'",
                                     reference.text,
                                     "' is in this very DAG; write '",
                                     reference.text.substr(reference.text.find('/') + 1),
                                     "'"));
      else
        ResolveAcross(dag, job, reference);
    }
  }
  for (const JobDraft& job : draft.jobs)
    for (const Reference& setup : job.setups)
      ResolveSetup(dag, job, setup);
  for (size_t i = 0; i < draft.edges.size(); ++i) {
    std::vector<int>& upstream = draft.dag.jobs[i].upstream;
    for (const Edge& edge : draft.edges[i])
      if (edge.dag == dag)
        upstream.push_back(static_cast<int>(edge.job));
    std::sort(upstream.begin(), upstream.end());
    upstream.erase(std::unique(upstream.begin(), upstream.end()), upstream.end());
  }
  FindScopes(draft);
  CheckConditions(draft);
  CheckMappings(draft);
}

// A teardown waits for its setups; naming a job so makes it one.
void Resolver::ResolveSetup(size_t dag, const JobDraft& teardown, const Reference& reference) {
  DagDraft& draft = drafts_[dag];
  const JobDraft* setup = reference.dag ? nullptr : FindJob(dag, reference, draft.report->errors);
  if (setup == nullptr)
    return;
  if (setup->settings.role == model::Role::kTeardown) {
    draft.report->errors.Add(reference.mark,
                             Cat("'", reference.text, "' is a teardown itself, not a setup"));
    return;
  }
  ResolveInside(dag, teardown, reference);
  for (size_t i = 0; i < draft.InstanceCount(*setup); ++i)
    draft.dag.jobs[setup->first + i].role = model::Role::kSetup;
}

const JobDraft* Resolver::FindJob(size_t dag,
                                  const Reference& reference,
                                  yaml::Diagnostics& errors) {
  const DagDraft& draft = drafts_[dag];
  auto found = jobs_[dag].find(reference.job.str());
  if (found != jobs_[dag].end())
    return &draft.jobs[found->second];
  if (!draft.jobs_known)
    return nullptr;  // why there are none has been told
  std::vector<std::string> names;
  for (const JobDraft& job : draft.jobs)
    names.push_back(job.id.str());
  if (!reference.dag)
    for (const GroupDraft& group : draft.groups)
      names.push_back(group.path);
  std::optional<std::string> near = base::DidYouMean(reference.job.str(), names);
  for (const JobDraft& job : draft.jobs)
    if (std::ranges::find(job.formerly, reference.job) != job.formerly.end())
      near = job.id.str();
  errors.Add(reference.mark,
             Cat("there is no job '",
                 reference.job.str(),
                 "' in ",
                 reference.dag ? Cat("the DAG '", reference.dag->str(), "'") : "this DAG",
                 near ? Cat("; did you mean '", *near, "'?") : ""));
  return nullptr;
}

std::vector<size_t> Resolver::Pick(const DagDraft& up_dag,
                                   const JobDraft& upstream,
                                   const Reference& reference,
                                   std::optional<size_t> same_lane,
                                   yaml::Diagnostics& errors) {
  if (!upstream.laned) {
    if (reference.lanes == Reference::Lanes::kSame)
      return {upstream.first};
    errors.Add(reference.mark,
               Cat("'",
                   upstream.id.str(),
                   "' has no lanes; write '",
                   reference.text.substr(0, reference.text.find('[')),
                   "'"));
    return {};
  }
  if (reference.lanes == Reference::Lanes::kOne) {
    if (auto lane = up_dag.FindLane(reference.lane))
      return {upstream.first + *lane};
    std::vector<std::string> names;
    for (const LaneDraft& lane : up_dag.lanes)
      names.push_back(lane.id.str());
    errors.Add(
        reference.mark,
        Cat("there is no lane '", reference.lane.str(), "'; there are ", base::Join(names, ", ")));
    return {};
  }
  if (reference.lanes == Reference::Lanes::kSame && same_lane)
    return {upstream.first + *same_lane};
  std::vector<size_t> all;
  for (size_t i = 0; i < up_dag.lanes.size(); ++i)
    all.push_back(upstream.first + i);
  return all;
}

void Resolver::ResolveInside(size_t dag, const JobDraft& job, const Reference& reference) {
  DagDraft& draft = drafts_[dag];
  yaml::Diagnostics& errors = draft.report->errors;
  const JobDraft* upstream = FindJob(dag, reference, errors);
  if (upstream == nullptr)
    return;
  if (upstream->laned && !job.laned && reference.lanes == Reference::Lanes::kSame) {
    errors.Add(reference.mark,
               Cat("'",
                   job.id.str(),
                   "' has no lane and '",
                   reference.text,
                   "' has ",
                   draft.lanes.size(),
                   "; write '",
                   reference.text,
                   "[*]' for all of them or '",
                   reference.text,
                   "[",
                   draft.lanes[0].id.str(),
                   "]' for one"));
    return;
  }
  for (size_t i = 0; i < draft.InstanceCount(job); ++i)
    for (size_t up : Pick(draft, *upstream, reference, i, errors))
      draft.edges[job.first + i].push_back({.dag = dag, .job = up, .mark = reference.mark});
}

void Resolver::ResolveAcross(size_t dag, const JobDraft& job, const Reference& reference) {
  DagDraft& draft = drafts_[dag];
  yaml::Diagnostics& errors = draft.report->errors;
  auto found = dags_.find(reference.dag->str());
  if (found == dags_.end()) {
    std::string message = NoSuchDag(drafts_, reference.dag->str());
    if (options_.all_readable)
      errors.Add(reference.mark, std::move(message));
    else
      draft.report->warnings.Add(reference.mark,
                                 Cat(message, " (as far as its files can be read)"));
    WaitByName(draft, job, reference);
    return;
  }
  const DagDraft& up_dag = drafts_[found->second];
  if (reference.job.empty()) {
    WaitForRun(draft, job, reference, found->second);
    return;
  }
  const JobDraft* upstream = FindJob(found->second, reference, errors);
  if (upstream == nullptr) {
    if (!up_dag.jobs_known)
      WaitByName(draft, job, reference);
    return;
  }
  WarnOfNoSchedule(draft, up_dag, reference);
  for (size_t i = 0; i < draft.InstanceCount(job); ++i) {
    model::Job& instance = draft.dag.jobs[job.first + i];
    auto same_lane = up_dag.FindLane(instance.lane);
    auto picked = Pick(up_dag, *upstream, reference, same_lane, errors);
    if (picked.empty())
      return;
    for (size_t up : picked)
      draft.edges[job.first + i].push_back(
          {.dag = found->second, .job = up, .mark = reference.mark});
    AddCross(up_dag, *upstream, reference, &instance);
  }
}

void Resolver::WarnOfNoSchedule(DagDraft& draft,
                                const DagDraft& up_dag,
                                const Reference& reference) {
  const bool is_latest =
      reference.window.value_or(model::Window::kLatestDue) == model::Window::kLatestDue;
  if (up_dag.dag.schedule.cron.empty() && is_latest)
    draft.report->warnings.Add(reference.mark,
                               Cat("the DAG '",
                                   reference.dag->str(),
                                   "' has no schedule: this waits until someone triggers it"));
}

// For the cycles, a run is all its jobs.
void Resolver::WaitForRun(DagDraft& draft,
                          const JobDraft& job,
                          const Reference& reference,
                          size_t upstream) {
  const DagDraft& up_dag = drafts_[upstream];
  WarnOfNoSchedule(draft, up_dag, reference);
  for (size_t i = 0; i < draft.InstanceCount(job); ++i) {
    for (size_t up = 0; up < up_dag.dag.jobs.size(); ++up)
      draft.edges[job.first + i].push_back({.dag = upstream, .job = up, .mark = reference.mark});
    AddCross(up_dag, JobDraft(), reference, &draft.dag.jobs[job.first + i]);
  }
}

// A file that cannot be read must not make others run without their input: its last good version
// may be at work.
void Resolver::WaitByName(DagDraft& draft, const JobDraft& job, const Reference& reference) {
  if (reference.lanes == Reference::Lanes::kAll) {
    draft.broken = true;  // which lanes they are is not known
    return;
  }
  const DagDraft unknown{};
  for (size_t i = 0; i < draft.InstanceCount(job); ++i)
    AddCross(unknown, JobDraft(), reference, &draft.dag.jobs[job.first + i]);
}

void Resolver::AddCross(const DagDraft& up_dag,
                        const JobDraft& upstream,
                        const Reference& reference,
                        model::Job* instance) {
  model::CrossDependency cross{.dag = *reference.dag,
                               .job = reference.job,
                               .lane = std::nullopt,
                               .window = reference.window.value_or(model::Window::kLatestDue),
                               .missing = reference.missing,
                               .rule = reference.rule,
                               .ends_job = reference.ends_job,
                               .within = reference.within,
                               .offset = reference.offset,
                               .intervals_back = reference.intervals_back};
  auto add = [&] {
    if (std::find(instance->cross.begin(), instance->cross.end(), cross) == instance->cross.end())
      instance->cross.push_back(cross);
  };
  // No lane means the same lane where both have it, so that "all" must name each of them; but a
  // rule judges them together.
  cross.all_lanes = reference.lanes == Reference::Lanes::kAll && cross.IsRuled();
  if (!cross.all_lanes && reference.lanes == Reference::Lanes::kAll && upstream.laned) {
    for (const LaneDraft& lane : up_dag.lanes) {
      cross.lane = lane.id;
      add();
    }
    return;
  }
  if (reference.lanes == Reference::Lanes::kOne)
    cross.lane = reference.lane;
  add();
}

}  // namespace

void ResolveReferences(std::vector<DagDraft>& drafts, const ResolveOptions& options) {
  Resolver resolver(drafts, options);
  for (size_t i = 0; i < drafts.size(); ++i)
    resolver.Resolve(i);
}

std::string NoSuchDag(const std::vector<DagDraft>& drafts, const std::string& dag) {
  std::vector<std::string> names;
  std::optional<std::string> renamed;
  for (const DagDraft& each : drafts) {
    if (!each.dag.id.empty())
      names.push_back(each.dag.id.str());
    if (std::ranges::find(each.dag.formerly, model::DagId(dag)) != each.dag.formerly.end())
      renamed = each.dag.id.str();
  }
  std::ranges::sort(names);
  const auto near = renamed ? renamed : base::DidYouMean(dag, names);
  return Cat("there is no DAG '",
             dag,
             "' in this project",
             near ? Cat("; did you mean '", *near, "'?") : "");
}

}  // namespace dagfile
