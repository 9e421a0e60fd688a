#include "schedule/cron_days.h"

#include <bit>

#include "base/text.h"

namespace schedule {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr int kMostWeeks = 5;
constexpr int kLongestMonth = 31;

unsigned DayOf(local_days day) {
  return static_cast<unsigned>(year_month_day(day).day());
}

local_days LastDayOf(local_days day) {
  const year_month_day date(day);
  return local_days(year_month_day_last(date.year(), std::chrono::month_day_last(date.month())));
}

// The weekday of the same month that is nearest to the day.
local_days NearestWeekday(local_days day) {
  switch (std::chrono::weekday(day).c_encoding()) {
    case 6:  // Saturday
      return DayOf(day) == 1 ? day + days(2) : day - days(1);
    case 0:  // Sunday
      return day == LastDayOf(day) ? day - days(2) : day + days(1);
    default:
      return day;
  }
}

std::optional<int> Number(std::string_view text, int low, int high) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  const auto number = base::ParseInt(text);
  if (!number || *number < low || *number > high)
    return std::nullopt;
  return static_cast<int>(*number);
}

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

bool DatesOfMonth::Has(local_days day) const {
  const local_days last = LastDayOf(day);
  if (before_last >> (last - day).count() & 1)
    return true;
  if (is_last_weekday && day == NearestWeekday(last))
    return true;
  const local_days before_first = day - days(DayOf(day));
  for (uint32_t left = near; left != 0; left &= left - 1) {
    const local_days wanted = before_first + days(std::countr_zero(left));
    if (day == NearestWeekday(std::min(wanted, last)))
      return true;
  }
  return false;
}

bool DatesOfMonth::CanMatch(unsigned days) const {
  return near != 0 || is_last_weekday ||
         static_cast<unsigned>(std::countr_zero(before_last)) < days;
}

bool WeekdaysOfMonth::Has(local_days day) const {
  if (nth == 0)
    return false;
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const unsigned which = (DayOf(day) + 6) / 7;
  const bool is_last = day + days(7) > LastDayOf(day);
  return (nth >> (7 * which + weekday) & 1) != 0 || (is_last && (nth >> weekday & 1) != 0);
}

base::Result<bool> TakeDate(std::string_view item, DatesOfMonth& to) {
  if (item == "L") {
    to.before_last |= 1;
  } else if (item == "LW") {
    to.is_last_weekday = true;
  } else if (item.starts_with("L-")) {
    const auto before = Number(item.substr(2), 1, kLongestMonth - 1);
    if (!before)
      return Invalid(base::Cat("'", item, "': expected L-1 to L-", kLongestMonth - 1));
    to.before_last |= uint32_t{1} << *before;
  } else if (item.ends_with('W')) {
    const auto near = Number(item.substr(0, item.size() - 1), 1, kLongestMonth);
    if (!near)
      return Invalid(base::Cat("'", item, "': expected 1W to ", kLongestMonth, "W, or LW"));
    to.near |= uint32_t{1} << *near;
  } else {
    return false;
  }
  return true;
}

base::Result<std::optional<NthWeekday>> ReadNthWeekday(std::string_view item) {
  if (const size_t hash = item.find('#'); hash != item.npos) {
    const auto nth = Number(item.substr(hash + 1), 1, kMostWeeks);
    if (!nth)
      return Invalid(base::Cat("'", item, "': expected #1 to #", kMostWeeks));
    return NthWeekday{item.substr(0, hash), static_cast<unsigned>(*nth)};
  }
  if (item == "L")
    return Invalid("'L' needs a weekday; expected e.g. 5L or FRIL");
  if (item.ends_with('L'))
    return NthWeekday{item.substr(0, item.size() - 1), 0};
  if (item.starts_with('L'))
    return NthWeekday{item.substr(1), 0};
  return std::nullopt;
}

}  // namespace schedule
