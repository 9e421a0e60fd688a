#include "schedule/timetable.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace schedule {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

constexpr base::Duration kTickOfTime(1);
constexpr base::Time kFirst = sys_days(year(1) / 1 / 1);
constexpr base::Time kLast = sys_days(year(9999) / 12 / 31);
// The Gregorian calendar repeats after 400 years: what has not matched by then never will.
constexpr days kHorizon(146'097);
constexpr std::chrono::hours kCorrection(3);

}  // namespace

// How the clock change at the beginning of a span concerns this timetable.
struct Timetable::Change {
  bool fires_missed;        // something in the skipped stretch fires at the change
  base::Duration repeated;  // this much of the span has had its fires already
};

Timetable::Timetable(Cron cron, std::shared_ptr<const TimeZone> zone, model::Timetable kind)
    : cron_(std::move(cron)), zone_(std::move(zone)), kind_(kind) {
  CHECK(zone_ != nullptr);
}

Timetable::Change Timetable::ChangeAtBeginOf(const Span& span) const {
  Change none{.fires_missed = false, .repeated = base::Duration(0)};
  if (cron_.IsWildcard() || span.begin == base::Time::min())
    return none;
  Span before = zone_->SpanAt(span.begin - kTickOfTime);
  auto forward = span.offset - before.offset;
  if (forward >= kCorrection || forward <= -kCorrection)
    return none;
  if (forward.count() < 0)
    return {.fires_missed = false, .repeated = -forward};
  bool missed = FirstMatch(cron_, before.ToLocal(span.begin), span.ToLocal(span.begin)).has_value();
  return {.fires_missed = missed, .repeated = base::Duration(0)};
}

// The first tick in [from, until), which lies within the span.
std::optional<base::Time> Timetable::FirstTickIn(const Span& span,
                                                 base::Time from,
                                                 base::Time until) const {
  Change change = ChangeAtBeginOf(span);
  if (change.fires_missed && from <= span.begin)
    return span.begin;
  if (change.repeated.count() > 0)
    from = std::max(from, span.begin + change.repeated);
  auto local = FirstMatch(cron_, span.ToLocal(from), span.ToLocal(until));
  return local ? std::optional(span.ToUtc(*local)) : std::nullopt;
}

std::optional<base::Time> Timetable::LastTickIn(const Span& span,
                                                base::Time from,
                                                base::Time until) const {
  Change change = ChangeAtBeginOf(span);
  base::Time first = from;
  if (change.repeated.count() > 0)
    first = std::max(from, span.begin + change.repeated);
  if (auto local = LastMatch(cron_, span.ToLocal(first), span.ToLocal(until)))
    return span.ToUtc(*local);
  if (change.fires_missed && from <= span.begin)
    return span.begin;
  return std::nullopt;
}

std::optional<base::Time> Timetable::FirstTick(base::Time from) const {
  from = std::max(from, kFirst);
  if (from > kLast)
    return std::nullopt;
  base::Time limit = from + kHorizon;
  while (from < limit) {
    Span span = zone_->SpanAt(from);
    if (auto tick = FirstTickIn(span, from, std::min(span.end, limit)))
      return tick;
    from = span.end;
  }
  return std::nullopt;
}

std::optional<base::Time> Timetable::LastTick(base::Time until) const {
  until = std::min(until, kLast);
  if (until < kFirst)
    return std::nullopt;
  base::Time limit = until - kHorizon;
  while (until > limit) {
    Span span = zone_->SpanAt(until - kTickOfTime);
    if (auto tick = LastTickIn(span, std::max(span.begin, limit), until))
      return tick;
    until = span.begin;
  }
  return std::nullopt;
}

std::optional<Fire> Timetable::FireAt(std::optional<base::Time> tick) const {
  auto previous = tick ? LastTick(*tick) : std::nullopt;
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
