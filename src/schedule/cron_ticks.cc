#include "schedule/cron_ticks.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace schedule {

namespace {

constexpr base::Duration kTickOfTime(1);
// The Gregorian calendar repeats after 400 years: what has not matched by then never will.
constexpr std::chrono::days kHorizon(146'097);
constexpr std::chrono::hours kCorrection(3);

}  // namespace

// How the clock change at the beginning of a span concerns this expression.
struct CronTicks::Change {
  bool fires_missed;        // something in the skipped stretch fires at the change
  base::Duration repeated;  // this much of the span has had its fires already
};

CronTicks::CronTicks(Cron cron, std::shared_ptr<const TimeZone> zone)
    : cron_(std::move(cron)), zone_(std::move(zone)) {
  CHECK(zone_ != nullptr);
}

CronTicks::Change CronTicks::ChangeAtBeginOf(const Span& span) const {
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
std::optional<base::Time> CronTicks::FirstTickIn(const Span& span,
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

std::optional<base::Time> CronTicks::LastTickIn(const Span& span,
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

std::optional<base::Time> CronTicks::First(base::Time from) const {
  base::Time limit = from + kHorizon;
  while (from < limit) {
    Span span = zone_->SpanAt(from);
    if (auto tick = FirstTickIn(span, from, std::min(span.end, limit)))
      return tick;
    from = span.end;
  }
  return std::nullopt;
}

std::optional<base::Time> CronTicks::Last(base::Time until) const {
  base::Time limit = until - kHorizon;
  while (until > limit) {
    Span span = zone_->SpanAt(until - kTickOfTime);
    if (auto tick = LastTickIn(span, std::max(span.begin, limit), until))
      return tick;
    until = span.begin;
  }
  return std::nullopt;
}

}  // namespace schedule
