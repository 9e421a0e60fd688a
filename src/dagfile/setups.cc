// Which jobs need which setups: those below a setup that are above one of its teardowns, or all
// that are below it if it has none (Airflow: "setup and teardown", the scope of a setup).

#include <algorithm>

#include "base/text.h"
#include "dagfile/draft.h"
#include "model/select.h"

namespace dagfile {

namespace {

// A chain of setups needs its length squared, and each need is stored.
constexpr size_t kMostNeeds = 200'000;

class ScopeFinder {
 public:
  explicit ScopeFinder(model::Dag& dag)
      : jobs_(dag.jobs), up_(model::UpstreamOf(dag)), down_(model::DownstreamOf(dag)) {}

  // False once there are too many.
  bool Run() {
    for (int setup = 0; setup < static_cast<int>(jobs_.size()); ++setup) {
      if (At(setup).role == model::Role::kSetup && !Find(setup))
        return false;
    }
    return true;
  }

 private:
  model::Job& At(int index) { return jobs_[static_cast<size_t>(index)]; }

  bool Find(int setup) {
    std::vector<int> teardowns;
    for (int below : down_[static_cast<size_t>(setup)])
      if (At(below).role == model::Role::kTeardown)
        teardowns.push_back(below);
    const std::vector<int> above = model::Reachable(up_, teardowns);
    for (int below : model::Reachable(down_, {setup})) {
      const bool is_between =
          teardowns.empty() || std::binary_search(above.begin(), above.end(), below);
      if (!is_between || At(below).role == model::Role::kTeardown)
        continue;
      At(below).setups.push_back(setup);
      if (++needs_ > kMostNeeds)
        return false;
    }
    return true;
  }

  std::vector<model::Job>& jobs_;
  const model::Neighbours up_, down_;
  size_t needs_ = 0;
};

}  // namespace

void FindScopes(DagDraft& draft) {
  if (ScopeFinder(draft.dag).Run())
    return;
  for (model::Job& job : draft.dag.jobs)
    job.setups.clear();
  draft.report->errors.Add(
      draft.mark,
      base::Cat("the jobs of the DAG '",
                draft.dag.id.str(),
                "' need more than ",
                kMostNeeds,
                " setups in all; give each setup a teardown, which ends what needs it"));
}

}  // namespace dagfile
