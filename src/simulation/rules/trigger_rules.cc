#include "simulation/rules/trigger_rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"
#include "simulation/workload.h"

namespace simulation {

namespace {

using model::TriggerState;
using model::VerdictClass;

bool Contains(const std::vector<model::RunState>& states, model::RunState state) {
  return std::ranges::count(states, state) > 0;
}

bool HasRun(const model::TriggerRow& wish) {
  return wish.state == TriggerState::kCreated || wish.state == TriggerState::kCleared;
}

base::Time DayOf(const model::RunRow& run) {
  return std::chrono::floor<std::chrono::days>(run.logical_date.value_or(run.run_after));
}

}  // namespace

void TriggerRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
}

void TriggerRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  dags_.clear();
  runs_.clear();
  attempts_.clear();
  open_.clear();
  paused_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

void TriggerRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  made_.clear();
  dags_before_ = dags_;
  batch_ = row_ + 1;
  std::erase_if(paused_, [&](const model::DagId& dag) { return !dags_.at(dag).is_paused; });
  std::vector<const model::AttemptRow*> ended;
  for (const model::Change& change : batch) {
    ++row_;
    if (const auto* dag = std::get_if<model::DagRow>(&change)) {
      dags_[dag->dag] = *dag;
      if (dag->is_paused)
        paused_.insert(dag->dag);
    } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
      OnRun(*run);
    } else if (const auto* attempt = std::get_if<model::AttemptRow>(&change)) {
      OnAttempt(*attempt);
      if (attempt->ended_at && open_.erase(attempt->key) > 0)
        ended.push_back(attempt);
    } else if (const auto* wish = std::get_if<model::TriggerRow>(&change)) {
      OnWish(now, *wish, judges);
    }
  }
  if (judges) {
    for (const model::AttemptRow* row : ended)
      JudgeEnd(now, *row, attempts_.at(row->key));
    JudgeRuns(now);
    JudgeWaits(now);
  }
}

void TriggerRules::OnRun(const model::RunRow& row) {
  const auto [found, is_new] = runs_.try_emplace(row.key);
  Run& run = found->second;
  if (is_new) {
    run.first = row_;
    if (row.type == model::RunType::kOperatorTriggered)
      made_.insert(row.key);
  }
  run.row = row;
  run.last = row_;
  if (!IsTerminal(row.state)) {
    run.ended.reset();
    return;
  }
  run.ended = run.ended.value_or(row_);
  run.ends[row.state] = row_;
}

void TriggerRules::OnAttempt(const model::AttemptRow& row) {
  const model::Job* def = DefOf(row.key.job);
  if (def == nullptr || model::TriggerOf(*def) == nullptr)
    return;
  const auto [found, is_new] = attempts_.try_emplace(row.key);
  found->second.work = model::TriggerOf(*def);
  if (is_new)
    open_.insert(row.key);
}

void TriggerRules::OnWish(base::Time now, const model::TriggerRow& row, bool judges) {
  const auto found = attempts_.find(row.key);
  if (found == attempts_.end()) {
    if (judges)
      Breach(now, row.key, "wants a run and is no attempt of a job that triggers");
    return;
  }
  Attempt& attempt = found->second;
  const bool had_run = attempt.has_wish && HasRun(attempt.wish);
  const bool gets_run = HasRun(row) && !had_run;
  if (judges && had_run && (row.run != attempt.wish.run || row.state != attempt.wish.state))
    Breach(now, row.key, "has one run and takes another");
  attempt.wish = row;
  attempt.has_wish = true;
  if (!gets_run)
    return;
  attempt.since = batch_;
  const auto run = runs_.find(row.run);
  if (run == runs_.end()) {
    if (judges)
      Breach(now, row.key, "says that it has a run, and there is none");
    return;
  }
  if (row.state == TriggerState::kCreated)
    ++run->second.makers;
  if (!judges)
    return;
  JudgeContent(now, row, attempt);
  const bool is_made = row.state == TriggerState::kCreated;
  if (is_made &&
      (run->second.first < batch_ || run->second.row.triggered_by != ToString(row.key.job)))
    Breach(now, row.key, "says that it made a run that was there");
  if (is_made && WasThere(row, run->second.first))
    Breach(now, row.key, "makes a run, and there was one of its date");
  if (!is_made && (!attempt.work->resets || !WasThere(row, row_)))
    Breach(now, row.key, "clears a run that it may not clear");
  // One that ends at once begins and ends in this batch.
  if (!is_made && run->second.ended && run->second.last < batch_)
    Breach(now, row.key, "says that its run begins again, and it does not");
}

// As the workload says.
void TriggerRules::JudgeContent(base::Time now,
                                const model::TriggerRow& row,
                                const Attempt& attempt) {
  const model::TriggerWork& work = *attempt.work;
  const model::RunRow& mine = runs_.at(row.key.job.run).row;
  const model::RunRow& run = runs_.at(row.run).row;
  if (run.key.dag.str() != work.dag)
    Breach(now, row.key, "triggers another DAG");
  const base::Time day = DayOf(mine);
  const std::string shared =
      base::Cat(kSharedRun, base::FormatRfc3339(day).substr(0, std::size("2026-01-05") - 1));
  if (!work.run_id.empty() && run.key.run.str() != shared)
    Breach(now, row.key, "triggers a run of another id");
  if (!work.logical_date.empty() && run.logical_date != day)
    Breach(now, row.key, "triggers a run of another date");
  if (row.state != TriggerState::kCreated)
    return;
  const auto conf = base::ParseJson(run.conf);
  if (!conf || base::GetString(conf->as_object(), kTriggeredFrom) != mine.key.run.str())
    Breach(now, row.key, "gives its run another conf");
}

