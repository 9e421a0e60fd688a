#include "simulation/event_bus.h"

#include <utility>

#include "base/draw.h"
#include "base/json_text.h"

namespace simulation {

namespace {

// As a living cluster's last words, by somebody who may not speak for it.
std::string Forge(json::object event, bool is_foreign) {
  if (json::value* detail = event.if_contains("detail"); detail != nullptr && detail->is_object())
    detail->get_object()["state"] = "TERMINATED";
  if (is_foreign)
    event["account"] = "999999999999";
  return base::Serialize(event);
}

}  // namespace

std::optional<base::Time> EventBus::NextDue() const {
  std::optional<base::Time> due = emr_.NextChange();
  if (!under_way_.empty())
    driver::Earlier(due, under_way_.begin()->first);
  return due;
}

int EventBus::Draw(std::string_view what) const {
  return static_cast<int>(base::Draw(options_.seed, what, events_) % 100);
}

void EventBus::Send(base::Time now, std::string event) {
  base::Duration late = options_.late_at_least;
  if (const base::Duration range = options_.late_at_most - late; range.count() > 0)
    late += base::Duration(
        static_cast<int64_t>(base::Draw(options_.seed, "late", events_ * 4 + under_way_.size()) %
                             static_cast<uint64_t>(range.count())));
  under_way_.emplace(now + late, std::move(event));
}

void EventBus::OnTime(base::Time now) {
  emr_.AdvanceTo(now);
  for (json::object& event : emr_.TakeEvents()) {
    ++events_;
    if (Draw("lost") >= options_.lost_percent)
      Send(now, base::Serialize(event));
    if (Draw("doubled") < options_.doubled_percent)
      Send(now, base::Serialize(event));
    if (Draw("forged") < options_.forged_percent)
      Send(now, Forge(std::move(event), events_ % 2 == 0));
  }
  while (!under_way_.empty() && under_way_.begin()->first <= now) {
    const std::string& event = under_way_.begin()->second;
    if (table_ != nullptr)
      table_->Take(event);
    else if (machine_.Lives())
      machine_.driver().TakeEvent(driver::HintSource::kWebhook, event);
    under_way_.erase(under_way_.begin());
  }
}

}  // namespace simulation
