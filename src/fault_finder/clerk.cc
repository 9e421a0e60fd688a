#include "fault_finder/clerk.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"

namespace fault_finder {

namespace {

using One = model::ChangeRecords::One;

constexpr int64_t kRecords = 4;

model::RecordKey KeyOf(int64_t record) {
  constexpr model::RecordKind kKinds[kRecords] = {model::RecordKind::kUser,
                                                  model::RecordKind::kToken,
                                                  model::RecordKind::kVariable,
                                                  model::RecordKind::kConnection};
  const int64_t place = record % kRecords;
  return {kKinds[place], base::Cat("r", place)};
}

}  // namespace

Clerk::Clerk(simulation::Machine& machine, simulation::RecordRules& rules, const Plan& plan)
    : machine_(machine), rules_(rules) {
  for (const RecordChange* change : AllOf<RecordChange>(plan))
    errands_.emplace_back(plan.work.start + change->at, change);
  std::ranges::sort(
      errands_);  // of one moment in the plan's order: they are elements of one vector
}

std::optional<base::Time> Clerk::NextDue() const {
  return next_ < errands_.size() ? std::optional(errands_[next_].first) : std::nullopt;
}

void Clerk::OnTime(base::Time now) {
  while (next_ < errands_.size() && errands_[next_].first <= now) {
    model::ChangeRecords event = EventOf(*errands_[next_].second);
    ++next_;
    const size_t number = rules_.OnAsked(event);
    machine_.driver().Post(std::move(event), [this, number](const driver::Outcome& outcome) {
      rules_.OnAnswered(machine_.Now(), number, outcome);
    });
  }
}

// Of two at once, one is written as it is, before the other or after it.
model::ChangeRecords Clerk::EventOf(const RecordChange& change) const {
  model::ChangeRecords event{.records = {OneOf(change, change.record)},
                             .what = "by a clerk",
                             .is_quiet = change.is_quiet,
                             .by = std::string(simulation::kActors[next_ % 3])};
  if (change.is_pair)
    event.records.insert(next_ % 2 == 0 ? event.records.begin() : event.records.end(),
                         OneOf({.record = 0}, change.record + 1));
  return event;
}

One Clerk::OneOf(const RecordChange& change, int64_t record) const {
  One one{KeyOf(record), std::nullopt, std::nullopt};
  one.before = base::Cat("as ", next_, " found it");
  if (!change.drops) {
    one.body = base::Cat(R"({"n":)", next_, "}");
    one.after = base::Cat("as ", next_, " left it");
  }
  const int64_t revision = RevisionOf(one.id);
  const std::optional<int64_t> expected[] = {std::nullopt, revision, 0, revision + 1};
  one.expected = expected[change.expects & 3];
  return one;
}

int64_t Clerk::RevisionOf(const model::RecordKey& record) const {
  const auto& records = machine_.driver().state().records;
  const auto found = records.find(record);
  return found == records.end() ? 0 : found->second.revision;
}

}  // namespace fault_finder
