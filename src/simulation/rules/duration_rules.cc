#include "simulation/rules/duration_rules.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/skips.h"

namespace simulation {

namespace {

// No more than 20 successes, and no more than 60 in all.
std::vector<model::PastAttempt> Latest(const std::vector<model::PastAttempt>& all) {
  int successes = 0;
  auto begin = all.end();
  while (begin != all.begin() && all.end() - begin < 60) {
    successes += std::prev(begin)->verdict == model::VerdictClass::kSuccess ? 1 : 0;
    if (successes > 20)
      break;
    --begin;
  }
  return {begin, all.end()};
}

}  // namespace

void DurationRules::OnAttempt(const model::AttemptRow& row) {
  if (!row.ended_at || !closed_.insert(row.key).second)
    return;
  // It had nothing to do: the run that it wanted was there.
  const auto wish = facts_.wishes.find(row.key);
  const bool is_skipped = wish != facts_.wishes.end() &&
                          row.verdict == model::VerdictClass::kSuccess &&
                          wish->second.state == model::TriggerState::kNothing;
  const model::Job* def = facts_.DefOf(row.key.job);
  const bool asks_to_skip =
      def != nullptr && AsksToSkip(*def) && row.verdict == model::VerdictClass::kSuccess;
  const bool counts = !is_skipped && !asks_to_skip && row.verdict != model::VerdictClass::kUser &&
                      row.verdict != model::VerdictClass::kConfiguration;
  if (!counts)
    return;
  const Which which{row.key.job.run.dag, row.key.job.job, row.key.job.lane};
  past_[which].push_back({*row.ended_at - row.started_at, *row.verdict});
  changed_.insert(which);
}

void DurationRules::OnDurations(const model::DurationsRow& row) {
  const Which which{row.dag, row.job, row.lane};
  kept_[which] = row.attempts;
  changed_.insert(which);
}

void DurationRules::OnBatchEnd(base::Time now) {
  for (const Which& which : changed_)
    facts_.Check(kept_[which] == Latest(past_[which]), now, [&] {
      return base::Cat("the durations kept of ",
                       std::get<0>(which).str(),
                       "/",
                       model::DisplayName(std::get<1>(which), std::get<2>(which)),
                       " are not those of its latest attempts");
    });
  changed_.clear();
}

// How long its jobs took stays known.
void DurationRules::ForgetRun(const model::RunKey& run) {
  std::erase_if(closed_, [&](const model::AttemptKey& key) { return key.job.run == run; });
}

void DurationRules::Forget() {
  past_.clear();
  kept_.clear();
  closed_.clear();
  changed_.clear();
}

}  // namespace simulation
