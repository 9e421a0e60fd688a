#include "simulation/rules/record_rules.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"

namespace simulation {

using model::RecordKey;

namespace {

std::string Word(bool is_there, const std::string& told, std::string_view otherwise) {
  return is_there ? told.empty() ? "present" : told : std::string(otherwise);
}

// It is not known whether it happened, or it did not for a reason that passes.
bool IsNoAnswer(base::ErrorCode code) {
  return code == base::ErrorCode::kUnavailable || code == base::ErrorCode::kTimeoutUnknown;
}

}  // namespace

size_t RecordRules::OnAsked(const model::ChangeRecords& asked) {
  asked_.push_back({.what = asked, .done = {}});
  return asked_.size() - 1;
}

void RecordRules::OnAnswered(base::Time now, size_t number, const driver::Outcome& outcome) {
  Asked& asked = asked_[number];
  asked.is_open = false;
  const RecordKey& first = asked.what.records.front().id;
  if (outcome) {
    if (asked.done.size() != asked.what.records.size())
      Breach(now, first, "was promised to somebody, and is not stored");
    return;
  }
  if (IsNoAnswer(outcome.error().code))
    return;
  if (!asked.done.empty())
    Breach(now, first, "is stored, and was refused");
  if (!HasReason(asked.what))
    Breach(now, first, base::Cat("is refused for no reason: ", outcome.error().message));
}

bool RecordRules::HasReason(const model::ChangeRecords& asked) const {
  return std::ranges::any_of(asked.records, [&](const One& one) {
    std::set<int64_t> revisions{RevisionOf(one.id)};
    if (const auto turn = revisions_.find(one.id); turn != revisions_.end())
      revisions.insert(turn->second.begin(), turn->second.end());
    return std::ranges::any_of(revisions, [&](int64_t revision) {
      return revision != one.expected.value_or(revision) || (!one.body && revision == 0);
    });
  });
}

void RecordRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  owed_.clear();
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::RecordRow>(&change))
      OnRow(now, *row);
    else if (const auto* dropped = std::get_if<model::RecordDropped>(&change))
      OnDropped(now, dropped->id);
  }
  for (const model::Change& change : batch) {
    if (const auto* line = std::get_if<model::HistoryRow>(&change);
        line != nullptr && line->subject.kind == model::EntityKind::kRecord)
      OnLine(now, *line);
  }
  for (const Line& line : owed_)
    Breach(now, line.record, base::Cat("is changed by ", line.by, ", and no history says so"));
  for (const Asked& asked : asked_) {
    if (!asked.done.empty() && asked.done.size() != asked.what.records.size())
      Breach(now, *asked.done.begin(), "is stored, and what belongs to it is not");
  }
}

void RecordRules::OnRow(base::Time now, const model::RecordRow& row) {
  Asked* asked = Find(row.id, &row.body);
  if (asked == nullptr)
    Breach(now, row.id, "has a body that nobody has asked for, or not any more");
  else
    Take(now, *asked, row.id, /*is_put=*/true);
  if (row.revision != RevisionOf(row.id) + 1)
    Breach(now, row.id, base::Cat("goes from revision ", RevisionOf(row.id), " to ", row.revision));
  records_[row.id] = row;
}

void RecordRules::OnDropped(base::Time now, const RecordKey& record) {
  Asked* asked = Find(record, nullptr);
  if (asked == nullptr)
    Breach(now, record, "is dropped, and nobody has asked for it");
  else
    Take(now, *asked, record, /*is_put=*/false);
  if (records_.erase(record) == 0)
    Breach(now, record, "is dropped, and was not there");
}

// Of several that drop the same, the first that may. What was asked before one that is done, and is
// not done itself, was refused.
RecordRules::Asked* RecordRules::Find(const RecordKey& record, const std::string* body) {
  const auto is_it = [&](const One& one) {
    if (one.id != record)
      return false;
    return body != nullptr
               ? one.body == *body
               : !one.body && one.expected.value_or(RevisionOf(record)) == RevisionOf(record);
  };
  for (size_t i = latest_; i < asked_.size(); ++i) {
    if (asked_[i].is_open && !asked_[i].done.contains(record) &&
        std::ranges::any_of(asked_[i].what.records, is_it)) {
      latest_ = i;
      return &asked_[i];
    }
  }
  return nullptr;
}

void RecordRules::Take(base::Time now, Asked& asked, const RecordKey& record, bool is_put) {
  const int64_t before = RevisionOf(record);
  const auto one = std::ranges::find(asked.what.records, record, &One::id);
  if (one->expected.value_or(before) != before)
    Breach(now, record, base::Cat("is written over revision ", before, ", which was not meant"));
  asked.done.insert(record);
  revisions_[record].insert(before);
  if (!asked.what.is_quiet)
    owed_.push_back({record,
                     Word(before > 0, one->before, ""),
                     Word(is_put, one->after, "removed"),
                     asked.what.by.name});
}

void RecordRules::OnLine(base::Time now, const model::HistoryRow& row) {
  const auto line = std::ranges::find_if(owed_, [&](const Line& owed) {
    return row.subject == model::SubjectOf(owed.record) && row.from == owed.from &&
           row.to == owed.to && row.by.name == owed.by && row.cause.ends_with(owed.by);
  });
  if (line != owed_.end())
    owed_.erase(line);
  else
    checks_.Breach(now,
                   base::Cat("I13: ",
                             row.subject.text,
                             " has a line of history that is not of a change: ",
                             row.cause));
}

void RecordRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  records_.clear();
  OnDeath(now);
  for (const Stored& stored : left) {
    for (const model::Change& change : stored.batch) {
      if (const auto* row = std::get_if<model::RecordRow>(&change))
        records_[row->id] = *row;
      else if (const auto* dropped = std::get_if<model::RecordDropped>(&change))
        records_.erase(dropped->id);
    }
  }
}

// What has not been done by then is not done later.
void RecordRules::OnDeath(base::Time) {
  for (Asked& asked : asked_)
    asked.is_open = false;
  revisions_.clear();
}

void RecordRules::OnTurn(base::Time now) {
  revisions_.clear();
  const engine::Engine* engine = asked_.empty() ? nullptr : engine_();
  if (engine != nullptr && engine->state().records != records_)
    checks_.Breach(now, "I4: the records in memory are not those that were stored");
}

void RecordRules::AtEnd(base::Time now, store::Reader& reader) {
  std::map<RecordKey, model::RecordRow> shown;
  for (const model::RecordKind kind : model::kRecordKinds) {
    const auto rows = reader.Records(kind);
    for (const model::RecordRow& row : rows ? *rows : std::vector<model::RecordRow>())
      shown[row.id] = row;
  }
  if (shown != records_)
    checks_.Breach(now, "I4: the store does not show the records that it was given");
}

int64_t RecordRules::RevisionOf(const RecordKey& record) const {
  const auto found = records_.find(record);
  return found == records_.end() ? 0 : found->second.revision;
}

void RecordRules::Breach(base::Time now, const RecordKey& record, std::string_view what) {
  checks_.Breach(now, base::Cat("I4: the ", ToString(record.kind), " ", record.name, " ", what));
}

}  // namespace simulation
