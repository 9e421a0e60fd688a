#include "simulation/rules/mail_rules.h"

#include <algorithm>

#include "base/text.h"
#include "model/breaker.h"

namespace simulation {

namespace {

using base::Cat;
using model::EntityKind;
using model::Occasion;

std::string AboutRun(const model::Subject& subject) {
  return Cat("failed ", subject.dag.str(), " ", subject.run.str());
}

// What a message about the row is about: decided here once more.
std::string AboutOf(const model::HistoryRow& row) {
  if (row.subject.kind == EntityKind::kTask)
    return Cat(AboutRun(row.subject), "/", row.subject.job.str());
  if (row.subject.kind == EntityKind::kRun)
    return AboutRun(row.subject);
  if (row.subject.kind == EntityKind::kDag)
    return Cat("paused ", row.subject.dag.str());
  return row.subject.kind == EntityKind::kCluster ? "orphans" : row.subject.text;
}

std::string PartOf(const model::Subject& subject) {
  return DisplayName(subject.job, subject.lane, subject.index);
}

// Into which state it has come; "": any.
std::string_view StateOf(Occasion occasion) {
  switch (occasion) {
    case Occasion::kFailed:
      return "failed";
    case Occasion::kRetry:
      return "up_for_retry";
    case Occasion::kSuccess:
      return "success";
    case Occasion::kAtRisk:
      return "at_risk";
    case Occasion::kLate:
      return "late";
    case Occasion::kMissed:
      return "missed";
    case Occasion::kHold:
      return "in force";
    case Occasion::kOrphan:
    case Occasion::kHealth:
      break;
  }
  return "";
}

std::string RunOf(const std::string& about) {
  return about.substr(0, about.find('/'));
}

}  // namespace

void MailRules::OnCommitted(base::Time, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* record = std::get_if<model::RecordRow>(&change))
      is_followed_ = is_followed_ || record->id.kind == model::RecordKind::kPosition;
    if (const auto* attempt = std::get_if<model::AttemptRow>(&change))
      tries_[attempt->key.job] = std::max(tries_[attempt->key.job], attempt->key.n);
    if (const auto* row = std::get_if<model::HistoryRow>(&change))
      OnRow(*row);
  }
}

void MailRules::OnRow(const model::HistoryRow& row) {
  const std::string about = AboutOf(row);
  const bool is_task = row.subject.kind == EntityKind::kTask;
  if (is_task && row.from == row.to)
    return OnCause(row, about);
  begun_.insert({about, row.at, model::IsPauseByFailures(row) ? "failed" : row.to});
  if (row.subject.kind == EntityKind::kDeadline) {
    deadlines_[AboutRun(row.subject)].insert(about);
    OnDeadline(row);
  }
  if (is_task && row.to == "failed" && is_followed_) {
    failed_[about].insert(PartOf(row.subject));
    open_[about].insert(PartOf(row.subject));
  }
  OnEnd(row, about);
}

void MailRules::OnCause(const model::HistoryRow& row, const std::string& about) {
  const model::Subject& subject = row.subject;
  const model::JobKey job = model::JobKeyOf(subject);
  if (row.to != "failed" || !row.cause.starts_with(Cat(model::kCauseLead, tries_[job], " ")))
    return;
  known_.insert({about, row.at});
  if (open_[about].contains(PartOf(subject)))
    caused_[about].insert(PartOf(subject));
}

// What is late again may be less in danger once more before it is reported: then it need not be.
void MailRules::OnDeadline(const model::HistoryRow& row) {
  const std::string& about = row.subject.text;
  const auto again = late_again_.find(about);
  if (row.from == "at_risk" && row.to == "late" && is_followed_ && was_late_.contains(about))
    late_again_[about] = row.at;
  else if (again != late_again_.end() && row.to == "missed")
    missed_late_again_.insert(late_again_.extract(again));
  else if (row.from != row.to)
    late_again_.erase(about);
  if (row.to == "late")
    was_late_.insert(about);
}

// It ends what its jobs have failed by, and its deadlines: nobody hears of those alone of which
// nothing has arrived.
void MailRules::OnRunSuccess(const std::string& about, base::Time at) {
  over_.insert({about, at});
  for (const std::string& deadline : deadlines_[about]) {
    over_.insert({deadline, at});
    if (!reported_.contains(deadline))
      missed_late_again_.erase(deadline);
  }
  for (auto* parts : {&open_, &caused_})
    std::erase_if(*parts, [&](const auto& each) { return RunOf(each.first) == about; });
}

