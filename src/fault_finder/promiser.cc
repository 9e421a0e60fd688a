#include "fault_finder/promiser.h"

#include <algorithm>

#include "engine/state.h"

namespace fault_finder {

Promiser::Promiser(simulation::Machine& machine, const Plan& plan) : machine_(machine) {
  for (const Judgement* judgement : AllOf<Judgement>(plan))
    errands_.emplace_back(plan.work.start + judgement->at, judgement);
  std::ranges::sort(errands_, {}, &std::pair<base::Time, const Judgement*>::first);
}

std::optional<base::Time> Promiser::NextDue() const {
  return next_ < errands_.size() ? std::optional(errands_[next_].first) : std::nullopt;
}

void Promiser::OnTime(base::Time now) {
  while (next_ < errands_.size() && errands_[next_].first <= now)
    Judge(*errands_[next_++].second, now);
}

void Promiser::Judge(const Judgement& judgement, base::Time now) {
  const engine::State& state = machine_.driver().state();
  // One that was made long ago, or that comes again.
  const model::DeadlinesJudged old = last_;
  model::DeadlinesJudged& event = last_;
  event = {.judged = {}, .is_whole = judgement.is_whole, .as_of = now};
  int64_t place = judgement.which;
  for (const auto& [key, run] : state.runs) {
    model::DeadlineKey deadline{{key, {}, {}}, judgement.is_shared ? "week" : ""};
    if (judgement.is_of_job) {
      const engine::JobInstance& job =
          run.jobs[static_cast<size_t>(judgement.which) % run.jobs.size()];
      deadline.job = job.row.key;
    }
    const auto due = dues_.try_emplace(deadline, now + judgement.due_in).first;
    if (judgement.moves)
      due->second = now + judgement.due_in;
    event.judged.push_back({.key = deadline,
                            .due = due->second,
                            .status = static_cast<model::DeadlineStatus>(place++ % 4),
                            .expected = now + judgement.due_in,
                            .holds_up = ""});
  }
  machine_.driver().Post(judgement.is_old ? old : event, [](const driver::Outcome&) {});
}

}  // namespace fault_finder
