#pragma once

// The POSIX TZ string in a zone file's footer ("EST5EDT,M3.2.0,M11.1.0"), which says how offsets go
// on after the last transition of the file. A part of TimeZone. Includes RFC 8536's
// extension: a change of offset may be up to a week away from its day ("M10.4.4/50").

#include <chrono>
#include <optional>
#include <string_view>

namespace schedule {

struct RuleDate {
  enum class Kind {
    kJulian,        // Jn: day 1-365, February 29 is never counted
    kDayOfYear,     // n: day 0-365, February 29 is counted
    kMonthWeekDay,  // Mm.w.d: weekday d (0 = Sunday) of week w of month m; week 5 is the last
  };
  Kind kind = Kind::kDayOfYear;
  int month = 0;
  int week = 0;
  int day = 0;
  std::chrono::seconds time{7200};  // local time in force before the change, since midnight
};

struct PosixRule {
  struct Daylight {
    std::chrono::seconds offset;
    RuleDate start;
    RuleDate end;
  };
  std::chrono::seconds offset;  // east of UTC; standard time
  std::optional<Daylight> daylight;
};

// Nothing for a text that is no complete rule.
std::optional<PosixRule> ParsePosixRule(std::string_view text);

struct RuleSpan {
  std::optional<std::chrono::sys_seconds> begin;  // none: for ever
  std::optional<std::chrono::sys_seconds> end;
  std::chrono::seconds offset;
};
RuleSpan RuleSpanAt(const PosixRule& rule, std::chrono::sys_seconds utc);

}  // namespace schedule
