#include "driver/triggers.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/turn.h"

namespace driver {

namespace {

constexpr base::Duration kPause = base::seconds(10);  // after trouble with the store
constexpr size_t kJobsMost = 50;                      // that are read for at once

// By its id, else by its logical date.
base::Result<std::optional<model::RunRow>> FindRun(store::Reader& reader,
                                                   const model::TriggerRow& wish) {
  base::Result<model::RunRow> run = reader.Run(wish.run);
  if (run)
    return std::optional(*std::move(run));
  if (run.error().code != base::ErrorCode::kNotFound)
    return base::Fail(run.error());
  if (!wish.finds_by_date)
    return std::nullopt;
  return reader.RunAt(wish.run.dag, *wish.logical_date);
}

}  // namespace

void Triggers::OnMemoryDropped() {
  not_before_ = context_.Now() + kPause;
}

base::Result<model::TriggersRead::Found> Triggers::Read(const model::TriggerRow& wish) {
  model::TriggersRead::Found found{.attempt = wish.key, .run = {}, .rows = {}};
  ASSIGN_OR_RETURN(found.run, FindRun(store_.reader(), wish));
  const model::Job& def = *engine::FindJob(context_.state(), wish.key.job)->def;
  if (!found.run || !model::TriggerOf(def)->resets || !IsTerminal(found.run->state) ||
      context_.state().runs.contains(found.run->key))
    return found;
  ASSIGN_OR_RETURN(model::Snapshot rows, store::ReadRun(store_.reader(), found.run->key));
  found.rows = std::make_shared<const model::Snapshot>(std::move(rows));
  return found;
}

bool Triggers::Plan() {
  const work::TriggerWishes& wishes = work::WishesOf(context_.engine());
  if (is_held_ || wishes.asked.empty() || context_.Now() < not_before_)
    return false;
  model::TriggersRead read{.as_of = context_.state().last_seq, .found = {}};
  for (const model::JobKey& job : wishes.asked) {
    base::Result<model::TriggersRead::Found> found = Read(wishes.open.at(job));
    if (!found) {
      base::LogWarning("trigger_not_read", {{"message", found.error().message}});
      not_before_ = context_.Now() + kPause;
      return false;
    }
    read.found.push_back(*std::move(found));
    if (read.found.size() == kJobsMost)
      break;
  }
  context_.post(std::move(read));
  return true;
}

std::optional<base::Time> Triggers::NextWake() const {
  if (is_held_ || work::WishesOf(context_.engine()).asked.empty())
    return std::nullopt;
  return std::max(not_before_, context_.Now());
}

}  // namespace driver
