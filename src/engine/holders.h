#pragma once

// Who holds slots at one moment, counted in the ways that bound it: by run, by job, by limit; and
// the pool time that each DAG has used recently. It is made for each question from the rows, and
// nothing of it is kept.
//
// Not here: pools' sizes (State::pools).

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/state.h"

namespace engine {

// Since when the job has held its slots. REQUIRES: it holds some.
Time HeldSince(const JobInstance& job, Time now);

// Why a job may not hold slots beside those that do.
struct Bar {
  enum class Kind { kTasksOfRun, kInstancesInDag, kInstancesInRun, kLimit };
  Kind kind = Kind::kTasksOfRun;
  int held = 0;
  int max = 0;
  const LimitUse* limit = nullptr;  // of kLimit; the job's own
};

class Holders {
 public:
  // The state is borrowed, and does not change meanwhile.
  Holders(const State& state, Time now);

  // The job takes its slots now, too.
  void Add(const Queued& queued);
  // Nothing where it may, as far as it is not its pool that decides.
  std::optional<Bar> BarOf(const Queued& queued) const;
  // Recent slot-time, what is held now and a look ahead among it.
  Duration UseOf(const DagEntry& dag) const;

 private:
  using Job = std::pair<const DagEntry*, std::string_view>;  // its lanes together
  using Limit = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
  // Most DAGs need none of them: they are counted when somebody asks first.
  struct Counts {
    std::map<const Run*, int> of_run;
    std::map<Job, int> of_job;
    std::map<std::pair<const Run*, Job>, int> of_job_in_run;
  };
  static Limit KeyOf(const LimitUse& use);
  static void CountIn(Counts& counts, const Holder& holder);
  void CountLimits(const JobInstance& job);
  const Counts& Counted() const;

  const State& state_;
  std::unordered_map<const DagEntry*, Duration> use_;  // asked for by key alone
  std::map<Limit, int> of_limit_;
  std::vector<Holder> added_;
  mutable std::optional<Counts> counts_;
};

}  // namespace engine
