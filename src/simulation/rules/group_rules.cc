#include "simulation/rules/group_rules.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/group_facts.h"

namespace simulation {

namespace {

using model::TaskState;

bool Any(const std::vector<TaskState>& tasks, TaskState state) {
  return std::ranges::find(tasks, state) != tasks.end();
}

}  // namespace

void GroupRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  judges_ = true;
  Apply(batch);
  for (const model::RunKey& key : changed_)
    Judge(now, key, runs_.at(key));
}

void GroupRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  judges_ = false;
  for (const Stored& stored : left) {
    Apply(stored.batch);
    for (const model::RunKey& key : changed_)
      Judge(now, key, runs_.at(key));
  }
}

void GroupRules::Apply(const std::vector<model::Change>& batch) {
  changed_.clear();
  at_ = {};
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::RunRow>(&change)) {
      runs_[row->key].version = row->version;
      runs_[row->key].state = row->state;
      changed_.insert(row->key);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      Job& job = runs_[task->job.run].jobs[{task->job.job, task->job.lane}][task->job.index];
      const auto place = static_cast<size_t>(task->task);
      job.tasks.resize(std::max(job.tasks.size(), place + 1), TaskState::kNone);
      job.tasks[place] = task->state;
      changed_.insert(task->job.run);
    } else if (const auto* of = std::get_if<model::JobRow>(&change)) {
      runs_[of->key.run].jobs[{of->key.job, of->key.lane}][of->key.index].has_next_try =
          of->next_try_at.has_value();
    } else if (const auto* attempt = std::get_if<model::AttemptRow>(&change)) {
      const model::JobKey& key = attempt->key.job;
      Job& job = runs_[key.run].jobs[{key.job, key.lane}][key.index];
      job.attempts = std::max(job.attempts, attempt->key.n);
      job.verdict = attempt->verdict;
      job.ended_at = attempt->ended_at;
    } else if (const auto* tries = std::get_if<model::GroupTriesRow>(&change)) {
      runs_[tries->key.run].rows[tries->key] = *tries;
      changed_.insert(tries->key.run);
    } else if (const auto* wish = std::get_if<model::TriggerRow>(&change);
               wish != nullptr && wish->state == model::TriggerState::kCleared) {
      runs_[wish->run].is_touched = true;  // as if a person had cleared it
    } else if (const auto* history = std::get_if<model::HistoryRow>(&change)) {
      OnHistory(*history);
    }
  }
}

void GroupRules::OnHistory(const model::HistoryRow& row) {
  at_ = std::max(at_, row.at);
  const bool is_new = row.subject.kind == model::EntityKind::kRun && row.from.empty();
  if (IsByPerson(row) && !row.subject.run.empty() && !is_new)
    runs_[{row.subject.dag, row.subject.run}].is_touched = true;
}

// Inner groups first: what they still try keeps the outer ones waiting.
void GroupRules::Judge(base::Time now, const model::RunKey& key, Run& run) {
  const model::Dag* dag = checks_.versions().Find(run.version);
  if (dag == nullptr || run.is_touched)
    return;
  for (size_t i = dag->groups.size(); i-- > 0;) {
    const model::Group& group = dag->groups[i];
    std::set<model::LaneId> lanes;
    for (const model::Job& job : dag->jobs) {
      if (group.retries > 0 && IsInGroup(job, group.path))
        lanes.insert(job.lane);
    }
    for (const model::LaneId& lane : lanes)
      JudgeGroup(now, key, run, group, lane);
  }
}

const std::map<int, GroupRules::Job>& GroupRules::JobsAt(const Run& run, const model::Job& job) {
  static const std::map<int, Job> kNone{{-1, {}}};
  const auto found = run.jobs.find({job.id, job.lane});
  return found == run.jobs.end() ? kNone : found->second;
}

// As its group sees it: a job that waits for its group has failed.
GroupRules::End GroupRules::EndOf(const Job& job) {
  if (Any(job.tasks, TaskState::kFailed) ||
      (Any(job.tasks, TaskState::kUpForRetry) && !job.has_next_try))
    return End::kFailed;
  const bool is_over = !job.tasks.empty() && std::ranges::all_of(job.tasks, [](TaskState state) {
    return IsTerminal(state);
  });
  return is_over ? End::kGood : End::kOpen;
}

