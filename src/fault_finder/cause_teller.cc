#include "fault_finder/cause_teller.h"

#include <utility>

#include "base/text.h"
#include "engine/state.h"
#include "store/store.h"

namespace fault_finder {

CauseTeller::CauseTeller(simulation::Machine& machine,
                         simulation::CauseRules& rules,
                         const Plan& plan)
    : machine_(machine), rules_(rules), has_people_(Has<PersonAsks>(plan)) {
  for (const CauseTold* told : AllOf<CauseTold>(plan))
    errands_.push_back(
        {.due = plan.work.start + told->at, .told = told, .found = {}, .left = told->times});
}

std::optional<base::Time> CauseTeller::NextDue() const {
  std::optional<base::Time> next;
  for (const Errand& errand : errands_) {
    if (errand.left > 0 && !is_telling_)
      driver::Earlier(next, errand.due);
  }
  return next;
}

void CauseTeller::OnTime(base::Time now) {
  for (Errand& errand : errands_) {
    if (errand.left == 0 || is_telling_ || errand.due > now)
      continue;
    if (!errand.found) {
      errand.found = ReadLogs(*errand.told);
      errand.due = now + errand.told->waits;
      if (errand.found && errand.told->waits == base::Duration(0))
        GoRound(errand);
    }
    if (!errand.found)
      errand.left = 0;
    else if (errand.due <= now)
      Tell(errand);
  }
  for (Errand& errand : std::exchange(more_, {}))
    errands_.push_back(std::move(errand));
}

void CauseTeller::GoRound(const Errand& first) {
  const model::JobKey& job = first.found->attempt.job;
  const auto attempts = machine_.disk().reader().Attempts(job.run);
  base::Time due = first.due;
  for (const model::AttemptRow& attempt : attempts ? *attempts : std::vector<model::AttemptRow>()) {
    const bool is_other = attempt.key.job.job == job.job && attempt.key.job != job;
    if (!is_other || !attempt.ended_at || attempt.verdict == model::VerdictClass::kSuccess)
      continue;
    due += base::minutes(4);
    model::CauseFound found = *first.found;
    found.attempt = attempt.key;
    found.text = base::Cat("ValueError: ", ++texts_);
    more_.push_back({.due = due, .told = first.told, .found = std::move(found), .left = 1});
  }
}

std::optional<model::CauseFound> CauseTeller::ReadLogs(const CauseTold& told) {
  store::Reader& rows = machine_.disk().reader();
  std::vector<std::pair<model::AttemptKey, int64_t>> failed;
  const auto runs = rows.Runs({.limit = 50});
  for (const model::RunRow& run : runs ? runs->rows : std::vector<model::RunRow>()) {
    const auto attempts = rows.Attempts(run.key);
    for (const model::AttemptRow& attempt : attempts ? *attempts : std::vector<model::AttemptRow>())
      if (attempt.ended_at && attempt.verdict != model::VerdictClass::kSuccess)
        failed.emplace_back(attempt.key, run.deletions);
  }
  if (failed.empty())
    return std::nullopt;
  const auto& [key, deletions] = failed[static_cast<size_t>(told.attempt) % failed.size()];
  model::CauseFound found;
  found.run = key.job.run;
  found.attempt = key;
  found.attempt.n += told.is_unknown ? 1000 : 0;
  found.deletions = deletions;
  found.text = base::Cat("ValueError: ", ++texts_);
  return found;
}

// As the product does: the rows are read when it is told.
void CauseTeller::Tell(Errand& errand) {
  --errand.left;
  model::CauseFound found = *errand.found;
  if (!machine_.driver().state().runs.contains(found.run)) {
    if (has_people_)
      return;
    if (auto rows = store::ReadRun(machine_.disk().reader(), found.run))
      found.rows = std::make_shared<const model::Snapshot>(*std::move(rows));
  }
  rules_.OnTold(found);
  is_telling_ = true;
  machine_.driver().Post(std::move(found), [this](const driver::Outcome&) { is_telling_ = false; });
}

}  // namespace fault_finder
