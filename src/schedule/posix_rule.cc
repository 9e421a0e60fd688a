#include "schedule/posix_rule.h"

#include <algorithm>
#include <array>

namespace schedule {

namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Eat(char c) {
    if (Peek() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> Number(int low, int high) {
    int value = 0;
    size_t digits = 0;
    for (; IsDigit(Peek()) && digits < 4; ++digits, rest_.remove_prefix(1))
      value = value * 10 + (Peek() - '0');
    if (digits == 0 || value < low || value > high)
      return std::nullopt;
    return value;
  }

  // "EST" or "<+03>"; what it says is of no interest.
  bool Name() {
    bool quoted = Eat('<');
    size_t length = 0;
    auto belongs = [&](char c) {
      bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      return letter || (quoted && (IsDigit(c) || c == '+' || c == '-'));
    };
    for (; belongs(Peek()); ++length)
      rest_.remove_prefix(1);
    return length >= 3 && (!quoted || Eat('>'));
  }

  // "[+-]h[:mm[:ss]]".
  std::optional<seconds> Clock(int max_hours) {
    int sign = Peek() == '-' ? -1 : 1;
    if (Peek() == '-' || Peek() == '+')
      rest_.remove_prefix(1);
    std::array<std::optional<int>, 3> parts = {Number(0, max_hours), 0, 0};
    for (size_t i = 1; i < parts.size() && Eat(':'); ++i)
      parts[i] = Number(0, 59);
    if (!parts[0] || !parts[1] || !parts[2])
      return std::nullopt;
    return seconds(sign * (*parts[0] * 3600 + *parts[1] * 60 + *parts[2]));
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

std::optional<RuleDate> ParseDate(Cursor& in) {
  RuleDate date;
  std::optional<int> month = 0, week = 0, day;
  if (in.Eat('M')) {
    date.kind = RuleDate::Kind::kMonthWeekDay;
    month = in.Number(1, 12);
    if (!in.Eat('.'))
      return std::nullopt;
    week = in.Number(1, 5);
    if (!in.Eat('.'))
      return std::nullopt;
    day = in.Number(0, 6);
  } else if (in.Eat('J')) {
    date.kind = RuleDate::Kind::kJulian;
    day = in.Number(1, 365);
  } else {
    day = in.Number(0, 365);
  }
  if (!month || !week || !day)
    return std::nullopt;
  date.month = *month;
  date.week = *week;
  date.day = *day;
  if (in.Eat('/')) {
    auto time = in.Clock(167);
    if (!time)
      return std::nullopt;
    date.time = *time;
  }
  return date;
}

sys_days DayOf(const RuleDate& date, std::chrono::year year) {
  using namespace std::chrono;
  sys_days first = year / January / 1;
  switch (date.kind) {
    case RuleDate::Kind::kJulian:
      return first + days(date.day - 1 + (year.is_leap() && date.day > 59 ? 1 : 0));
    case RuleDate::Kind::kDayOfYear:
      return first + days(date.day);
    case RuleDate::Kind::kMonthWeekDay:
      break;
  }
  auto month_of = year / month(static_cast<unsigned>(date.month));
  weekday day(static_cast<unsigned>(date.day));
  if (date.week == 5)
    return sys_days(month_of / day[last]);
  return sys_days(month_of / day[static_cast<unsigned>(date.week)]);
}

}  // namespace

std::optional<PosixRule> ParsePosixRule(std::string_view text) {
  Cursor in(text);
  if (!in.Name())
    return std::nullopt;
  auto west = in.Clock(24);
  if (!west)
    return std::nullopt;
  PosixRule rule{.offset = -*west, .daylight = std::nullopt};
  if (in.AtEnd())
    return rule;

  if (!in.Name())
    return std::nullopt;
  seconds offset = rule.offset + std::chrono::hours(1);
  if (in.Peek() != ',') {
    auto daylight_west = in.Clock(24);
    if (!daylight_west)
      return std::nullopt;
    offset = -*daylight_west;
  }
  if (!in.Eat(','))
    return std::nullopt;
  auto start = ParseDate(in);
  if (!start || !in.Eat(','))
    return std::nullopt;
  auto end = ParseDate(in);
  if (!end || !in.AtEnd())
    return std::nullopt;
  rule.daylight = PosixRule::Daylight{.offset = offset, .start = *start, .end = *end};
  return rule;
}

RuleSpan RuleSpanAt(const PosixRule& rule, sys_seconds utc) {
  if (!rule.daylight)
    return {.begin = std::nullopt, .end = std::nullopt, .offset = rule.offset};
  struct Change {
    sys_seconds at;
    bool to_daylight;
  };
  // Two years each side: a change may stand a week outside its own year.
  constexpr int kReach = 2;
  std::array<Change, 2 * (2 * kReach + 1)> changes;
  auto year = std::chrono::year_month_day(std::chrono::floor<days>(utc)).year();
  size_t count = 0;
  for (int i = -kReach; i <= kReach; ++i) {
    auto y = year + std::chrono::years(i);
    const auto& [offset, start, end] = *rule.daylight;
    changes[count++] = {DayOf(start, y) + start.time - rule.offset, true};
    changes[count++] = {DayOf(end, y) + end.time - offset, false};
  }
  // Daylight time all year is written as an end that coincides with the next start: the start wins.
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return a.at != b.at ? a.at < b.at : !a.to_daylight && b.to_daylight;
  });
  auto next =
      std::upper_bound(changes.begin(), changes.end(), utc, [](sys_seconds at, const Change& c) {
        return at < c.at;
      });
  const Change& current = *(next - 1);
  return {.begin = current.at,
          .end = next->at,
          .offset = current.to_daylight ? rule.daylight->offset : rule.offset};
}

}  // namespace schedule
