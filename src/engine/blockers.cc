#include "engine/blockers.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/kind.h"
#include "engine/missing.h"
#include "engine/propagate.h"
#include "engine/turn.h"

namespace engine {

namespace {

using base::Cat;

// A sentence names this many things and counts the others.
constexpr size_t kNamedMost = 5;

class Finder {
 public:
  Finder(const Engine& engine, const Run& run, const JobInstance& job)
      : state_(engine.state()),
        kind_(KindOf(engine.kinds(), *job.def)),
        dag_(state_.dags.at(run.row.key.dag)),
        run_(run),
        job_(job) {}

  std::vector<Blocker> Find() && {
    switch (job_.state) {
      case JobState::kNone:
        FindPause();
        FindQueuedRun();
        FindUpstream();
        break;
      case JobState::kQueued:
        FindPause();
        if (!FindFullPool() && !dag_.row.is_paused)
          AskKind();
        break;
      case JobState::kUpForRetry:
        FindRetryDelay();
        AskKind();
        break;
      case JobState::kStarting:
      case JobState::kRestarting:
        AskKind();
        break;
      case JobState::kWorking:
      case JobState::kSuccess:
      case JobState::kFailed:
      case JobState::kUpstreamFailed:
      case JobState::kSkipped:
        break;
    }
    return std::move(found_);
  }

 private:
  void Add(std::string_view kind, std::string sentence) {
    found_.push_back({kind, std::move(sentence), std::nullopt});
  }

  void AskKind() {
    for (Blocker& blocker : kind_.Explain(state_, job_))
      found_.push_back(std::move(blocker));
  }

  void FindPause() {
    if (dag_.row.is_paused)
      Add("paused", Cat("the DAG is paused: `signalbox dags unpause ", dag_.row.dag.str(), "`"));
  }

  void FindQueuedRun() {
    if (run_.row.state != model::RunState::kQueued || dag_.row.is_paused)
      return;
    Add("run_queued",
        Cat("the run is queued: ",
            dag_.running_runs,
            " of max_active_runs ",
            dag_.plan->dag->max_active_runs,
            " runs are active"));
  }

  void FindUpstream() {
    std::set<int> upstream(job_.def->upstream.begin(), job_.def->upstream.end());
    upstream.insert(job_.def->setups.begin(), job_.def->setups.end());
    std::vector<std::string> names;
    for (int index : upstream) {
      const JobInstance& up = InstanceOf(run_, index);
      if (!IsEnded(up.state))
        names.push_back(model::DisplayName(up.def->id, up.def->lane));
    }
    // One may begin before all of them have ended.
    if (!names.empty() && ReadinessOf(run_, job_) == Readiness::kWaits)
      Add("upstream", Cat(Enumerate(names), RuleText()));
    for (const model::MissingUpstream& missing : StillMissing(state_, job_))
      Add(missing.because == model::MissingBecause::kPastRun ? "past_run" : "upstream_dag",
          missing.sentence);
  }

  std::string RuleText() const {
    const model::TriggerRule rule = job_.def->trigger_rule;
    return rule == model::TriggerRule::kAllSuccess ? ""
                                                   : Cat(" (trigger_rule ", ToString(rule), ")");
  }

  void FindRetryDelay() {
    if (!job_.row.next_try_at)
      return;
    Add("retry_delay", Cat("the next try begins at ", base::FormatRfc3339(*job_.row.next_try_at)));
    found_.back().until = job_.row.next_try_at;
  }

  bool FindFullPool() {
    const auto pool = state_.pools.find(job_.def->pool);
    if (pool == state_.pools.end() || pool->second.used < pool->second.row.slots)
      return false;
    Add("pool",
        Cat("the pool '",
            job_.def->pool.str(),
            "' is full: ",
            pool->second.used,
            " of ",
            pool->second.row.slots,
            " slots are used"));
    return true;
  }

  const State& state_;
  const Kind& kind_;
  const DagEntry& dag_;
  const Run& run_;
  const JobInstance& job_;
  std::vector<Blocker> found_;
};

}  // namespace

std::string Enumerate(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedMost)));
  std::string text = base::Join(shown, ", ");
  if (names.size() > shown.size())
    text += Cat(" and ", names.size() - shown.size(), " more");
  return text;
}

std::vector<Blocker> BlockersOf(const Engine& engine, const model::JobKey& key) {
  const auto run = engine.state().runs.find(key.run);
  const JobInstance* job = FindJob(engine.state(), key);
  return job == nullptr ? std::vector<Blocker>() : Finder(engine, run->second, *job).Find();
}

}  // namespace engine
