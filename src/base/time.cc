#include "base/time.h"

#include <cmath>
#include <cstdio>

#include "base/safe_text.h"
#include "base/text.h"

namespace base {

namespace {

struct Broken {
  int year;
  unsigned month, day;
  int hour, minute, second;
  int64_t micros;
};

Broken Break(Time time) {
  using namespace std::chrono;
  auto day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          clock.subseconds().count()};
}

std::string Fraction(int64_t micros, bool always_micros) {
  if (micros == 0)
    return "";
  char buffer[16];
  if (micros % 1000 == 0 && !always_micros)
    std::snprintf(buffer, sizeof(buffer), ".%03d", static_cast<int>(micros / 1000));
  else
    std::snprintf(buffer, sizeof(buffer), ".%06d", static_cast<int>(micros));
  return buffer;
}

std::string DateTime(const Broken& b) {
  char buffer[64];
  std::snprintf(buffer,
                sizeof(buffer),
                "%04d-%02u-%02uT%02d:%02d:%02d",
                b.year,
                b.month,
                b.day,
                b.hour,
                b.minute,
                b.second);
  return buffer;
}

// Reads exactly `digits` digits at `*pos`.
bool Digits(std::string_view text, size_t* pos, int digits, int* value) {
  *value = 0;
  for (int i = 0; i < digits; ++i, ++*pos) {
    if (*pos >= text.size() || text[*pos] < '0' || text[*pos] > '9')
      return false;
    *value = *value * 10 + (text[*pos] - '0');
  }
  return true;
}

bool Literal(std::string_view text, size_t* pos, char c) {
  if (*pos >= text.size() || text[*pos] != c)
    return false;
  ++*pos;
  return true;
}

// ".123456…" at `*pos`: digits past the sixth are cut.
bool ParseFraction(std::string_view text, size_t* pos, int64_t* micros) {
  *micros = 0;
  if (*pos >= text.size() || (text[*pos] != '.' && text[*pos] != ','))
    return true;
  ++*pos;
  int64_t unit = 100000;
  size_t first = *pos;
  while (*pos < text.size() && text[*pos] >= '0' && text[*pos] <= '9') {
    *micros += (text[*pos] - '0') * unit;
    unit /= 10;
    ++*pos;
  }
  return *pos > first;
}

// "Z", "+03:00", "-0330" or nothing (UTC) up to the end of the text.
bool ParseOffset(std::string_view text, size_t pos, int* minutes_east) {
  *minutes_east = 0;
  if (pos == text.size())
    return true;
  if (text[pos] == 'Z' || text[pos] == 'z')
    return pos + 1 == text.size();
  if (text[pos] != '+' && text[pos] != '-')
    return false;
  int sign = text[pos] == '-' ? -1 : 1;
  ++pos;
  int hour, minute;
  if (!Digits(text, &pos, 2, &hour))
    return false;
  if (pos < text.size() && text[pos] == ':')
    ++pos;
  if (!Digits(text, &pos, 2, &minute) || pos != text.size() || hour > 23 || minute > 59)
    return false;
  *minutes_east = sign * (hour * 60 + minute);
  return true;
}

}  // namespace

double ToEpochSeconds(Time time) {
  return static_cast<double>(std::chrono::floor<milliseconds>(time).time_since_epoch().count()) /
         1000.0;
}

Time FromEpochSeconds(double value) {
  return FromMicros(static_cast<int64_t>(std::llround(value * 1e6)));
}

std::string FormatRfc3339(Time time) {
  Broken b = Break(time);
  return DateTime(b) + Fraction(b.micros, false) + "Z";
}

std::string FormatIso(Time time) {
  Broken b = Break(time);
  return DateTime(b) + Fraction(b.micros, true) + "+00:00";
}

Result<Time> ParseTime(std::string_view text) {
  using namespace std::chrono;
  auto bad = [&] {
    return Fail(ErrorCode::kInvalidArgument,
                Cat("'",
                    Excerpt(text),
                    "' is not a time; expected e.g. 2026-01-05 or 2026-01-05T02:00:00Z"));
  };
  size_t pos = 0;
  int y, mo, d, h = 0, mi = 0, s = 0, east = 0;
  int64_t micros = 0;
  if (!Digits(text, &pos, 4, &y) || !Literal(text, &pos, '-') || !Digits(text, &pos, 2, &mo) ||
      !Literal(text, &pos, '-') || !Digits(text, &pos, 2, &d))
    return bad();
  if (pos < text.size()) {
    if (text[pos] != 'T' && text[pos] != 't' && text[pos] != ' ')
      return bad();
    ++pos;
    if (!Digits(text, &pos, 2, &h) || !Literal(text, &pos, ':') || !Digits(text, &pos, 2, &mi))
      return bad();
    if (Literal(text, &pos, ':') && !Digits(text, &pos, 2, &s))
      return bad();
    if (!ParseFraction(text, &pos, &micros) || !ParseOffset(text, pos, &east))
      return bad();
  }
  year_month_day date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
  if (!date.ok() || h > 23 || mi > 59 || s > 59)
    return bad();
  return Time(sys_days(date)) + hours(h) + minutes(mi - east) + seconds(s) + Duration(micros);
}

Result<Duration> ParseDuration(std::string_view text) {
  auto bad = [&] {
    return Fail(
        ErrorCode::kInvalidArgument,
        Cat("'", Excerpt(text), "' is not a duration; expected e.g. 90s, 10m, 1h30m or 5d"));
  };
  double total = 0;
  size_t pos = 0;
  if (text.empty())
    return bad();
  while (pos < text.size()) {
    size_t begin = pos;
    while (pos < text.size() && ((text[pos] >= '0' && text[pos] <= '9') || text[pos] == '.'))
      ++pos;
    auto number = ParseDouble(text.substr(begin, pos - begin));
    size_t unit_begin = pos;
    while (pos < text.size() && text[pos] >= 'a' && text[pos] <= 'z')
      ++pos;
    std::string_view unit = text.substr(unit_begin, pos - unit_begin);
    double scale = unit == "us"   ? 1
                   : unit == "ms" ? 1e3
                   : unit == "s"  ? 1e6
                   : unit == "m"  ? 60e6
                   : unit == "h"  ? 3600e6
                   : unit == "d"  ? 86400e6
                   : unit == "w"  ? 7 * 86400e6
                                  : 0;
    if (!number || scale == 0)
      return bad();
    total += *number * scale;
  }
  if (total > 9e18)
    return bad();
  return Duration(static_cast<int64_t>(std::llround(total)));
}

std::string FormatDuration(Duration duration) {
  if (duration < Duration(0))
    return "-" + FormatDuration(-duration);
  int64_t micros = duration.count();
  if (micros == 0)
    return "0s";
  std::string out;
  auto take = [&](int64_t unit, std::string_view name) {
    if (micros >= unit) {
      out += Cat(micros / unit, name);
      micros %= unit;
    }
  };
  take(86400'000'000, "d");
  take(3600'000'000, "h");
  take(60'000'000, "m");
  take(1'000'000, "s");
  take(1'000, "ms");
  take(1, "us");
  return out;
}

}  // namespace base
