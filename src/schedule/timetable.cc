#include "schedule/timetable.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/overload.h"

namespace schedule {

namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr base::Duration kTickOfTime(1);
constexpr base::Time kFirst = sys_days(year(1) / 1 / 1);
constexpr base::Time kLast = sys_days(year(9999) / 12 / 31);

using Ticks = std::variant<std::vector<CronTicks>, Every, Dates>;

Ticks TicksOf(Rule rule, const std::shared_ptr<const TimeZone>& zone) {
  const auto of_crons = [&](const std::vector<Cron>& crons) -> Ticks {
    std::vector<CronTicks> all;
    for (const Cron& cron : crons)
      all.emplace_back(cron, zone);
    return all;
  };
  return std::visit(base::Overload{of_crons,
                                   [](Every& every) -> Ticks { return every; },
                                   [](Dates& dates) -> Ticks { return std::move(dates); }},
                    rule.ticks);
}

std::optional<base::Time> FirstOf(const std::vector<CronTicks>& crons, base::Time from) {
  std::optional<base::Time> first;
  for (const CronTicks& cron : crons) {
    const auto tick = cron.First(from);
    if (tick && (!first || *tick < *first))
      first = tick;
  }
  return first;
}

std::optional<base::Time> LastOf(const std::vector<CronTicks>& crons, base::Time until) {
  std::optional<base::Time> last;
  for (const CronTicks& cron : crons)
    last = std::max(last, cron.Last(until));  // nothing is less than any time
  return last;
}

template <typename Rule>
std::optional<base::Time> FirstOf(const Rule& rule, base::Time from) {
  return rule.First(from);
}

template <typename Rule>
std::optional<base::Time> LastOf(const Rule& rule, base::Time until) {
  return rule.Last(until);
}

}  // namespace

Timetable::Timetable(Rule rule, std::shared_ptr<const TimeZone> zone, model::Timetable kind)
    : filter_(std::move(rule.filter)), zone_(std::move(zone)), kind_(kind) {
  CHECK(zone_ != nullptr);
  ticks_ = TicksOf(std::move(rule), zone_);
}

Timetable::Timetable(Cron cron, std::shared_ptr<const TimeZone> zone, model::Timetable kind)
    : Timetable(Rule{std::vector{std::move(cron)}}, std::move(zone), kind) {}

std::optional<base::Time> Timetable::FirstTick(base::Time from) const {
  auto tick = FirstOfRule(from);
  const base::Time first = tick.value_or(from);
  while (tick && !filter_.Allows(*tick, *zone_)) {
    const auto later = filter_.Resume(*tick, *zone_);
    tick = later && *later - first <= kMostYears ? FirstOfRule(*later) : std::nullopt;
  }
  return tick;
}

std::optional<base::Time> Timetable::LastTick(base::Time until) const {
  auto tick = LastOfRule(until);
  const base::Time last = tick.value_or(until);
  while (tick && !filter_.Allows(*tick, *zone_)) {
    const auto earlier = filter_.ResumeBefore(*tick, *zone_);
    tick = earlier && last - *earlier <= kMostYears ? LastOfRule(*earlier) : std::nullopt;
  }
  return tick;
}

std::optional<base::Time> Timetable::FirstOfRule(base::Time from) const {
  from = std::max(from, kFirst);
  if (from > kLast)
    return std::nullopt;
  return std::visit([&](const auto& rule) { return FirstOf(rule, from); }, ticks_);
}

std::optional<base::Time> Timetable::LastOfRule(base::Time until) const {
  until = std::min(until, kLast);
  if (until < kFirst)
    return std::nullopt;
  return std::visit([&](const auto& rule) { return LastOf(rule, until); }, ticks_);
}

std::optional<Fire> Timetable::FireAt(std::optional<base::Time> tick) const {
  auto previous = tick ? LastTick(*tick) : std::nullopt;
  const bool may_be_first = std::holds_alternative<Dates>(ticks_) ||
                            (!filter_.IsEmpty() && kind_ == model::Timetable::kTrigger);
  if (tick && !previous && may_be_first)
    previous = tick;
  if (!previous)
    return std::nullopt;
  return Fire{.run_after = *tick,
              .logical_date = kind_ == model::Timetable::kTrigger ? *tick : *previous,
              .data_interval = {.start = *previous, .end = *tick}};
}

std::optional<Fire> Timetable::Next(base::Time after) const {
  return after > kLast ? std::nullopt : NextAtOrAfter(after + kTickOfTime);
}

std::optional<Fire> Timetable::NextAtOrAfter(base::Time time) const {
  return FireAt(FirstTick(time));
}

std::optional<Fire> Timetable::Prev(base::Time before) const {
  return FireAt(LastTick(before));
}

std::optional<Fire> Timetable::PrevAtOrBefore(base::Time time) const {
  return FireAt(LastTick(std::min(time, kLast) + kTickOfTime));
}

std::optional<Fire> Timetable::NextLogicalAtOrAfter(base::Time date) const {
  auto tick = FirstTick(date);
  if (tick && kind_ == model::Timetable::kDataInterval)
    tick = FirstTick(*tick + kTickOfTime);
  return FireAt(tick);
}

std::optional<Fire> Timetable::PrevLogicalAtOrBefore(base::Time date) const {
  auto tick = LastTick(std::min(date, kLast) + kTickOfTime);
  if (tick && kind_ == model::Timetable::kDataInterval)
    tick = FirstTick(*tick + kTickOfTime);
  return FireAt(tick);
}

std::optional<Fire> Timetable::NextIn(const Window& window, base::Time after) const {
  auto fire = Next(after);
  if (fire && window.start_date && fire->logical_date < *window.start_date)
    fire = NextLogicalAtOrAfter(*window.start_date);
  if (!fire || (window.end_date && fire->logical_date > *window.end_date))
    return std::nullopt;
  return fire;
}

std::optional<Fire> Timetable::LatestIn(const Window& window, base::Time until) const {
  auto fire = PrevAtOrBefore(until);
  if (fire && window.end_date && fire->logical_date > *window.end_date)
    fire = PrevLogicalAtOrBefore(*window.end_date);
  if (!fire || (window.start_date && fire->logical_date < *window.start_date))
    return std::nullopt;
  return fire;
}

}  // namespace schedule
