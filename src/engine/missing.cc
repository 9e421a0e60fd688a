#include "engine/missing.h"

#include <algorithm>

#include "base/text.h"
#include "engine/cross_dag.h"
#include "engine/holes.h"

namespace engine {

namespace {

using base::Cat;
using model::MissingBecause;
using model::UpstreamWait;

std::string InWords(const base::Interval& interval) {
  return Cat(
      "[", base::FormatRfc3339(interval.start), ", ", base::FormatRfc3339(interval.end), ")");
}

std::string HowToMakeIt(const UpstreamWait& wait) {
  return Cat("; make it: signalbox dags trigger ",
             wait.dag.str(),
             " --data-interval ",
             base::FormatRfc3339(wait.interval->start),
             " ",
             base::FormatRfc3339(wait.interval->end));
}

bool HasLiveRun(const State& state, const UpstreamWait& wait) {
  for (auto it = state.runs.lower_bound({wait.dag, model::RunId()});
       it != state.runs.end() && it->first.dag == wait.dag;
       ++it) {
    const bool is_wanted = !wait.interval || it->second.row.data_interval == *wait.interval;
    if (is_wanted && !IsTerminal(it->second.row.state))
      return true;
  }
  return false;
}

MissingBecause WhyOf(const State& state, const DagEntry* upstream, const UpstreamWait& wait) {
  if (wait.basis == model::WaitBasis::kPastRun)
    return MissingBecause::kPastRun;
  if (upstream == nullptr)
    return MissingBecause::kUnknownDag;
  if (wait.edge >= 0 && MissingLanes(state, wait).empty())
    return MissingBecause::kRule;
  if (HasLiveRun(state, wait))
    return MissingBecause::kRunning;
  if (wait.interval && FindHole(state, wait.dag, *wait.interval) != nullptr)
    return MissingBecause::kHole;
  if (wait.basis == model::WaitBasis::kNoMatch)
    return MissingBecause::kNoMatch;
  if (wait.basis == model::WaitBasis::kTooOld)
    return MissingBecause::kTooOld;
  const auto& until = upstream->row.scheduled_until;
  if (wait.interval && until && wait.interval->end <= *until &&
      wait.basis == model::WaitBasis::kDue)
    return MissingBecause::kNotSucceeded;
  if (!upstream->row.is_active)
    return MissingBecause::kInactive;
  if (upstream->row.is_paused)
    return MissingBecause::kPaused;
  return wait.basis == model::WaitBasis::kNotBegun ? MissingBecause::kNotBegun
                                                   : MissingBecause::kNotRun;
}

std::string NameOf(const UpstreamWait& wait) {
  return wait.job.empty() ? Cat("the run of ", wait.dag.str())
                          : Cat(wait.dag.str(), "/", wait.job.str());
}

std::string SentenceOf(const UpstreamWait& wait, MissingBecause because, const model::Job& job) {
  const std::string name = NameOf(wait);
  const std::string of = wait.interval ? Cat(name, " of ", InWords(*wait.interval)) : name;
  switch (because) {
    case MissingBecause::kUnknownDag:
      return Cat(name, ": there is no DAG '", wait.dag.str(), "'");
    case MissingBecause::kInactive:
      return Cat(of, " has not run, and the file of '", wait.dag.str(), "' is gone");
    case MissingBecause::kNoMatch:
      return Cat(of,
                 " does not exist: the schedule of '",
                 wait.dag.str(),
                 "' has no such data interval",
                 HowToMakeIt(wait));
    case MissingBecause::kHole:
      return Cat(of, " was skipped", HowToMakeIt(wait));
    case MissingBecause::kNotBegun:
      return Cat(of, " is the first that is due of '", wait.dag.str(), "'");
    case MissingBecause::kPaused:
      return Cat(of, " has not run, and '", wait.dag.str(), "' is paused");
    case MissingBecause::kRunning:
      return Cat(of, " has not ended");
    case MissingBecause::kNotRun:
      return Cat(of, " has not run");
    case MissingBecause::kNotSucceeded:
      return Cat(of, " has not succeeded");
    case MissingBecause::kTooOld:
      return Cat(of,
                 ": no data interval of '",
                 wait.dag.str(),
                 "' that ended within the edge's time is due",
                 HowToMakeIt(wait));
    case MissingBecause::kRule:
      return Cat(of, " has ended, and the rule ", ToString(wait.rule), " wants other ends");
    case MissingBecause::kPastRun:
      return Cat(wait.job.str(),
                 " of the previous run ",
                 wait.run.str(),
                 " has not succeeded (",
                 wait.job == job.id ? "depends_on_past" : "wait_for_downstream",
                 "): let it end, clear it, or mark it as success");
  }
  return of;
}

}  // namespace

std::vector<model::MissingUpstream> StillMissing(const State& state, const JobInstance& job) {
  std::vector<model::MissingUpstream> missing;
  if (!job.upstream_elsewhere)
    return missing;
  for (const UpstreamWait& wait : job.row.waits_for) {
    if (IsOver(state, wait))
      continue;
    const auto upstream = state.dags.find(wait.dag);
    const MissingBecause because =
        WhyOf(state, upstream == state.dags.end() ? nullptr : &upstream->second, wait);
    std::string sentence = SentenceOf(wait, because, *job.def);
    if (wait.edge >= 0 && because != MissingBecause::kRule)
      sentence += Cat(" (rule ", ToString(wait.rule), ")");
    missing.push_back({wait.dag,
                       wait.job,
                       MissingLanes(state, wait),
                       wait.interval,
                       because,
                       std::move(sentence)});
  }
  return missing;
}

}  // namespace engine
