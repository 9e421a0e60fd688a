// DrawOutputs: jobs that tell the later ones something, and what may be wrong with it.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using emulator::FaultKind;
using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;
using simulation::OutputsSort;

constexpr OutputsSort kSorts[] = {OutputsSort::kGood,
                                  OutputsSort::kGood,
                                  OutputsSort::kGood,
                                  OutputsSort::kBrokenFirst,
                                  OutputsSort::kListFirst,
                                  OutputsSort::kMissingFirst,
                                  OutputsSort::kOldLater};

void DrawJob(Dice& dice, JobSpec& job) {
  job.outputs = job.resumes ? OutputsSort::kGood : dice.Of(kSorts);
  // Its second try shows whether the first one's object is taken for its own.
  if (job.outputs == OutputsSort::kOldLater)
    job.retries = std::max(job.retries, 1);
}

void DrawReader(Dice& dice, DagSpec& dag, JobSpec& job) {
  std::vector<int> tellers;
  for (int up : job.upstream) {
    const JobSpec& above = dag.jobs[static_cast<size_t>(up)];
    if (above.outputs != OutputsSort::kNone && (above.lanes == 0 || above.lanes == job.lanes))
      tellers.push_back(up);
  }
  if (!tellers.empty())
    job.reads = tellers[dice.Throw() % tellers.size()];
}

void DrawFault(Dice& dice, Plan& plan) {
  constexpr FaultKind kKinds[] = {FaultKind::kThrottle,
                                  FaultKind::kHttp500,
                                  FaultKind::kDropReply,
                                  FaultKind::kDelayReply,
                                  FaultKind::kDeny};
  emulator::Fault& fault = Add<EmrFault>(plan).fault;
  fault.kind = dice.Of(kKinds);
  fault.action = "GetObject";
  fault.nth = dice.Between(1, 30);
  fault.count = fault.kind == FaultKind::kDeny ? 1 : dice.Between(1, 6);
  fault.span = dice.Between(base::seconds(0), base::seconds(30));
}

}  // namespace

void DrawOutputs(Plan& plan) {
  Dice dice(plan.seed, "outputs");
  if (!dice.Percent(30))
    return;
  for (DagSpec& dag : plan.work.dags) {
    for (JobSpec& job : dag.jobs) {
      if (!job.is_empty && dice.Percent(45) && job.items < 0)
        DrawJob(dice, job);
      if (!job.is_empty && dice.Percent(70))
        DrawReader(dice, dag, job);
    }
  }
  if (dice.Percent(30))
    Add<LateObjects>(plan).by = dice.Between(base::seconds(1), base::seconds(50));
  for (int64_t i = dice.Percent(40) ? dice.Between(1, 4) : 0; i > 0; --i)
    DrawFault(dice, plan);
}

}  // namespace fault_finder
