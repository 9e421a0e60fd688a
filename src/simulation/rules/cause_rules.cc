#include "simulation/rules/cause_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

namespace {

bool IsLineOf(const model::Change& change, const model::CauseRow& row) {
  const auto* line = std::get_if<model::HistoryRow>(&change);
  return line != nullptr && line->subject.job == row.key.job.job &&
         line->subject.run == row.key.job.run.run && line->subject.index == row.key.job.index &&
         line->cause.starts_with(model::kCauseLead) && line->cause.ends_with(row.text);
}

}  // namespace

void CauseRules::OnTold(const model::CauseFound& found) {
  told_.emplace(found.text, found.deletions);
  about_.emplace(found.text, found.attempt);
}

void CauseRules::Judge(base::Time now, const model::CauseRow& row) {
  const auto breach = [&](std::string_view what) {
    checks_.Breach(
        now,
        base::Cat("cause: that of ", model::DisplayName(row.key.job), " try ", row.key.n, what));
  };
  if (!attempts_.contains(row.key))
    breach(" is of an attempt that is not there");
  const auto about = about_.find(row.text);
  if (about == about_.end() || about->second != row.key ||
      !told_.contains({row.text, runs_[row.key.job.run]}))
    breach(" is none that its logs have");
  if (causes_.contains(row.key))
    breach(" was stored again");
}

void CauseRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::CauseRow>(&change)) {
      Judge(now, *row);
      if (std::ranges::count_if(batch, [&](const auto& each) { return IsLineOf(each, *row); }) != 1)
        checks_.Breach(now, base::Cat("cause: not one line of history tells '", row->text, "'"));
    }
    Take(change);
  }
}

void CauseRules::Take(const model::Change& change) {
  if (const auto* run = std::get_if<model::RunRow>(&change))
    runs_[run->key] = run->deletions;
  if (const auto* attempt = std::get_if<model::AttemptRow>(&change))
    attempts_.insert(attempt->key);
  if (const auto* cause = std::get_if<model::CauseRow>(&change))
    causes_.emplace(cause->key, cause->text);
  if (const auto* deleted = std::get_if<model::Deleted>(&change)) {
    const auto is_gone = [&](const model::RunKey& run) {
      return run.dag == deleted->dag && (deleted->run.empty() || run.run == deleted->run);
    };
    std::erase_if(runs_, [&](const auto& item) { return is_gone(item.first); });
    std::erase_if(attempts_, [&](const auto& key) { return is_gone(key.job.run); });
    std::erase_if(causes_, [&](const auto& item) { return is_gone(item.first.job.run); });
  }
}

void CauseRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  attempts_.clear();
  causes_.clear();
  for (const Stored& stored : left) {
    for (const model::Change& change : stored.batch)
      Take(change);
  }
}

}  // namespace simulation
