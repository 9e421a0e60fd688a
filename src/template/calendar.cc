#include "template/calendar.h"

#include <algorithm>

#include "base/text.h"

namespace tmpl {

using base::Cat;
using base::Duration;
using base::Time;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month_day;

namespace {

constexpr int64_t kMonthsMax = 12 * 10'000;
constexpr int64_t kDaysMax = 366 * 10'000;

bool IsFar(int64_t count, int64_t max) {
  return count > max || count < -max;
}

tl::unexpected<base::Error> OutOfYears() {
  return base::Fail(base::ErrorCode::kInvalidArgument, "the time is outside the years 1 to 9999");
}

bool InYears(Time wall) {
  using namespace std::chrono;
  constexpr Time kFirst = sys_days(year(1) / 1 / 1);
  constexpr Time kEnd = sys_days(year(10000) / 1 / 1);
  return wall >= kFirst && wall < kEnd;
}

int OffsetAt(Time utc, const Context& context) {
  return context.utc_offset_seconds ? context.utc_offset_seconds(utc) : 0;
}

DateTime At(Time utc, const DateTime& like, const Context& context) {
  return {.utc = utc,
          .offset_seconds = like.local ? OffsetAt(utc, context) : like.offset_seconds,
          .local = like.local};
}

// The time at which the clock of `like` shows `wall`.
base::Result<DateTime> Resolve(Time wall, const DateTime& like, const Context& context) {
  if (!InYears(wall))
    return OutOfYears();
  if (!like.local)
    return At(wall - base::seconds(like.offset_seconds), like, context);
  const int before = OffsetAt(wall - days(1), context);
  const int after = OffsetAt(wall + days(1), context);
  const Time utc = wall - base::seconds(before);
  if (OffsetAt(utc, context) != before && OffsetAt(wall - base::seconds(after), context) == after)
    return At(wall - base::seconds(after), like, context);
  return At(utc, like, context);
}

base::Result<DateTime> MoveByClock(const DateTime& time,
                                   const Shift& shift,
                                   const Context& context) {
  if (IsFar(shift.months, kMonthsMax) || IsFar(shift.days, kDaysMax))
    return OutOfYears();
  const Time wall = WallOf(time);
  const auto day = floor<days>(wall);
  year_month_day date(day);
  date += months(shift.months);
  if (!date.ok())
    date = date.year() / date.month() / std::chrono::last;
  return Resolve(Time(sys_days(date)) + days(shift.days) + (wall - day), time, context);
}

sys_days FirstDay(year_month_day date, std::string_view unit) {
  if (unit == "year")
    return date.year() / 1 / 1;
  if (unit == "quarter")
    return date.year() / ((static_cast<int>(unsigned{date.month()}) - 1) / 3 * 3 + 1) / 1;
  if (unit == "month")
    return date.year() / date.month() / 1;
  sys_days day(date);
  if (unit == "week")
    day -= std::chrono::weekday(day) - std::chrono::Monday;
  return day;
}

Time StartOnClock(Time wall, std::string_view unit) {
  if (unit == "hour")
    return floor<base::hours>(wall);
  if (unit == "minute")
    return floor<base::minutes>(wall);
  if (unit == "second")
    return floor<base::seconds>(wall);
  return FirstDay(year_month_day(floor<days>(wall)), unit);
}

Time NextOnClock(Time start, std::string_view unit) {
  if (unit == "hour")
    return start + base::hours(1);
  if (unit == "minute")
    return start + base::minutes(1);
  if (unit == "second")
    return start + base::seconds(1);
  if (unit == "day")
    return start + days(1);
  if (unit == "week")
    return start + days(7);
  const int count = unit == "year" ? 12 : unit == "quarter" ? 3 : 1;
  return sys_days(year_month_day(floor<days>(start)) + months(count));
}

// Of a time that occurs twice the same one stays meant.
bool IsRealTime(std::string_view unit) {
  return unit == "hour" || unit == "minute" || unit == "second";
}

}  // namespace

Time WallOf(const DateTime& time) {
  return time.utc + base::seconds(time.offset_seconds);
}

Fields FieldsOf(const DateTime& time) {
  const Time wall = WallOf(time);
  const auto day = floor<days>(wall);
  return {year_month_day(day), std::chrono::hh_mm_ss<Duration>(wall - day)};
}

base::Result<DateTime> Move(const DateTime& time, const Shift& shift, const Context& context) {
  DateTime moved = time;
  if (shift.months != 0 || shift.days != 0) {
    ASSIGN_OR_RETURN(moved, MoveByClock(time, shift, context));
  }
  int64_t micros = 0;
  if (__builtin_add_overflow(base::ToMicros(moved.utc), shift.rest.count(), &micros))
    return OutOfYears();
  moved = At(base::FromMicros(micros), moved, context);
  if (!InYears(WallOf(moved)))
    return OutOfYears();
  return moved;
}

base::Result<DateTime> Move(const DateTime& time, Duration span, const Context& context) {
  const auto whole = std::chrono::duration_cast<days>(span);
  return Move(time, Shift{.days = whole.count(), .rest = span - whole}, context);
}

std::string ProblemOfUnit(std::string_view unit) {
  if (std::ranges::find(kUnits, unit) != kUnits.end())
    return "";
  const std::vector<std::string> names(kUnits.begin(), kUnits.end());
  auto near = base::DidYouMean(unit, names);
  return Cat(
      "there is no unit '",
      unit,
      "'; ",
      near ? Cat("did you mean '", *near, "'?") : Cat("there are ", base::Join(names, ", ")));
}

base::Result<DateTime> StartOf(const DateTime& time,
                               std::string_view unit,
                               const Context& context) {
  const Time wall = WallOf(time);
  const Time start = StartOnClock(wall, unit);
  return IsRealTime(unit) ? Move(time, Shift{.rest = start - wall}, context)
                          : Resolve(start, time, context);
}

base::Result<DateTime> EndOf(const DateTime& time, std::string_view unit, const Context& context) {
  const Time wall = WallOf(time);
  const Time last = NextOnClock(StartOnClock(wall, unit), unit) - Duration(1);
  return IsRealTime(unit) ? Move(time, Shift{.rest = last - wall}, context)
                          : Resolve(last, time, context);
}

}  // namespace tmpl
