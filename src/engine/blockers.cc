#include "engine/blockers.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/holds.h"
#include "engine/kind.h"
#include "engine/limits.h"
#include "engine/mapping.h"
#include "engine/missing.h"
#include "engine/order.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/starts.h"
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
        FindQueuedHold();
        break;
      case JobState::kUpForRetry:
        FindRetryDelay();
        if (kind_.begin() == Kind::Begin::kAtOnce)
          FindPause();
        else
          FindHold();
        AskKind();
        break;
      case JobState::kMapped:
        FindOpenInstances();
        break;
      case JobState::kStarting:
      case JobState::kWorking:
      case JobState::kRestarting:
        AskKind();
        FindRestartingInstances();
        break;
      case JobState::kRemoved:
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
    if (StartsLater(run_, state_.now)) {
      Add("start_jitter",
          Cat("the run starts at ", base::FormatRfc3339(run_.row.run_after), " (start_jitter)"));
      found_.back().until = run_.row.run_after;
      return;
    }
    if (const auto backfill = state_.backfills.find(run_.row.backfill);
        backfill != state_.backfills.end()) {
      Add("run_queued",
          backfill->second.row.is_paused ? Cat("its backfill ", backfill->first, " is paused")
                                         : Cat("the run is queued: ",
                                               backfill->second.running_runs,
                                               " of max_active_runs ",
                                               backfill->second.row.max_active_runs,
                                               " runs of backfill ",
                                               backfill->first,
                                               " are active"));
      return;
    }
    Add("run_queued",
        Cat("the run is queued: ",
            dag_.running_runs,
            " of max_active_runs ",
            dag_.plan->dag->max_active_runs,
            " runs are active"));
  }

  // A mapped job goes on once all of its instances have ended.
  void FindOpenInstances() {
    const Mapped* mapped = MappedOf(run_, job_);
    Add("instances", Cat(mapped->open, " of ", mapped->items.size(), " instances have not ended"));
  }

  // It was cleared, and its list is decided again once nothing of the earlier one is live.
  void FindRestartingInstances() {
    const Mapped* mapped = MappedOf(run_, job_);
    if (mapped == nullptr)
      return;
    std::vector<std::string> names;
    for (const JobInstance& instance : mapped->instances) {
      if (IsRestarting(instance))
        names.push_back(model::DisplayName(instance.row.key));
    }
    Add("instances", Cat("clusters of ", Enumerate(names), " end first"));
  }

  void FindUpstream() {
    if (job_.of != nullptr)
      return;
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

  // True if something but its turn keeps it back.
  bool FindBars() {
    const Standing standing = StandingOf(state_, job_);
    const size_t before = found_.size();
    FindFullPool(standing);
    if (standing.bar)
      FindBar(*standing.bar);
    return found_.size() > before;
  }

  void FindFullPool(const Standing& standing) {
    const Pool& pool = *standing.pool;
    const int slots = job_.def->capacity.pool_slots;
    const int free = pool.row.slots - pool.used;
    const std::string name = Cat("the pool '", job_.def->pool.str(), "' ");
    const std::string ahead =
        standing.ahead == 0 ? "" : Cat("; ", standing.ahead, " queued jobs come before this one");
    if (slots > std::max(pool.row.slots, 1))
      Add("pool",
          Cat(name,
              "has ",
              pool.row.slots,
              " slots, and the job takes ",
              slots,
              ": give the pool more slots, or the job a smaller pool_slots"));
    else if (free <= 0)
      Add("pool",
          Cat(name, "is full: ", pool.used, " of ", pool.row.slots, " slots are used", ahead));
    else if (free < slots)
      Add("pool",
          Cat(name,
              "has ",
              free,
              " of ",
              pool.row.slots,
              " slots free, and the job takes ",
              slots,
              ahead));
    else if (standing.kept_for != nullptr)
      Add("pool",
          Cat(name,
              "keeps its free slots for ",
              NameOf(*standing.kept_for),
              ", which takes ",
              standing.kept_for->def->capacity.pool_slots,
              " and has waited for more than ",
              base::FormatDuration(kRaiseFor)));
  }

  void FindBar(const Bar& bar) {
    if (bar.kind == Bar::Kind::kLimit) {
      Add("limit",
          Cat(Describe(*bar.limit),
              bar.limit->value.empty() ? "" : Cat(" is reached for '", bar.limit->value, "'"),
              bar.limit->value.empty() ? " is reached by " : " by ",
              Enumerate(Sharers(*bar.limit))));
      return;
    }
    const std::string_view key = bar.kind == Bar::Kind::kTasksOfRun ? "max_active_tasks"
                                 : bar.kind == Bar::Kind::kInstancesInDag
                                     ? "max_active_tis_per_dag"
                                     : "max_active_tis_per_dagrun";
    const std::string_view where = bar.kind == Bar::Kind::kTasksOfRun
                                       ? " jobs of the run hold slots"
                                   : bar.kind == Bar::Kind::kInstancesInDag
                                       ? " instances of the job hold slots in the DAG's runs"
                                       : " instances of the job hold slots in the run";
    Add("max_active", Cat(key, " is ", bar.max, ", and ", bar.held, where));
  }

  // Those that hold slots under the limit.
  std::vector<std::string> Sharers(const LimitUse& limit) const {
    std::vector<std::string> names;
    for (const auto& [key, holder] : state_.holding) {
      for (const LimitUse& use : holder.job->limits) {
        if (use.scope == limit.scope && use.limit.by == limit.limit.by &&
            use.limit.tag == limit.limit.tag && use.value == limit.value)
          names.push_back(NameOf(*holder.job));
      }
    }
    return names;
  }

  // With its run, unless that is the same.
  std::string NameOf(const JobInstance& job) const {
    const model::RunKey& run = job.row.key.run;
    const std::string name = model::DisplayName(job.row.key);
    return run == run_.row.key ? name : Cat(ToString(run), "/", name);
  }

  bool FindHold() {
    const model::HoldRow* hold = HoldOn(state_, run_.row.key.dag, *job_.def);
    if (hold == nullptr)
      return false;
    Add("hold",
        Cat(hold->placed_by,
            " holds ",
            model::WhatIsHeld(hold->scope, hold->target),
            " since ",
            base::FormatRfc3339(hold->since),
            hold->reason.empty() ? "" : Cat(" (", hold->reason, ")"),
            ": `signalbox holds release ",
            hold->id,
            "`"));
    return true;
  }

  void FindQueuedHold() {
    const bool is_held = FindHold();
    if (!FindBars() && !is_held && !dag_.row.is_paused)
      AskKind();
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
