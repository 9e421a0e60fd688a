#include "engine/blockers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/groups.h"
#include "engine/holds.h"
#include "engine/kind.h"
#include "engine/limits.h"
#include "engine/mapping.h"
#include "engine/missing.h"
#include "engine/order.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/runs.h"
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
      case JobState::kUpForGroupRetry:
        FindGroupsAround();
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
  void Add(BlockerKind kind, std::string sentence) {
    found_.push_back({kind, std::move(sentence), std::nullopt, std::exchange(named_, {})});
  }

  void AskKind() {
    for (Blocker& blocker : kind_.Explain(state_, job_))
      found_.push_back(std::move(blocker));
  }

  void FindPause() {
    if (!dag_.row.is_paused)
      return;
    const auto& most = dag_.plan->dag->max_consecutive_failed_dag_runs;
    const bool is_by_failures = most && dag_.row.failed_in_row >= *most;
    const std::string& dag = dag_.row.dag.str();
    const std::string unpause = Cat("`signalbox dags unpause ", dag, "`");
    Add(BlockerKind::kPaused,
        is_by_failures ? Cat("the DAG is paused, for ",
                             FailuresInRow(dag_.row),
                             ": `signalbox dags list-runs ",
                             dag,
                             " --state failed` lists them, ",
                             unpause,
                             " lets it go on")
                       : Cat("the DAG is paused: ", unpause));
  }

  void FindQueuedRun() {
    if (run_.row.state != model::RunState::kQueued || dag_.row.is_paused)
      return;
    if (StartsLater(run_, state_.now)) {
      Add(BlockerKind::kStartJitter,
          Cat("the run starts at ", base::FormatRfc3339(run_.row.run_after), " (start_jitter)"));
      found_.back().until = run_.row.run_after;
      return;
    }
    if (const auto backfill = state_.backfills.find(run_.row.backfill);
        backfill != state_.backfills.end()) {
      Add(BlockerKind::kRunQueued,
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
    Add(BlockerKind::kRunQueued,
        Cat("the run is queued: ",
            dag_.running_runs,
            " of max_active_runs ",
            dag_.plan->dag->max_active_runs,
            " runs are active"));
  }

  // A mapped job goes on once all of its instances have ended.
  void FindOpenInstances() {
    const Mapped* mapped = MappedOf(run_, job_);
    Add(BlockerKind::kInstances,
        Cat("it waits for the ends of its instances: ",
            mapped->open,
            " of ",
            mapped->items.size(),
            mapped->open == 1 ? " has not ended" : " have not ended"));
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
    if (!names.empty())
      Add(BlockerKind::kInstances,
          Cat("it is cleared, and its list is decided again once nothing of ",
              Enumerate(names),
              " runs any more"));
  }

  void FindUpstream() {
    if (job_.of != nullptr)
      return;
    std::set<int> upstream(job_.def->upstream.begin(), job_.def->upstream.end());
    upstream.insert(job_.def->setups.begin(), job_.def->setups.end());
    std::vector<std::string> names;
    std::set<int> groups;
    for (int index : upstream) {
      const JobInstance& up = InstanceOf(run_, index);
      if (!IsDone(up.state))
        names.push_back(model::DisplayName(up.def->id, up.def->lane));
      else if (const int unit = HiddenBy(run_, index, job_.index); unit >= 0)
        groups.insert(unit);
    }
    // One may begin before all of them have ended.
    if (ReadinessOf(run_, job_) == Readiness::kWaits) {
      if (!names.empty())
        Add(BlockerKind::kUpstream, Cat("it waits for ", Enumerate(names), RuleText()));
      for (int unit : groups)
        FindGroup(unit);
    }
    for (const model::MissingUpstream& missing : StillMissing(state_, job_)) {
      const bool is_past = missing.because == model::MissingBecause::kPastRun;
      if (!is_past)
        named_.insert(missing.dag);
      Add(is_past ? BlockerKind::kPastRun : BlockerKind::kUpstreamDag, missing.sentence);
    }
  }

  // It has failed: the first group around it that is not settled keeps its try.
  void FindGroupsAround() {
    const model::Units& units = run_.plan->units;
    int unit = units.InnermostOf(job_.index);
    while (unit >= 0 && IsSettled(run_, unit))
      unit = units.all[static_cast<size_t>(unit)].around;
    if (unit >= 0)
      FindGroup(unit);
  }

  // What keeps the unit from being settled.
  void FindGroup(int unit) {
    for (int inner : run_.plan->units.inner[static_cast<size_t>(unit)]) {
      if (run_.groups[static_cast<size_t>(inner)].row.next_try_at)
        FindGroupRetry(inner);
    }
    if (run_.groups[static_cast<size_t>(unit)].row.next_try_at) {
      FindGroupRetry(unit);
      return;
    }
    std::vector<std::string> names;
    for (int index : run_.plan->units.all[static_cast<size_t>(unit)].jobs) {
      const JobInstance& job = InstanceOf(run_, index);
      if (!IsDone(job.state))
        names.push_back(model::DisplayName(job.def->id, job.def->lane));
    }
    if (!names.empty())
      Add(BlockerKind::kGroup, Cat(NameOfGroup(run_, unit), " waits for ", Enumerate(names)));
  }

  void FindGroupRetry(int unit) {
    const model::GroupTriesRow& row = run_.groups[static_cast<size_t>(unit)].row;
    Add(BlockerKind::kGroupRetry,
        Cat("it waits for try ",
            row.failures + 1,
            " of ",
            GroupOf(run_, unit).retries + 1,
            " of ",
            NameOfGroup(run_, unit),
            " at ",
            base::FormatRfc3339(*row.next_try_at)));
    found_.back().until = row.next_try_at;
  }

  std::string RuleText() const {
    const model::TriggerRule rule = job_.def->trigger_rule;
    return rule == model::TriggerRule::kAllSuccess ? ""
                                                   : Cat(" (trigger_rule ", ToString(rule), ")");
  }

  void FindRetryDelay() {
    if (!job_.row.next_try_at)
      return;
    Add(BlockerKind::kRetryDelay,
        Cat("the next try begins at ", base::FormatRfc3339(*job_.row.next_try_at)));
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

  std::string AheadText(const Standing& standing) {
    std::vector<std::string> names;
    for (const JobInstance* job : standing.first)
      names.push_back(NameOf(*job));
    return names.empty() ? ""
                         : Cat("; ",
                               Enumerate(names, standing.ahead),
                               standing.ahead == 1 ? " comes" : " come",
                               " before this one");
  }

  void FindFullPool(const Standing& standing) {
    const Pool& pool = *standing.pool;
    const int slots = job_.def->capacity.pool_slots;
    const int free = pool.row.slots - pool.used;
    const std::string name = Cat("the pool '", job_.def->pool.str(), "' ");
    if (slots > std::max(pool.row.slots, 1))
      Add(BlockerKind::kPool,
          Cat(name,
              "has ",
              pool.row.slots,
              " slots, and the job takes ",
              slots,
              ": give the pool more slots, or the job a smaller pool_slots"));
    else if (free <= 0)
      Add(BlockerKind::kPool,
          Cat(name,
              "is full: ",
              pool.used,
              " of ",
              pool.row.slots,
              " slots are used",
              AheadText(standing)));
    else if (free < slots)
      Add(BlockerKind::kPool,
          Cat(name,
              "has ",
              free,
              " of ",
              pool.row.slots,
              " slots free, and the job takes ",
              slots,
              AheadText(standing)));
    else if (standing.kept_for != nullptr)
      Add(BlockerKind::kPool,
          Cat(name,
              "keeps its free slots for ",
              NameOf(*standing.kept_for),
              ", which takes ",
              standing.kept_for->def->capacity.pool_slots,
              " and has waited for more than ",
              base::FormatDuration(kRaiseFor)));
  }

  void FindBar(const Bar& bar) {
    switch (bar.kind) {
      case Bar::Kind::kTasksOfRun:
      case Bar::Kind::kInstancesInDag:
      case Bar::Kind::kInstancesInRun:
        FindMaxActive(bar);
        break;
      case Bar::Kind::kLimit:
        Add(BlockerKind::kLimit,
            Cat(Describe(*bar.limit),
                bar.limit->value.empty() ? "" : Cat(" is reached for '", bar.limit->value, "'"),
                bar.limit->value.empty() ? " is reached by " : " by ",
                Enumerate(Sharers(*bar.limit))));
        break;
      case Bar::Kind::kSpendOfRun:
      case Bar::Kind::kSpendOfDag:
      case Bar::Kind::kSpendOfProject:
        FindSpendCap(bar);
        break;
      case Bar::Kind::kVcpusUnknown:
        Add(BlockerKind::kLimit,
            "a limit counts vCPUs, and those of the job are not known: give it the key 'vcpus'");
        break;
      case Bar::Kind::kVcpus:
        FindVcpuLimit(bar);
        break;
    }
  }

  void FindVcpuLimit(const Bar& bar) {
    const std::string limit = Cat(
        Describe(*bar.limit), bar.limit->value.empty() ? "" : Cat(" for '", bar.limit->value, "'"));
    if (bar.needed > bar.max)
      Add(BlockerKind::kLimit,
          Cat(limit, " is smaller than the job, which takes ", bar.needed, " vCPUs: raise it"));
    else if (bar.kept_for != nullptr)
      Add(BlockerKind::kLimit,
          Cat(limit,
              " keeps its free vCPUs for ",
              NameOf(*bar.kept_for),
              ", which has waited for more than ",
              base::FormatDuration(kRaiseFor)));
    else
      Add(BlockerKind::kLimit,
          Cat(limit,
              " has ",
              std::max<int64_t>(bar.max - bar.held, 0),
              " of ",
              bar.max,
              " vCPUs left, and the job takes ",
              bar.needed,
              "; the others are held by ",
              Enumerate(Sharers(*bar.limit))));
  }

  // Money is an estimate: a cluster's share of an hour, by the project's prices.
  void FindSpendCap(const Bar& bar) {
    const std::string far = Cat(" (an estimate of ", model::FormatUsd(bar.held), " so far)");
    const std::string most = model::FormatUsd(bar.max);
    if (bar.kind == Bar::Kind::kSpendOfRun) {
      Add(BlockerKind::kSpendCap,
          Cat("the spend cap of ",
              most,
              " USD for a run is reached",
              far,
              ": launches go on if spend_cap.per_run of its DAG is raised"));
      return;
    }
    const base::Time next = model::DayOf(state_.now).end;
    Add(BlockerKind::kSpendCap,
        Cat(bar.kind == Bar::Kind::kSpendOfDag ? "the DAG's spend cap of "
                                               : "the project's spend cap of ",
            most,
            " USD a day is reached",
            far,
            "; launches go on at ",
            base::FormatRfc3339(next)));
    found_.back().until = next;
  }

  void FindMaxActive(const Bar& bar) {
    const std::string_view key = bar.kind == Bar::Kind::kTasksOfRun ? "max_active_tasks"
                                 : bar.kind == Bar::Kind::kInstancesInDag
                                     ? "max_active_tis_per_dag"
                                     : "max_active_tis_per_dagrun";
    const std::string_view where = bar.kind == Bar::Kind::kTasksOfRun
                                       ? " jobs of the run hold slots"
                                   : bar.kind == Bar::Kind::kInstancesInDag
                                       ? " instances of the job hold slots in the DAG's runs"
                                       : " instances of the job hold slots in the run";
    Add(BlockerKind::kMaxActive, Cat(key, " is ", bar.max, ", and ", bar.held, where));
  }

  // Those that hold slots under the limit.
  std::vector<std::string> Sharers(const LimitUse& limit) {
    std::vector<std::string> names;
    for (const auto& [key, holder] : state_.holding) {
      for (const LimitUse& use : holder.job->limits) {
        if (use.scope == limit.scope && KeyOf(use.limit) == KeyOf(limit.limit) &&
            use.value == limit.value)
          names.push_back(NameOf(*holder.job));
      }
    }
    return names;
  }

  // With its run, unless that is the same.
  std::string NameOf(const JobInstance& job) {
    const model::RunKey& run = job.row.key.run;
    if (run.dag != run_.row.key.dag)
      named_.insert(run.dag);
    const std::string name = model::DisplayName(job.row.key);
    return run == run_.row.key ? name : Cat(ToString(run), "/", name);
  }

  bool FindHold() {
    const model::HoldRow* hold = HoldOn(state_, run_.row.key.dag, *job_.def);
    if (hold == nullptr)
      return false;
    Add(BlockerKind::kHold,
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
  std::set<model::DagId> named_;  // other DAGs, in the sentence that comes next
  std::vector<Blocker> found_;
};

}  // namespace

std::string_view ToString(BlockerKind kind) {
  switch (kind) {
    case BlockerKind::kPaused:
      return "paused";
    case BlockerKind::kStartJitter:
      return "start_jitter";
    case BlockerKind::kRunQueued:
      return "run_queued";
    case BlockerKind::kUpstream:
      return "upstream";
    case BlockerKind::kUpstreamDag:
      return "upstream_dag";
    case BlockerKind::kPastRun:
      return "past_run";
    case BlockerKind::kGroup:
      return "group";
    case BlockerKind::kGroupRetry:
      return "group_retry";
    case BlockerKind::kRetryDelay:
      return "retry_delay";
    case BlockerKind::kPool:
      return "pool";
    case BlockerKind::kLimit:
      return "limit";
    case BlockerKind::kSpendCap:
      return "spend_cap";
    case BlockerKind::kMaxActive:
      return "max_active";
    case BlockerKind::kHold:
      return "hold";
    case BlockerKind::kInstances:
      return "instances";
    case BlockerKind::kTurn:
      return "launch_turn";
    case BlockerKind::kLookUp:
      return "look_up";
    case BlockerKind::kOutputs:
      return "outputs";
    case BlockerKind::kOldWork:
      return "old_cluster";
    case BlockerKind::kTrigger:
      return "trigger";
    case BlockerKind::kTriggeredRun:
      return "triggered_run";
  }
  return "";
}

std::string Enumerate(const std::vector<std::string>& names, size_t all) {
  all = std::max(all, names.size());
  std::vector<std::string> shown(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedMost)));
  std::string text = base::Join(shown, ", ");
  if (all > shown.size())
    text += Cat(" and ", all - shown.size(), " more");
  return text;
}

std::vector<Blocker> BlockersOf(const Engine& engine, const model::JobKey& key) {
  const auto run = engine.state().runs.find(key.run);
  const JobInstance* job = FindJob(engine.state(), key);
  return job == nullptr ? std::vector<Blocker>() : Finder(engine, run->second, *job).Find();
}

}  // namespace engine
