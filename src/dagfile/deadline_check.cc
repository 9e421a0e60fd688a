// Deadlines that cannot be met: the jobs before them take longer, if all goes as their files
// expect.

#include <algorithm>

#include "base/text.h"
#include "dagfile/draft.h"
#include "model/work.h"

namespace dagfile {

namespace {

bool WaitsForAll(model::TriggerRule rule) {
  using enum model::TriggerRule;
  return rule != kOneFailed && rule != kOneSuccess && rule != kOneDone && rule != kAlways;
}

// When each job ends at the earliest, from the beginning of its run. REQUIRES: no cycle.
class EarliestEnds {
 public:
  explicit EarliestEnds(const model::Dag& dag) : dag_(dag), ends_(dag.jobs.size()) {}

  base::Duration Of(size_t job) {
    // A stack of its own: a chain may be as long as the DAG.
    std::vector<size_t> open = {job};
    while (!open.empty()) {
      const size_t at = open.back();
      const size_t before = open.size();
      for (int up : Upstream(at)) {
        if (!ends_[static_cast<size_t>(up)])
          open.push_back(static_cast<size_t>(up));
      }
      if (open.size() > before)
        continue;
      open.pop_back();
      base::Duration begins{0};
      for (int up : Upstream(at))
        begins = std::max(begins, *ends_[static_cast<size_t>(up)]);
      ends_[at] = begins + model::ExpectedDuration(dag_.jobs[at].work).value_or(base::Duration(0));
    }
    return *ends_[job];
  }
  base::Duration Last() {
    base::Duration last{0};
    for (size_t job = 0; job < ends_.size(); ++job)
      last = std::max(last, Of(job));
    return last;
  }

 private:
  const std::vector<int>& Upstream(size_t job) const {
    static const std::vector<int> kNone;
    return WaitsForAll(dag_.jobs[job].trigger_rule) ? dag_.jobs[job].upstream : kNone;
  }

  const model::Dag& dag_;
  std::vector<std::optional<base::Duration>> ends_;
};

}  // namespace

void CheckDeadlines(DagDraft& draft) {
  if (draft.broken || !draft.report->errors.empty())
    return;  // perhaps with a cycle
  EarliestEnds ends(draft.dag);
  const auto check = [&](const std::optional<model::Deadline>& deadline,
                         yaml::Mark mark,
                         std::string_view what,
                         auto earliest) {
    if (!deadline || !deadline->by.empty())
      return;
    const base::Duration end = earliest();
    if (end > deadline->within)
      draft.report->warnings.Add(mark,
                                 base::Cat("the deadline is ",
                                           base::FormatDuration(deadline->within),
                                           ", and ",
                                           what,
                                           " takes ",
                                           base::FormatDuration(end),
                                           " at the least (expected_duration along the longest "
                                           "way)"));
  };
  check(draft.dag.deadline, draft.deadline_mark, "a run", [&] { return ends.Last(); });
  for (const JobDraft& job : draft.jobs) {
    if (draft.InstanceCount(job) > 0)
      check(job.settings.deadline, job.deadline_mark, "the job with those before it", [&] {
        return ends.Of(job.first);
      });
  }
}

}  // namespace dagfile
