#pragma once

// IANA time zones: offsets, and local ("civil") time to and from UTC.
//
// A TimeZone is built from the bytes of a compiled zone file (TZif version 2 or later, RFC 8536):
// its 64-bit transition table, and past the table's end the POSIX TZ rule in its footer, so 2038
// and later years are right. Pure: the reader of /usr/share/zoneinfo/NAME hands the bytes in, after
// asking IsSafeZoneName(). Immutable once built, so any thread may read it. Leap seconds do not
// exist here (the "right/" zones are refused), abbreviations ("EST") are not kept.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/posix_rule.h"

namespace schedule {

// What a clock on the wall shows: a count that has no zone.
using LocalTime = std::chrono::local_time<base::Duration>;

// A stretch of UTC time with one offset. Neighbours may have equal offsets.
struct Span {
  base::Time begin;             // Time::min() where the zone has no earlier transition
  base::Time end;               // exclusive; Time::max() where it has no later one
  std::chrono::seconds offset;  // east of UTC

  LocalTime ToLocal(base::Time utc) const { return LocalTime(utc.time_since_epoch() + offset); }
  base::Time ToUtc(LocalTime local) const { return base::Time(local.time_since_epoch() - offset); }
};

enum class LocalKind {
  kUnique,
  kSkipped,   // clocks were moved forward over it: it never was
  kRepeated,  // clocks were moved back: it was twice
};

struct LocalResult {
  LocalKind kind = LocalKind::kUnique;
  base::Time before;      // read with the offset before the transition (repeated: the first time)
  base::Time after;       // read with the offset after it (repeated: the second time)
  base::Time transition;  // the change itself; all three are equal where the time is unique
};

class TimeZone {
 public:
  static base::Result<TimeZone> Parse(std::string name, std::string_view tzif_bytes);
  static TimeZone Utc();

  const std::string& name() const { return name_; }
  Span SpanAt(base::Time utc) const;
  std::chrono::seconds OffsetAt(base::Time utc) const { return SpanAt(utc).offset; }
  LocalTime ToLocal(base::Time utc) const { return SpanAt(utc).ToLocal(utc); }
  LocalResult Lookup(LocalTime local) const;

  // The instant of a local time: the gap's end where it was skipped, the first where it was twice.
  base::Time ToUtc(LocalTime local) const;
  // Midnight of a date, as start_date means it.
  base::Time StartOfDay(std::chrono::year_month_day date) const;
  // base::ParseTime, but a text without an offset is local time here.
  base::Result<base::Time> ParseTime(std::string_view text) const;
  // "2026-01-05T05:00:00+03:00".
  std::string FormatIso(base::Time utc) const;

 private:
  struct Transition {
    base::Time at;
    std::chrono::seconds offset;  // from then on
  };

  TimeZone() = default;

  std::string name_;
  std::chrono::seconds initial_offset_{0};
  std::vector<Transition> transitions_;  // ascending
  std::optional<PosixRule> rule_;        // from the last transition on
};

// False for a name that must not become a file name below the zone directory: "", "/etc/passwd",
// "../x", "a//b", or characters that no zone name has.
bool IsSafeZoneName(std::string_view name);

// The zones that a project uses, by name. "UTC" is always there.
class ZoneSet {
 public:
  ZoneSet();

  void Add(TimeZone zone);
  // Null where there is none of that name.
  std::shared_ptr<const TimeZone> Find(std::string_view name) const;

 private:
  std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> zones_;
};

}  // namespace schedule
