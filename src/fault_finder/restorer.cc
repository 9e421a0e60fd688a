#include "fault_finder/restorer.h"

#include <algorithm>
#include <utility>

#include "driver/context.h"
#include "simulation/effects.h"

namespace fault_finder {

Restorer::Restorer(simulation::Clock& clock,
                   simulation::Archive& rows,
                   simulation::Disk& disk,
                   simulation::Witness& witness,
                   const Plan& plan)
    : clock_(clock),
      rows_(rows),
      disk_(disk),
      witness_(witness),
      agenda_(plan, &IsAnyOf<LostTail, StoreDeleted>) {}

std::optional<base::Time> Restorer::NextDue() const {
  std::optional<base::Time> next = agenda_.NextDue();
  driver::Earlier(next, back_at_);
  return next;
}

void Restorer::OnTime(base::Time now) {
  if (back_at_ && *back_at_ <= now)
    throw simulation::Crash{};
  const Disturbance* loss = agenda_.Take(now);
  if (loss == nullptr)
    return;
  if (const StoreDeleted* deleted = std::get_if<StoreDeleted>(loss)) {
    if (!kept_)
      kept_ = rows_.commits().size();
    back_at_ = std::max(back_at_.value_or(now), now + deleted->lasts);
    disk_.Detach();
    witness_.OnDetached(now);
    return;
  }
  due_ = static_cast<size_t>(std::get<LostTail>(*loss).commits);
  throw simulation::Crash{};
}

void Restorer::OnDeath() {
  size_t count = std::exchange(due_, 0);
  if (kept_)
    count = std::max(count, rows_.commits().size() - *kept_);
  const bool is_put_back = std::exchange(kept_, std::nullopt).has_value();
  back_at_ = std::nullopt;
  if (count == 0 && !is_put_back)
    return;
  disk_.Attach();
  const base::Time since = rows_.Lose(count);
  witness_.OnTailLost(clock_.Now(), rows_.commits(), since);
  on_lost_(since);
}

}  // namespace fault_finder