void TriggerRules::JudgeEnd(base::Time now, const model::AttemptRow& row, const Attempt& attempt) {
  const model::TriggerWork& work = *attempt.work;
  const model::TriggerRow& wish = attempt.wish;
  const bool has_run = attempt.has_wish && HasRun(wish);
  const auto has_ended = [&](const std::vector<model::RunState>& states) {
    const auto run = has_run ? runs_.find(wish.run) : runs_.end();
    return run != runs_.end() && std::ranges::any_of(run->second.ends, [&](const auto& end) {
             return end.second >= attempt.since && Contains(states, end.first);
           });
  };
  const model::DagId target(work.dag);
  switch (*row.verdict) {
    case VerdictClass::kSuccess:
      if (!has_run && !(work.skips && attempt.has_wish && WasThere(wish, row_)))
        Breach(now, row.key, "succeeds without a run");
      if (has_run && work.waits && !has_ended(work.allowed))
        Breach(now, row.key, "succeeds, and its run has not");
      return;
    case VerdictClass::kApplication: {
      const bool is_paused = work.fails_if_paused && paused_.contains(target);
      if (has_run ? !work.waits || !has_ended(work.failed) : !is_paused)
        Breach(now, row.key, "fails, and its run has not");
      return;
    }
    case VerdictClass::kConfiguration: {
      const bool is_there = attempt.has_wish && WasThere(wish, row_) && !work.resets && !work.skips;
      if (has_run || !(is_there || IsAmiss(target)))
        Breach(now, row.key, "counts as a mistake, and nothing is wrong");
      return;
    }
    case VerdictClass::kInfrastructure:
      Breach(now, row.key, "blames a cluster, and has none");
      return;
    case VerdictClass::kUser:
      return;
  }
}

// Before the batch or after it the DAG is not there or not active, or it does not have the param
// that its runs are given: its file may be older than that of the job.
bool TriggerRules::IsAmiss(const model::DagId& target) const {
  const auto is_well = [&](const std::map<model::DagId, model::DagRow>& dags) {
    const auto dag = dags.find(target);
    return dag != dags.end() && dag->second.is_active &&
           checks_.versions().Find(dag->second.version)->params.contains(kTriggeredFrom);
  };
  return !is_well(dags_) || !is_well(dags_before_);
}

// Each run that jobs make has one that made it.
void TriggerRules::JudgeRuns(base::Time now) {
  for (const model::RunKey& key : made_) {
    if (runs_.at(key).makers != 1)
      checks_.Breach(now,
                     base::Cat("I3: run ",
                               ToString(key),
                               " was made by ",
                               runs_.at(key).makers,
                               " jobs that say so"));
  }
}

void TriggerRules::JudgeWaits(base::Time now) {
  for (const model::AttemptKey& key : open_) {
    const Attempt& attempt = attempts_.at(key);
    if (!attempt.has_wish) {
      Breach(now, key, "is open and wants nothing");
      continue;
    }
    if (!HasRun(attempt.wish))
      continue;
    if (!attempt.work->waits) {
      Breach(now, key, "waits for its run, and is not to");
      continue;
    }
    const auto run = runs_.find(attempt.wish.run);
    if (run == runs_.end() || !run->second.ended)
      continue;
    const model::RunState end = run->second.row.state;
    if (Contains(attempt.work->allowed, end) || Contains(attempt.work->failed, end))
      Breach(now, key, "waits although its run has ended");
  }
}

void TriggerRules::AtEnd(base::Time now) {
  for (const model::AttemptKey& key : open_) {
    if (!HasRun(attempts_.at(key).wish))
      Breach(now, key, "was never told whether there is its run");
  }
}

bool TriggerRules::WasThere(const model::TriggerRow& wish, int64_t before) const {
  const model::TriggerWork& work = *attempts_.at(wish.key).work;
  const bool is_dated = !work.logical_date.empty();
  if (work.run_id.empty() && !is_dated)
    return false;  // nobody else has a run like that
  for (auto it = runs_.lower_bound({wish.run.dag, model::RunId()});
       it != runs_.end() && it->first.dag == wish.run.dag;
       ++it) {
    const bool is_it =
        it->first == wish.run || (is_dated && it->second.row.logical_date == wish.logical_date);
    if (is_it && it->second.first < before)
      return true;
  }
  return false;
}

void TriggerRules::Breach(base::Time now, const model::AttemptKey& key, std::string_view what) {
  checks_.Breach(now, base::Cat("I3: ", ToString(key.job), " try ", key.n, " ", what));
}

const model::Job* TriggerRules::DefOf(const model::JobKey& key) const {
  const auto run = runs_.find(key.run);
  return run == runs_.end()
             ? nullptr
             : FindJob(checks_.versions().Find(run->second.row.version), key.job, key.lane);
}

}  // namespace simulation
