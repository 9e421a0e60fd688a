#include "engine/durations.h"

#include <algorithm>

#include "engine/names.h"
#include "model/work.h"

namespace engine {

namespace {

// A person's wish and a mistake in the file say nothing of the next attempt.
bool Counts(const model::Verdict& verdict) {
  return verdict.verdict == model::VerdictClass::kSuccess ||
         verdict.verdict == model::VerdictClass::kApplication ||
         verdict.verdict == model::VerdictClass::kInfrastructure;
}

void Bound(std::vector<model::PastAttempt>& attempts) {
  const auto is_success = [](const model::PastAttempt& attempt) {
    return attempt.verdict == model::VerdictClass::kSuccess;
  };
  while (attempts.size() > kAttemptsKept ||
         std::count_if(attempts.begin(), attempts.end(), is_success) > kSuccessesKept)
    attempts.erase(attempts.begin());
}

model::DurationsRow& RowOf(State& state, const JobInstance& job) {
  const JobRef ref = PresentName(state, {job.row.key.run.dag, job.def->id, job.def->lane});
  model::DurationsRow& row = state.durations[ref];
  row.dag = ref.dag;
  row.job = ref.job;
  row.lane = ref.lane;
  return row;
}

}  // namespace

void NoteInstances(Turn& turn, const JobInstance& job, int64_t instances) {
  model::DurationsRow& row = RowOf(turn.state, job);
  if (row.instances == instances)
    return;
  row.instances = instances;
  turn.recorder.Put(row);
}

void NoteDuration(Turn& turn, const JobInstance& job, const model::Verdict& verdict) {
  if (!Counts(verdict))
    return;
  model::DurationsRow& row = RowOf(turn.state, job);
  row.attempts.push_back({*job.attempt->ended_at - job.attempt->started_at, verdict.verdict});
  Bound(row.attempts);
  turn.recorder.Put(row);
}

std::optional<Duration> MedianSuccess(const model::DurationsRow& row) {
  std::vector<Duration> took;
  for (const model::PastAttempt& attempt : row.attempts) {
    if (attempt.verdict == model::VerdictClass::kSuccess)
      took.push_back(attempt.took);
  }
  if (took.empty())
    return std::nullopt;
  const auto middle = took.begin() + static_cast<std::ptrdiff_t>((took.size() - 1) / 2);
  std::nth_element(took.begin(), middle, took.end());
  return *middle;
}

std::optional<Duration> TypicalDuration(const State& state,
                                        const model::DagId& dag,
                                        const model::Job& job) {
  const auto found = state.durations.find(PresentName(state, {dag, job.id, job.lane}));
  const auto median = found == state.durations.end() ? std::nullopt : MedianSuccess(found->second);
  return median ? median : model::ExpectedDuration(job.work);
}

}  // namespace engine
