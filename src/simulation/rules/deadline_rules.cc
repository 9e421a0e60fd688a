#include "simulation/rules/deadline_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

namespace {

std::string Name(const model::DeadlineRow& row) {
  return base::Cat("I4: the deadline of ",
                   ToString(row.key.job.run),
                   row.key.job.job.empty() ? "" : "/",
                   DisplayName(row.key.job.job, row.key.job.lane));
}

bool IsEnd(model::TaskState state) {
  using enum model::TaskState;
  return state == kSuccess || state == kFailed || state == kUpstreamFailed || state == kSkipped;
}

}  // namespace

void DeadlineRules::Apply(const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* run = std::get_if<model::RunRow>(&change))
      runs_[run->key] = *run;
    else if (const auto* task = std::get_if<model::TaskRow>(&change))
      tasks_[task->job][task->task] = *task;
  }
}

DeadlineRules::Ended DeadlineRules::EndOf(const model::JobKey& of) const {
  if (of.job.empty()) {
    const auto run = runs_.find(of.run);
    if (run == runs_.end() || !IsTerminal(run->second.state))
      return {};
    return {run->second.state == model::RunState::kSuccess ? End::kDone : End::kFailed,
            *run->second.end_date};
  }
  const auto tasks = tasks_.find(of);
  if (tasks == tasks_.end())
    return {};
  Ended out{End::kDone, {}};
  for (const auto& [place, task] : tasks->second) {
    if (!IsEnd(task.state))
      return {};
    if (task.state == model::TaskState::kFailed || task.state == model::TaskState::kUpstreamFailed)
      out.end = End::kFailed;
    out.at = std::max(out.at, task.end_date.value_or(base::Time()));
  }
  return out;
}

void DeadlineRules::Judge(base::Time now, const model::DeadlineRow& row, bool was_over) {
  using enum model::DeadlineStatus;
  const auto known = rows_.find(row.key);
  const auto expect = [&](bool holds, std::string_view what) {
    if (!holds)
      checks_.Breach(now, base::Cat(Name(row), what));
  };
  expect(known == rows_.end() || !IsFinal(known->second.status) || known->second == row,
         " was final, and is judged again");
  const Ended ended = EndOf(row.key.job);
  switch (row.status) {
    case kOnTrack:
    case kAtRisk:
      expect(ended.end == End::kOpen, " is judged, and it has ended");
      expect(row.since < row.due, " has passed, and it may still be met");
      break;
    case kLate:
      // A clear opens it again.
      expect(ended.end == End::kOpen || (!was_over && ended.end == End::kFailed),
             " is late, and it has ended");
      expect(row.since < row.due, " has passed, and it may still be met");
      break;
    case kMet:
      expect(ended.end == End::kDone, " is met, and it has not succeeded");
      expect(row.since <= row.due, " is met after its time");
      break;
    case kMissed:
      expect(row.since >= row.due, " is missed before its time");
      expect(was_over || ended.end != End::kDone || row.since > row.due,
             " is missed, and it succeeded in time");
      break;
    case kWithdrawn:
      expect(!was_over || ended.end == End::kOpen, " is withdrawn after the end");
      break;
  }
}

// What had ended before this commit is told from what ends in it.
void DeadlineRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  std::map<model::DeadlineKey, bool> over;
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::DeadlineRow>(&change))
      over[row->key] = EndOf(row->key.job).end != End::kOpen;
  }
  Apply(batch);
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::DeadlineRow>(&change)) {
      Judge(now, *row, over.at(row->key));
      rows_[row->key] = *row;
    }
  }
  // Who has succeeded has met it, or missed it.
  for (const model::Change& change : batch) {
    const auto* run = std::get_if<model::RunRow>(&change);
    if (run == nullptr || run->state != model::RunState::kSuccess)
      continue;
    for (auto at = rows_.lower_bound({{run->key, {}, {}}, ""});
         at != rows_.end() && at->first.job == model::JobKey{run->key, {}, {}};
         ++at) {
      if (!IsFinal(at->second.status))
        checks_.Breach(now, base::Cat(Name(at->second), " is open, and the run has succeeded"));
    }
  }
}

void DeadlineRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  rows_.clear();
  runs_.clear();
  tasks_.clear();
  for (const Stored& stored : left) {
    Apply(stored.batch);
    for (const model::Change& change : stored.batch) {
      if (const auto* row = std::get_if<model::DeadlineRow>(&change))
        rows_[row->key] = *row;
    }
  }
}

void DeadlineRules::AtEnd(base::Time now, base::Time ours) {
  for (const auto& [key, row] : rows_) {
    if (!IsFinal(row.status) && row.due < ours)
      checks_.Breach(now, base::Cat(Name(row), " has passed, and nobody says so"));
  }
}

}  // namespace simulation
