#include "engine/deadlines.h"

#include "base/text.h"

namespace engine {

namespace {

using base::Cat;
using model::DeadlineKey;
using model::DeadlineRow;
using model::DeadlineStatus;

using Iterator = std::map<DeadlineKey, DeadlineRow>::iterator;

std::pair<Iterator, Iterator> Of(State& state, const model::RunKey& run) {
  const auto begin = state.deadlines.lower_bound({{run, {}, {}}, ""});
  auto end = begin;
  while (end != state.deadlines.end() && end->first.job.run == run)
    ++end;
  return {begin, end};
}

// `before`: its status; "" for a new one.
void Enter(Turn& turn,
           DeadlineRow& row,
           DeadlineStatus to,
           std::string_view before,
           std::string_view cause) {
  turn.recorder.History(
      turn.now, model::DeadlineSubject(row.key.job, row.key.name), before, ToString(to), cause);
  row.status = to;
  row.since = turn.now;
  turn.recorder.Put(row);
  if (!IsFinal(to))
    return;
  turn.state.dues.erase({row.due, row.key});
  turn.state.closed.push_back(row.key);
}

std::string InWords(const model::DeadlinesJudged::Judged& judged) {
  return Cat("due at ",
             base::FormatRfc3339(judged.due),
             judged.expected ? Cat(", expected by ", base::FormatRfc3339(*judged.expected))
             : judged.status == DeadlineStatus::kAtRisk ? ""  // `holds_up` says what is not known
                                                        : ", not expected to end",
             judged.holds_up.empty() ? "" : "; ",
             judged.holds_up);
}

bool IsUnderWay(const State& state, const model::JobKey& key) {
  const auto run = state.runs.find(key.run);
  if (run == state.runs.end() || IsTerminal(run->second.row.state))
    return false;
  if (key.job.empty())
    return true;
  const JobInstance* job = FindJob(state, key);
  return job != nullptr && !IsEnded(job->state);
}

void Take(Turn& turn, const model::DeadlinesJudged::Judged& judged) {
  if (!IsUnderWay(turn.state, judged.key.job))
    return;
  const auto [found, is_new] = turn.state.deadlines.try_emplace(judged.key);
  DeadlineRow& row = found->second;
  if (!is_new && IsFinal(row.status))
    return;
  // That its time is over is for MissDeadlines to say, at the end of this event.
  const DeadlineStatus to = IsFinal(judged.status) ? DeadlineStatus::kLate : judged.status;
  const bool is_moved = is_new || row.due != judged.due;
  if (is_moved) {
    turn.state.dues.erase({row.due, judged.key});
    turn.state.dues.insert({judged.due, judged.key});
  }
  row.key = judged.key;
  row.due = judged.due;
  if (!is_moved && row.status == to)
    return;
  row.expected = judged.expected;
  row.holds_up = judged.holds_up;
  Enter(turn, row, to, is_new ? "" : ToString(row.status), InWords(judged));
}

}  // namespace

void TakeJudgement(Turn& turn, const model::DeadlinesJudged& event) {
  for (const auto& judged : event.judged)
    Take(turn, judged);
  if (!event.is_whole)
    return;
  std::set<DeadlineKey> named;
  for (const auto& judged : event.judged)
    named.insert(judged.key);
  for (auto& [key, row] : turn.state.deadlines) {
    if (!IsFinal(row.status) && row.since <= event.as_of && !named.contains(key) &&
        IsUnderWay(turn.state, key.job))
      Enter(turn,
            row,
            DeadlineStatus::kWithdrawn,
            ToString(row.status),
            "the files do not have it any more");
  }
}

void CloseDeadlines(Turn& turn, const model::RunKey& run, const JobInstance* job, bool is_done) {
  if (turn.state.deadlines.empty())
    return;
  const model::JobKey key = job == nullptr ? model::JobKey{run, {}, {}} : job->row.key;
  for (auto [at, end] = Of(turn.state, run); at != end; ++at) {
    DeadlineRow& row = at->second;
    if (IsFinal(row.status) || row.key.job != key)
      continue;
    const std::string_view before = ToString(row.status);
    // If it is cleared it may still be done in time.
    if (!is_done && row.status != DeadlineStatus::kLate && turn.now < row.due)
      Enter(turn, row, DeadlineStatus::kLate, before, "it has failed");
    if (is_done && turn.now <= row.due)
      Enter(turn, row, DeadlineStatus::kMet, before, "it has succeeded");
  }
}

void WithdrawDeadlines(Turn& turn, const model::JobKey& job, std::string_view cause) {
  for (auto [at, end] = Of(turn.state, job.run); at != end; ++at) {
    if (!IsFinal(at->second.status) && at->first.job == job)
      Enter(turn, at->second, DeadlineStatus::kWithdrawn, ToString(at->second.status), cause);
  }
}

void MissDeadlines(Turn& turn) {
  while (!turn.state.dues.empty() && turn.state.dues.begin()->first <= turn.now) {
    DeadlineRow& row = turn.state.deadlines.at(turn.state.dues.begin()->second);
    Enter(turn,
          row,
          DeadlineStatus::kMissed,
          ToString(row.status),
          Cat("it was due at ", base::FormatRfc3339(row.due)));
  }
}

void LoadDeadlines(State& state, const std::vector<DeadlineRow>& rows) {
  for (const DeadlineRow& row : rows) {
    state.deadlines.insert_or_assign(row.key, row);
    if (!IsFinal(row.status))
      state.dues.insert({row.due, row.key});
  }
}

void RestoreDeadlines(State& state, const std::vector<DeadlineRow>& rows) {
  for (DeadlineRow row : rows) {
    // Without its run, time alone could close it since it was read.
    if (!IsFinal(row.status))
      row.status = DeadlineStatus::kMissed;
    state.deadlines.try_emplace(row.key, row);
  }
}

void ForgetDeadlines(State& state, const model::RunKey& run) {
  for (auto [at, end] = Of(state, run); at != end;)
    at = IsFinal(at->second.status) ? state.deadlines.erase(at) : std::next(at);
}

void DropClosed(State& state) {
  for (const DeadlineKey& key : state.closed) {
    if (!state.runs.contains(key.job.run))
      state.deadlines.erase(key);
  }
  state.closed.clear();
}

}  // namespace engine
