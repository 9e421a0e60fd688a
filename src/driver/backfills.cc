#include "driver/backfills.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/backfills.h"

namespace driver {

namespace {

constexpr base::Duration kPause = base::seconds(10);  // after trouble with the store
constexpr int kTicksMost = 50;                        // that are read at once

}  // namespace

void Backfills::OnMemoryDropped() {
  not_before_ = context_.Now() + kPause;
}

// In turn, so that one that has many ticks does not keep the others waiting.
const engine::Backfill* Backfills::NextToTake() const {
  const engine::State& state = context_.state();
  const engine::Backfill* first = nullptr;
  for (const auto& [id, backfill] : state.backfills) {
    if (!engine::MayTakeTicks(state, backfill))
      continue;
    if (id > latest_)
      return &backfill;
    if (first == nullptr)
      first = &backfill;
  }
  return first;
}

base::Result<model::BackfillTicksRead> Backfills::Read(const engine::Backfill& backfill) {
  const model::BackfillRow& row = backfill.row;
  model::BackfillTicksRead read{.id = row.id,
                                .as_of = context_.state().last_seq,
                                .ticks = {},
                                .by = {row.created_by, "backfill"}};
  int room = row.max_active_runs - backfill.queued_runs - backfill.running_runs;
  for (size_t i = backfill.next;
       i < backfill.ticks.size() && room > 0 && std::ssize(read.ticks) < kTicksMost;
       ++i) {
    model::BackfillTicksRead::Found& found = read.ticks.emplace_back();
    found.number = backfill.ticks[i].number;
    ASSIGN_OR_RETURN(found.run, store_.reader().RunAt(row.dag, backfill.ticks[i].logical_date));
    if (!found.run) {
      --room;
      continue;
    }
    const bool runs_again =
        model::OutcomeOfExisting(row.reprocess,
                                 IsTerminal(found.run->state),
                                 found.run->state == model::RunState::kFailed) ==
        model::TickOutcome::kRerun;
    if (!runs_again)
      continue;
    --room;
    if (!context_.state().runs.contains(found.run->key)) {
      ASSIGN_OR_RETURN(model::Snapshot rows, store::ReadRun(store_.reader(), found.run->key));
      found.rows = std::make_shared<const model::Snapshot>(std::move(rows));
    }
  }
  return read;
}

void Backfills::Plan() {
  if (is_held_ || context_.Now() < not_before_)
    return;
  const engine::Backfill* backfill = NextToTake();
  if (backfill == nullptr)
    return;
  latest_ = backfill->row.id;
  base::Result<model::BackfillTicksRead> read = Read(*backfill);
  if (!read) {
    base::LogWarning("backfill_not_read", {{"message", read.error().message}});
    not_before_ = context_.Now() + kPause;
    return;
  }
  context_.post(*std::move(read));
}

std::optional<base::Time> Backfills::NextWake() const {
  if (is_held_ || NextToTake() == nullptr)
    return std::nullopt;
  return std::max(not_before_, context_.Now());
}

}  // namespace driver
