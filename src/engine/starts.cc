#include "engine/starts.h"

#include "base/draw.h"
#include "base/text.h"

namespace engine {

Duration JitterOf(const model::Dag& dag, Time logical_date) {
  if (dag.start_jitter <= Duration(0))
    return Duration(0);
  const std::string name = base::Cat("start of ", dag.id.str());
  const auto counter = static_cast<uint64_t>(base::ToMicros(logical_date));
  const double share = base::DrawUnit(0, name, counter);
  return Duration(static_cast<int64_t>(share * static_cast<double>(dag.start_jitter.count())));
}

bool StartsLater(const Run& run, Time now) {
  return run.row.state == model::RunState::kQueued && run.row.type == model::RunType::kScheduled &&
         run.plan->dag->start_jitter > Duration(0) && run.row.run_after > now;
}

void AwaitStart(State& state, const Run& run) {
  if (StartsLater(run, state.now))
    state.starts.insert({run.row.run_after, run.row.key});
}

void TakeDueStarts(Turn& turn) {
  auto& starts = turn.state.starts;
  while (!starts.empty() && starts.begin()->first <= turn.now) {
    turn.room.insert(starts.begin()->second.dag);
    starts.erase(starts.begin());
  }
}

void ForgetStart(State& state, const Run& run) {
  state.starts.erase({run.row.run_after, run.row.key});
}

}  // namespace engine
