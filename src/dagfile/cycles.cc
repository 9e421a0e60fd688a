// Jobs that wait for each other: a depth-first walk along the edges, over all DAGs at once and with
// a stack of its own, since a chain may be as long as a project has jobs.
//
// Who depends on a job of a group with retries from outside waits for all of the group's jobs of
// that lane (model/units.h): such a unit is a node of its own, after the jobs.

#include <algorithm>

#include "base/text.h"
#include "dagfile/draft.h"
#include "model/units.h"

namespace dagfile {

using base::Cat;

namespace {

enum class Colour { kNew, kOnPath, kDone };

struct Step {
  size_t dag;
  size_t job;
  size_t next_edge = 0;
};

class CycleFinder {
 public:
  explicit CycleFinder(std::vector<DagDraft>& drafts) : drafts_(drafts) {
    AddUnits();
    for (const DagDraft& draft : drafts)
      colours_.emplace_back(draft.edges.size(), Colour::kNew);
    reported_.reserve(drafts.size());
    for (const DagDraft& draft : drafts)
      reported_.emplace_back(draft.edges.size(), false);
  }

  void Run();

 private:
  void AddUnits();
  void Walk(size_t dag, size_t job);
  void Report(size_t begin);
  std::string NameOf(const Step& step, size_t home) const;
  const GroupDraft& GroupOf(size_t dag, size_t unit) const {
    return drafts_[dag].groups[static_cast<size_t>(units_[dag].all[unit].group)];
  }

  std::vector<DagDraft>& drafts_;
  std::vector<model::Units> units_;  // beside drafts_
  std::vector<std::vector<Colour>> colours_;
  std::vector<std::vector<bool>> reported_;
  std::vector<Step> path_;
};

void CycleFinder::AddUnits() {
  for (const DagDraft& draft : drafts_)
    units_.push_back(model::UnitsOf(draft.dag));
  for (size_t dag = 0; dag < drafts_.size(); ++dag) {
    for (size_t job = 0; job < drafts_[dag].edges.size(); ++job) {
      for (Edge& edge : drafts_[dag].edges[job]) {
        const int seen_by = edge.dag == dag ? static_cast<int>(job) : -1;
        const int unit = units_[edge.dag].Between(static_cast<int>(edge.job), seen_by);
        if (unit >= 0)
          edge.job = drafts_[edge.dag].dag.jobs.size() + static_cast<size_t>(unit);
      }
    }
  }
  for (size_t dag = 0; dag < drafts_.size(); ++dag) {
    const size_t jobs = drafts_[dag].dag.jobs.size();
    for (const model::Unit& unit : units_[dag].all) {
      std::vector<Edge>& members = drafts_[dag].edges.emplace_back();
      for (int job : unit.jobs)
        members.push_back({dag,
                           static_cast<size_t>(job),
                           GroupOf(dag, drafts_[dag].edges.size() - 1 - jobs).mark});
    }
  }
}

void CycleFinder::Run() {
  for (size_t dag = 0; dag < drafts_.size(); ++dag)
    for (size_t job = 0; job < drafts_[dag].edges.size(); ++job)
      if (colours_[dag][job] == Colour::kNew)
        Walk(dag, job);
}

void CycleFinder::Walk(size_t dag, size_t job) {
  path_ = {Step{dag, job}};
  colours_[dag][job] = Colour::kOnPath;
  while (!path_.empty()) {
    Step& step = path_.back();
    const std::vector<Edge>& edges = drafts_[step.dag].edges[step.job];
    if (step.next_edge == edges.size()) {
      colours_[step.dag][step.job] = Colour::kDone;
      path_.pop_back();
      continue;
    }
    const Edge& edge = edges[step.next_edge++];
    Colour& colour = colours_[edge.dag][edge.job];
    if (colour == Colour::kNew) {
      colour = Colour::kOnPath;
      path_.push_back(Step{edge.dag, edge.job});
    } else if (colour == Colour::kOnPath) {
      auto begin = std::find_if(path_.begin(), path_.end(), [&](const Step& each) {
        return each.dag == edge.dag && each.job == edge.job;
      });
      Report(static_cast<size_t>(begin - path_.begin()));
    }
  }
}

std::string CycleFinder::NameOf(const Step& step, size_t home) const {
  const DagDraft& draft = drafts_[step.dag];
  const size_t jobs = draft.dag.jobs.size();
  const std::string id =
      step.job < jobs ? draft.dag.jobs[step.job].id.str() : GroupOf(step.dag, step.job - jobs).path;
  return step.dag == home ? id : Cat(draft.dag.id.str(), "/", id);
}

// The cycle is path_[begin…] and back to its beginning. Every job is named in one cycle at most:
// the cycles that share a job are mostly one mistake.
void CycleFinder::Report(size_t begin) {
  const Step& first = path_[begin];
  std::string text;
  bool known = false;
  for (size_t i = begin; i < path_.size(); ++i) {
    known = known || reported_[path_[i].dag][path_[i].job];
    text += Cat(NameOf(path_[i], first.dag), " -> ");
  }
  if (known)
    return;
  for (size_t i = begin; i < path_.size(); ++i) {
    reported_[path_[i].dag][path_[i].job] = true;
    drafts_[path_[i].dag].broken = true;
  }
  const Edge& edge = drafts_[first.dag].edges[first.job][first.next_edge - 1];
  drafts_[first.dag].report->errors.Add(
      edge.mark, Cat("these jobs wait for each other: ", text, NameOf(first, first.dag)));
}

}  // namespace

void ReportCycles(std::vector<DagDraft>& drafts) {
  CycleFinder(drafts).Run();
}

}  // namespace dagfile
