#include "schedule/filter.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace schedule {

namespace {

using base::Cat;
using base::Time;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view kOnly = " only ";
constexpr std::string_view kNot = " not ";
constexpr std::array<std::string_view, 7> kWeekdays = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

sys_days DayOf(Time tick, const TimeZone& zone) {
  return sys_days(std::chrono::floor<std::chrono::days>(zone.ToLocal(tick)).time_since_epoch());
}

bool IsIn(const std::vector<DayRange>& ranges, sys_days day) {
  return std::ranges::any_of(
      ranges, [&](const DayRange& range) { return range.first <= day && day <= range.last; });
}

const base::Interval* ClosedAt(const Filter& filter, Time tick) {
  const auto found = std::ranges::find_if(filter.closed, [&](const base::Interval& closed) {
    return closed.start <= tick && tick < closed.end;
  });
  return found == filter.closed.end() ? nullptr : &*found;
}

std::string DayText(sys_days day) {
  return base::FormatRfc3339(Time(day)).substr(0, 10);
}

void AddRanges(const std::vector<DayRange>& ranges, char sign, std::vector<std::string>& words) {
  for (const DayRange& range : ranges)
    words.push_back(Cat(std::string(1, sign),
                        DayText(range.first),
                        range.first == range.last ? "" : "..",
                        range.first == range.last ? "" : DayText(range.last)));
}

std::string DaysText(const DaySet& days) {
  std::vector<std::string> words, names;
  for (unsigned i = 1; i <= 7; ++i) {
    if (days.weekdays >> (i % 7) & 1U)
      names.emplace_back(kWeekdays[i % 7]);
  }
  if (!names.empty())
    words.push_back(base::Join(names, ","));
  AddRanges(days.dates, '+', words);
  AddRanges(days.without, '-', words);
  return base::Join(words, " ");
}

base::Error NoFilter(std::string_view word) {
  return {base::ErrorCode::kInvalidArgument, Cat("'", word, "' is no part of a schedule's filter")};
}

base::Result<DayRange> ParseRange(std::string_view text) {
  const size_t dots = text.find("..");
  ASSIGN_OR_RETURN(const Time first, base::ParseTime(text.substr(0, dots)));
  Time last = first;
  if (dots != text.npos) {
    ASSIGN_OR_RETURN(last, base::ParseTime(text.substr(dots + 2)));
  }
  return DayRange{std::chrono::floor<std::chrono::days>(first),
                  std::chrono::floor<std::chrono::days>(last)};
}

base::Status TakeDays(std::string_view word, DaySet& days) {
  if (word[0] == '+' || word[0] == '-') {
    ASSIGN_OR_RETURN(const DayRange range, ParseRange(word.substr(1)));
    (word[0] == '+' ? days.dates : days.without).push_back(range);
    return {};
  }
  for (const std::string& name : base::Split(word, ',')) {
    const auto day = ParseWeekday(name);
    if (!day)
      return base::Fail(NoFilter(word));
    days.weekdays |= 1U << *day;
  }
  return {};
}

base::Result<base::Interval> ParseClosed(std::string_view text, size_t slash) {
  ASSIGN_OR_RETURN(const Time start, base::ParseTime(text.substr(0, slash)));
  ASSIGN_OR_RETURN(const Time end, base::ParseTime(text.substr(slash + 1)));
  return base::Interval{start, end};
}

}  // namespace

bool DaySet::Contains(sys_days day) const {
  const bool is_named = weekdays >> std::chrono::weekday(day).c_encoding() & 1U;
  return (is_named || IsIn(dates, day)) && !IsIn(without, day);
}

bool DaySet::IsEmpty() const {
  if (weekdays != 0)
    return false;
  return std::ranges::all_of(dates, [&](const DayRange& range) {
    for (sys_days day = range.first; day <= range.last; day += std::chrono::days(1)) {
      if (!IsIn(without, day))
        return false;
    }
    return true;
  });
}

sys_days DaySet::First() const {
  sys_days first = weekdays == 0 ? sys_days::max() : sys_days::min();
  for (const DayRange& range : dates)
    first = std::min(first, range.first);
  return first;
}

sys_days DaySet::Last() const {
  sys_days last = weekdays == 0 ? sys_days::min() : sys_days::max();
  for (const DayRange& range : dates)
    last = std::max(last, range.last);
  return last;
}

bool Filter::Allows(Time tick, const TimeZone& zone) const {
  if (IsEmpty())
    return true;
  const sys_days day = DayOf(tick, zone);
  return (!only || only->Contains(day)) &&
         std::ranges::none_of(never, [&](const DaySet& days) { return days.Contains(day); }) &&
         ClosedAt(*this, tick) == nullptr;
}

std::optional<Time> Filter::Resume(Time tick, const TimeZone& zone) const {
  if (const base::Interval* blackout = ClosedAt(*this, tick))
    return blackout->end;
  const sys_days day = DayOf(tick, zone);
  if (only && day >= only->Last())
    return std::nullopt;
  // A day may begin twice, where clocks are set back at midnight.
  const Time next = zone.StartOfDay(year_month_day(day + std::chrono::days(1)));
  return next > tick ? next : tick + base::Duration(1);
}

std::optional<Time> Filter::ResumeBefore(Time tick, const TimeZone& zone) const {
  if (const base::Interval* blackout = ClosedAt(*this, tick))
    return blackout->start;
  const sys_days day = DayOf(tick, zone);
  if (only && day <= only->First())
    return std::nullopt;
  return std::min(tick, zone.StartOfDay(year_month_day(day)));
}

std::string FilterText(const Filter& filter) {
  std::string text;
  if (filter.only)
    text += Cat(kOnly, DaysText(*filter.only));
  for (const DaySet& days : filter.never)
    text += Cat(kNot, DaysText(days));
  for (const base::Interval& closed : filter.closed)
    text += Cat(kNot, base::FormatRfc3339(closed.start), "/", base::FormatRfc3339(closed.end));
  return text;
}

std::pair<std::string_view, std::string_view> SplitFilter(std::string_view text) {
  const size_t begin = std::min(text.find(kOnly), text.find(kNot));
  return begin == text.npos ? std::pair(text, std::string_view())
                            : std::pair(text.substr(0, begin), text.substr(begin));
}

base::Result<Filter> ParseFilter(std::string_view text) {
  Filter filter;
  DaySet* days = nullptr;
  bool may_close = false;
  for (const std::string& word : base::Split(text, ' ')) {
    if (word == "only" || word == "not") {
      may_close = word == "not";
      days = may_close ? nullptr : &filter.only.emplace();
    } else if (const size_t slash = word.find('/'); may_close && slash != word.npos) {
      ASSIGN_OR_RETURN(const base::Interval closed, ParseClosed(word, slash));
      filter.closed.push_back(closed);
    } else if (!word.empty()) {
      if (days == nullptr && !may_close)
        return base::Fail(NoFilter(word));
      if (days == nullptr)
        days = &filter.never.emplace_back();
      RETURN_IF_ERROR(TakeDays(word, *days));
    }
  }
  return filter;
}

std::optional<unsigned> ParseWeekday(std::string_view word) {
  const auto found = std::ranges::find(kWeekdays, word);
  if (found == kWeekdays.end())
    return std::nullopt;
  return static_cast<unsigned>(found - kWeekdays.begin());
}

}  // namespace schedule