bool GroupRules::IsDone(const Run& run,
                        const model::Group& group,
                        const model::LaneId& lane) const {
  const model::Dag& dag = *checks_.versions().Find(run.version);
  const bool all_over = AllInGroup(dag, group.path, lane, [&](const model::Job& job) {
    return EndOf(JobsAt(run, job).at(-1)) != End::kOpen;
  });
  return all_over && std::ranges::none_of(run.tries, [&](const auto& item) {
           return item.first.second == lane && item.second.due &&
                  item.first.first.starts_with(base::Cat(group.path, "."));
         });
}

void GroupRules::JudgeGroup(base::Time now,
                            const model::RunKey& key,
                            Run& run,
                            const model::Group& group,
                            const model::LaneId& lane) {
  const model::Dag& dag = *checks_.versions().Find(run.version);
  Tries& tries = run.tries[{group.path, lane}];
  const auto stored = run.rows.find({key, group.path, lane});
  const model::GroupTriesRow row =
      stored == run.rows.end() ? model::GroupTriesRow{} : stored->second;
  const std::string name =
      base::Cat("I4: ", ToString(key), ": the group ", group.path, " ", lane.str());
  const auto expect = [&](bool holds, std::string_view what) {
    if (!holds && judges_)
      checks_.Breach(now, base::Cat(name, what));
  };
  bool has_failed = false, for_good = false;
  base::Time last;
  for (const model::Job& def : dag.jobs) {
    if (def.lane != lane || !IsInGroup(def, group.path))
      continue;
    for (const auto& [index, job] : JobsAt(run, def)) {
      has_failed = has_failed || (index < 0 && EndOf(job) == End::kFailed);
      for_good = for_good ||
                 (EndOf(job) == End::kFailed && job.verdict == model::VerdictClass::kConfiguration);
      last = std::max(last, job.ended_at.value_or(base::Time()));
    }
  }
  const bool is_done = IsDone(run, group, lane);
  if (tries.due && (!is_done || !row.next_try_at)) {
    expect(at_ >= *tries.due, " begins again before its delay is over");
    JudgeRetry(now, name, run, group, lane);
    tries.due = std::nullopt;
    return;
  }
  const bool wants = is_done && has_failed && !for_good && tries.failures < group.retries;
  if (tries.due) {
    expect(row.next_try_at == tries.due, " changes the time of its try");
    expect(!IsTerminal(run.state), " waits for a try, and its run has ended");
    return;
  }
  expect(wants == row.next_try_at.has_value(),
         wants ? " has a try left, and does not wait for it" : " waits for a try that it has not");
  if (!wants || !row.next_try_at)
    return;
  tries.due = row.next_try_at;
  ++tries.failures;
  expect(row.failures == tries.failures, " is at another try");
  expect(
      *row.next_try_at >= last + group.retry_delay && *row.next_try_at <= at_ + group.retry_delay,
      " is not tried again after its delay");
  for (const model::Job& def : dag.jobs) {
    if (def.lane == lane && IsInGroup(def, group.path)) {
      for (auto& [index, job] : run.jobs[{def.id, def.lane}])
        job.attempts_at_retry = job.attempts;
    }
  }
}

// No job of it keeps an end that it had, and the groups within it have all their tries.
void GroupRules::JudgeRetry(base::Time now,
                            const std::string& name,
                            Run& run,
                            const model::Group& group,
                            const model::LaneId& lane) {
  for (const model::Job& def : checks_.versions().Find(run.version)->jobs) {
    if (def.lane != lane || !IsInGroup(def, group.path))
      continue;
    for (const auto& [index, job] : JobsAt(run, def)) {
      const bool had_ended = job.attempts > 0 && job.attempts == job.attempts_at_retry;
      const bool keeps = Any(job.tasks, TaskState::kFailed) ||
                         (EndOf(job) == End::kGood && Any(job.tasks, TaskState::kSuccess));
      if (had_ended && keeps && judges_)
        checks_.Breach(
            now,
            base::Cat(name, " begins again without ", model::DisplayName(def.id, def.lane, index)));
    }
  }
  for (auto& [of, tries] : run.tries) {
    if (of.second == lane && of.first.starts_with(base::Cat(group.path, ".")))
      tries = {};
  }
}

}  // namespace simulation
