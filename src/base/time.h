#pragma once

// Points in time and spans: int64 microseconds UTC everywhere. Pure: nothing here reads a clock.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;  // value-initialised: the epoch, 1970-01-01T00:00:00Z

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline int64_t ToMicros(Time time) {
  return time.time_since_epoch().count();
}
inline Time FromMicros(int64_t micros) {
  return Time(Duration(micros));
}
// Seconds since the epoch as AWS's JSON protocols carry them (fraction in milliseconds).
double ToEpochSeconds(Time time);
Time FromEpochSeconds(double seconds);

// "2026-01-05T02:00:00Z", with as many fraction digits as are needed (none, 3 or 6).
std::string FormatRfc3339(Time time);
// "2026-01-05T02:00:00+00:00": the form in Airflow's run ids (microseconds where there are any).
std::string FormatIso(Time time);
// Accepts a date ("2026-01-05", midnight UTC) or a date and time with seconds optional and with an
// offset ("Z", "+03:00") or none (UTC).
Result<Time> ParseTime(std::string_view text);

// "90s", "10m", "1h30m", "5d", "250ms"; a bare number is an error (the unit is missing).
Result<Duration> ParseDuration(std::string_view text);
// The shortest exact form that ParseDuration reads back: "1h30m", "0s", "1.5s" for 1500 ms.
std::string FormatDuration(Duration duration);

struct Interval {
  Time start;  // inclusive
  Time end;    // exclusive
  friend bool operator==(const Interval&, const Interval&) = default;
};

}  // namespace base
