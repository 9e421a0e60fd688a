#pragma once

// Who holds slots at one moment, counted in the ways that bound it: by run, by job, by limit, in
// vCPUs; what is spent; and the pool time that each DAG has used recently. It is made for each
// question from the rows, and nothing of it is kept.
//
// A job that needs more vCPUs than a limit has left lets smaller ones pass, until it is overdue
// (order.h): then what is left is kept for it.
//
// Not here: pools' sizes (State::pools).

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/spend.h"
#include "engine/state.h"

namespace engine {

// Since when the job has held its slots; `now` if an older version of the program, which kept no
// such time, gave them to it. REQUIRES: it holds some.
Time HeldSince(const JobInstance& job, Time now);

// As the job's version says; if that does not tell it, as the file says now.
std::optional<model::Vcpus> VcpusOf(const Queued& queued);

// Why a job may not hold slots beside those that do.
struct Bar {
  enum class Kind {
    kTasksOfRun,
    kInstancesInDag,
    kInstancesInRun,
    kLimit,
    kSpendOfRun,  // held and max are millionths of a USD; so below
    kSpendOfDag,
    kSpendOfProject,
    kVcpusUnknown,
    kVcpus,  // the last that is looked for: nothing else bars the job
  };
  Kind kind = Kind::kTasksOfRun;
  int64_t held = 0;
  int64_t max = 0;
  const LimitUse* limit = nullptr;        // of kLimit and kVcpus; the job's own
  int64_t needed = 0;                     // of kVcpus
  const JobInstance* kept_for = nullptr;  // of kVcpus: an overdue job for which the rest is kept
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
  using Limit = std::
      tuple<std::string_view, std::string_view, std::string_view, std::string_view, model::Market>;
  struct Held {
    int jobs = 0;
    int64_t vcpus = 0;
    const Queued* kept_for = nullptr;
  };
  // Most DAGs need none of them: they are counted when somebody asks first.
  struct Counts {
    std::map<const Run*, int> of_run;
    std::map<Job, int> of_job;
    std::map<std::pair<const Run*, Job>, int> of_job_in_run;
  };
  static Limit KeyOf(const LimitUse& use);
  static void CountIn(Counts& counts, const Holder& holder);
  void CountLimits(const Holder& holder);
  // Finds the overdue jobs for which vCPUs are kept.
  void KeepVcpus();
  const Counts& Counted() const;
  std::optional<Bar> SpendBarOf(const Queued& queued) const;
  std::optional<Bar> VcpuBarOf(const Queued& queued) const;
  // What of a limit's vCPUs is kept for a job that comes before this one.
  static int64_t KeptFrom(const Queued& queued, const Held& held, model::Market market);

  const State& state_;
  std::unordered_map<const DagEntry*, Duration> use_;  // asked for by key alone
  std::map<Limit, Held> of_limit_;
  std::vector<Holder> added_;
  mutable std::optional<Counts> counts_;
  mutable std::optional<Spent> spent_;
};

}  // namespace engine
