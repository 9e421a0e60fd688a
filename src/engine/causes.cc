#include "engine/causes.h"

#include "base/safe_text.h"
#include "base/text.h"
#include "engine/actions.h"

namespace engine {

void TakeCause(Turn& turn, const model::CauseFound& event, Changes& changes) {
  const Run* run = FindOrRestore(turn, event, changes);
  if (run == nullptr)
    return;
  const model::AttemptKey& key = event.attempt;
  const JobInstance* job = FindJob(turn.state, key.job);
  const bool is_there = job != nullptr && !job->tasks.empty() && key.job.run == event.run &&
                        key.n >= 1 && key.n <= job->row.try_number &&
                        run->row.deletions == event.deletions;
  if (!is_there) {
    changes.outcome = base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("there is no try ", key.n, " of '", model::DisplayName(key.job), "' any more"));
    return;
  }
  const auto [cause, is_new] = turn.state.causes.try_emplace(
      key, model::CauseRow{key, base::Excerpt(event.text, model::kCauseCharactersMax), turn.now});
  if (!is_new)
    return;
  turn.recorder.Put(cause->second);
  const model::TaskRow& task = job->tasks.back();
  const std::string_view state = ToString(task.state);
  turn.recorder.History(
      turn.now,
      model::SubjectOf(key.job, TaskDisplayId(*job->def, task.task, key.job.index)),
      state,
      state,
      base::Cat(model::kCauseLead, key.n, " failed: ", cause->second.text));
}

void ForgetCauses(State& state, const model::RunKey& run) {
  auto it = state.causes.lower_bound({{run, {}, {}}, 0});
  while (it != state.causes.end() && it->first.job.run == run)
    it = state.causes.erase(it);
}

}  // namespace engine
