#include "engine/records.h"

#include <set>

#include "base/safe_text.h"
#include "base/text.h"

namespace engine {

namespace {

using base::Cat;
using One = model::ChangeRecords::One;

std::string NameOf(const model::RecordKey& id) {
  return Cat(ToString(id.kind), " '", base::Excerpt(id.name), "'");
}

std::string_view WordFor(std::string_view told) {
  return told.empty() ? "present" : told;
}

int64_t RevisionOf(const State& state, const model::RecordKey& id) {
  const auto found = state.records.find(id);
  return found == state.records.end() ? 0 : found->second.revision;
}

base::Status Check(const State& state, const One& one) {
  const int64_t revision = RevisionOf(state, one.id);
  if (one.id.name.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument, "a record needs a name");
  if (one.body && one.body->size() > model::kRecordBytesMax)
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        Cat("the ", NameOf(one.id), " is larger than ", model::kRecordBytesMax >> 10, " KiB"));
  if (!one.body && revision == 0 && one.may_be_gone)
    return {};
  if (!one.body && revision == 0)
    return base::Fail(base::ErrorCode::kNotFound, Cat("there is no ", NameOf(one.id)));
  if (!one.expected || *one.expected == revision)
    return {};
  if (revision == 0)
    return base::Fail(base::ErrorCode::kNotFound, Cat("there is no ", NameOf(one.id)));
  return base::Fail(base::ErrorCode::kConflict,
                    *one.expected == 0
                        ? Cat("the ", NameOf(one.id), " exists already")
                        : Cat("somebody else has changed the ", NameOf(one.id), ": read it again"));
}

base::Status Check(const State& state, const std::vector<One>& all) {
  std::set<model::RecordKey> seen;
  for (const One& one : all) {
    RETURN_IF_ERROR(Check(state, one));
    if (!seen.insert(one.id).second)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        Cat("the ", NameOf(one.id), " is named twice"));
  }
  return {};
}

}  // namespace

void ChangeRecords(Turn& turn, const model::ChangeRecords& event, Changes& changes) {
  changes.outcome = Check(turn.state, event.records);
  if (!changes.outcome)
    return;
  for (const One& one : event.records) {
    const int64_t revision = RevisionOf(turn.state, one.id);
    if (!one.body && revision == 0)
      continue;
    if (one.body) {
      model::RecordRow& row = turn.state.records[one.id];
      row = {one.id, *one.body, revision + 1, turn.now};
      turn.recorder.Put(row);
    } else {
      turn.state.records.erase(one.id);
      turn.recorder.Drop(one.id);
    }
    if (!event.is_quiet)
      turn.recorder.History(turn.now,
                            SubjectOf(one.id),
                            revision == 0 ? "" : WordFor(one.before),
                            one.body ? WordFor(one.after) : "removed",
                            Cat(event.what, event.what.empty() ? "" : ", ", "by ", event.by.name));
  }
}

void NoteRefusal(Turn& turn, const model::Refused& event) {
  turn.recorder.History(
      turn.now,
      model::AccessSubject(event.what),
      "",
      "refused",
      event.times == 1 ? event.why : Cat(event.why, " (", event.times, " times)"));
}

}  // namespace engine