void MailRules::OnEnd(const model::HistoryRow& row, const std::string& about) {
  const bool is_good = row.to == "success" || row.to == "skipped";
  switch (row.subject.kind) {
    case EntityKind::kTask:
      // A cluster that has started has done nothing yet.
      if (!is_good || row.subject.text.ends_with(".start_cluster"))
        return;
      for (auto* parts : {&open_[about], &caused_[about]}) {
        std::erase_if(*parts, [&](const std::string& part) {
          return part == PartOf(row.subject) || part.starts_with(PartOf(row.subject) + "[");
        });
      }
      if (open_[about].empty())
        over_.insert({about, row.at});
      return;
    case EntityKind::kRun:
      if (row.to == "success")
        OnRunSuccess(about, row.at);
      return;
    default:
      over_.insert({about, row.at});
  }
}

bool MailRules::HasHappened(const Told& told) const {
  const std::string_view state = StateOf(told.occasion);
  const auto first = begun_.lower_bound({told.about, told.at, std::string(state)});
  return first != begun_.end() && std::get<0>(*first) == told.about &&
         std::get<1>(*first) == told.at && (state.empty() || std::get<2>(*first) == state);
}

bool MailRules::WasOver(const Told& told) const {
  return over_.contains({told.about, told.at}) || over_.contains({RunOf(told.about), told.at});
}

void MailRules::OnAttempt(base::Time now) {
  attempts_.push_back(now);
  const auto allowed = static_cast<size_t>(per_minute_);
  const size_t count = attempts_.size();
  if (judges_rate_ && count > allowed && now - attempts_[count - 1 - allowed] < base::seconds(58))
    checks_.Breach(now, Cat("N4: more than ", per_minute_, " messages in a minute"));
}

void MailRules::OnArrival(const Arrival& arrival) {
  const bool is_new = seen_.insert(arrival.id).second;
  const auto breach = [&](std::string_view rule, const Told& told, std::string_view what) {
    checks_.Breach(arrival.at,
                   Cat(rule, ": ", told.about, " at ", base::FormatRfc3339(told.at), " ", what));
  };
  if (arrival.told.empty())
    checks_.Breach(arrival.at, Cat("N2: the message ", arrival.id, " reports nothing"));
  for (const Told& told : arrival.told) {
    const auto [id, is_first] = ids_.try_emplace(
        {told.about, told.at, told.occasion, told.is_over, told.is_cause}, arrival.id);
    if (!is_first && id->second != arrival.id)
      breach("N3", told, "is sent again under another id");
    if (arrival.has_cause || told.is_cause)
      explained_.insert(told.about);
    if (told.is_cause) {
      JudgeCause(arrival, told);
      continue;
    }
    if (!told.is_over) {
      if (told.occasion == Occasion::kFailed)
        NoteFailure(arrival, told.about);
      if (!HasHappened(told))
        breach("N2", told, "is reported, and did not happen");
      reported_[told.about] += is_new ? told.times : 0;
      continue;
    }
    if (!reported_.contains(told.about))
      breach("N5", told, "is reported to be over, and its beginning was not");
    if (!WasOver(told))
      breach("N5", told, "is reported to be over, and is not");
  }
}

// One that is sent again may know its cause by then.
void MailRules::NoteFailure(const Arrival& arrival, const std::string& about) {
  if (arrival.has_cause) {
    told_with_cause_.insert(arrival.id);
    unexplained_[about].erase(arrival.id);
  } else if (!told_with_cause_.contains(arrival.id)) {
    unexplained_[about].insert(arrival.id);
  }
}

void MailRules::JudgeCause(const Arrival& arrival, const Told& told) {
  std::set<std::string>& ids = causes_told_[told.about];
  ids.insert(arrival.id);
  const std::string_view why = !known_.contains({told.about, told.at}) ? "is not known"
                               : !reported_.contains(told.about) ? "is reported before its failure"
                               : ids.size() > unexplained_[told.about].size()
                                   ? "is reported more often than failures without it"
                                   : "";
  if (!why.empty())
    checks_.Breach(arrival.at, Cat("N6: the cause of ", told.about, " ", why));
}

void MailRules::AtEnd(base::Time now) {
  for (const auto& [about, parts] : failed_) {
    const auto found = reported_.find(about);
    const int reported = found == reported_.end() ? 0 : found->second;
    if (reported < static_cast<int>(parts.size()))
      checks_.Breach(now,
                     Cat("N1: ", about, ": ", parts.size(), " failed, ", reported, " reported"));
  }
  for (const auto& [about, parts] : caused_) {
    if (!parts.empty() && !explained_.contains(about))
      checks_.Breach(now, Cat("N6: why ", about, " is known, and nobody was told"));
  }
  for (const auto& [about, at] : missed_late_again_) {
    if (!ids_.contains({about, at, Occasion::kLate, false, false}))
      checks_.Breach(
          now,
          Cat("N7: ", about, " is late since ", base::FormatRfc3339(at), ", and nobody was told"));
  }
}

}  // namespace simulation
