// How many jobs and dependencies the lanes of a DAG make, counted before any of them is written
// out: a file of some kilobytes may mean millions of jobs.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "dagfile/draft.h"

namespace dagfile {

using base::Cat;

namespace {

// All jobs of one lane waiting for all of another's makes lanes * lanes dependencies.
constexpr size_t kDependenciesPerJob = 20;
// Each job of a lane has its lane's params.
constexpr size_t kParamsBytesMax = 64 << 20;

class Counter {
 public:
  explicit Counter(const std::vector<DagDraft>& drafts) {
    for (const DagDraft& draft : drafts)
      dags_.emplace(draft.dag.id.str(), &draft);
  }

  static size_t JobsOf(const DagDraft& draft) {
    size_t jobs = 0;
    for (const JobDraft& job : draft.jobs)
      jobs += draft.InstanceCount(job);
    return jobs;
  }

  size_t DependenciesOf(const DagDraft& draft) const {
    size_t edges = 0;
    for (const JobDraft& job : draft.jobs)
      for (const Reference& reference : job.references)
        edges += Edges(draft, job, reference);
    return edges;
  }

 private:
  size_t Edges(const DagDraft& draft, const JobDraft& job, const Reference& reference) const {
    const DagDraft* up = &draft;
    if (reference.dag) {
      const auto found = dags_.find(reference.dag->str());
      if (found == dags_.end())
        return 0;  // told when it is resolved
      up = found->second;
    }
    const size_t instances = draft.InstanceCount(job);
    switch (reference.lanes) {
      case Reference::Lanes::kOne:
        return instances;
      case Reference::Lanes::kAll:
        return instances * up->lanes.size();
      case Reference::Lanes::kSame:
        return up == &draft ? instances : AcrossLanes(draft, job, *up);
    }
    return instances;
  }

  // The same lane where both have it, else all lanes.
  static size_t AcrossLanes(const DagDraft& draft, const JobDraft& job, const DagDraft& up) {
    if (!job.laned)
      return std::max<size_t>(1, up.lanes.size());
    std::set<model::LaneId> theirs;
    for (const LaneDraft& lane : up.lanes)
      theirs.insert(lane.id);
    size_t edges = 0;
    for (const LaneDraft& lane : draft.lanes)
      edges += theirs.contains(lane.id) ? 1 : std::max<size_t>(1, theirs.size());
    return edges;
  }

  std::map<std::string, const DagDraft*, std::less<>> dags_;
};

size_t ParamsBytes(const DagDraft& draft) {
  size_t bytes = 0;
  for (const LaneDraft& lane : draft.lanes)
    bytes += SizeOf(json::value(lane.params));
  return bytes *
         static_cast<size_t>(std::count_if(
             draft.jobs.begin(), draft.jobs.end(), [](const JobDraft& job) { return job.laned; }));
}

void Refuse(DagDraft& draft, std::string message) {
  draft.report->errors.Add(draft.mark, std::move(message));
  draft.jobs.clear();
  draft.jobs_known = false;  // nobody is told that they do not exist
}

}  // namespace

size_t SizeOf(const json::value& value) {
  constexpr size_t kEach = 16;
  size_t size = kEach;
  if (const json::string* text = value.if_string())
    size += text->size();
  if (const json::array* list = value.if_array())
    for (const json::value& item : *list)
      size += SizeOf(item);
  if (const json::object* object = value.if_object())
    for (const auto& [key, member] : *object)
      size += key.size() + SizeOf(member);
  return size;
}

void RefuseHuge(std::vector<DagDraft>& drafts, const Limits& limits) {
  const auto jobs_per_dag = static_cast<size_t>(limits.jobs_per_dag);
  const auto jobs_per_project = static_cast<size_t>(limits.jobs_per_project);
  size_t total = 0;
  std::vector<DagDraft*> by_size;
  for (DagDraft& draft : drafts) {
    const size_t jobs = Counter::JobsOf(draft);
    if (jobs > jobs_per_dag) {
      Refuse(draft,
             Cat("the DAG '",
                 draft.dag.id.str(),
                 "' has ",
                 jobs,
                 " jobs once its lanes are written out; at most ",
                 jobs_per_dag,
                 " are allowed (limits.jobs_per_dag in signalbox.yaml): take fewer lanes, or split "
                 "the DAG"));
      continue;
    }
    if (const size_t bytes = ParamsBytes(draft); bytes > kParamsBytesMax) {
      Refuse(draft,
             Cat("the lanes' params of the DAG '",
                 draft.dag.id.str(),
                 "' take ",
                 bytes >> 20,
                 " MiB once every job has its own; at most ",
                 kParamsBytesMax >> 20,
                 " MiB are allowed"));
      continue;
    }
    total += jobs;
    by_size.push_back(&draft);
  }
  // The largest goes first, so that one huge file does not put all others out of work.
  std::sort(by_size.begin(), by_size.end(), [](const DagDraft* a, const DagDraft* b) {
    const size_t jobs_of_a = Counter::JobsOf(*a);
    const size_t jobs_of_b = Counter::JobsOf(*b);
    return jobs_of_a != jobs_of_b ? jobs_of_a > jobs_of_b : a->dag.fileloc < b->dag.fileloc;
  });
  for (DagDraft* draft : by_size) {
    if (total <= jobs_per_project)
      break;
    const size_t jobs = Counter::JobsOf(*draft);
    Refuse(*draft,
           Cat("the project has ",
               total,
               " jobs once lanes are written out, ",
               jobs,
               " of them in this DAG; at most ",
               jobs_per_project,
               " are allowed (limits.jobs_per_project in signalbox.yaml): take fewer lanes, or "
               "another project"));
    total -= jobs;
  }
  const Counter counter(drafts);
  const size_t most = jobs_per_dag * kDependenciesPerJob;
  std::vector<std::pair<DagDraft*, size_t>> refused;
  for (DagDraft& draft : drafts)
    if (const size_t edges = counter.DependenciesOf(draft); edges > most)
      refused.emplace_back(&draft, edges);
  for (const auto& [draft, edges] : refused)
    Refuse(*draft,
           Cat("the jobs of the DAG '",
               draft->dag.id.str(),
               "' have ",
               edges,
               " dependencies once lanes are written out; at most ",
               most,
               " are allowed (",
               kDependenciesPerJob,
               " times limits.jobs_per_dag): let an empty job with 'lanes: none' join the lanes"));
}

}  // namespace dagfile
