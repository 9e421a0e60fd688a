#pragma once

// Arithmetic on times, by the calendar of the clock that they are shown by. Only for this folder.
//
// In the DAG's zone a day is a day on the clock, so that a change of clocks moves no hour; hours
// and less are real time. A local time that occurs twice is the first of both; one that a change of
// clocks leaves out is read with the offset before it.

#include <array>

#include "template/template.h"
#include "template/value.h"

namespace tmpl {

// What a clock shows.
struct Fields {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<base::Duration> clock;
};

base::Time WallOf(const DateTime& time);
Fields FieldsOf(const DateTime& time);

// By how much to move a time. `days` and `months` follow the clock.
struct Shift {
  int64_t months = 0;
  int64_t days = 0;
  base::Duration rest{};
};

// A day that the new month does not have is its last one. An error outside the years 1 to 9999.
base::Result<DateTime> Move(const DateTime& time, const Shift& shift, const Context& context);

// Whole days of the span follow the clock.
base::Result<DateTime> Move(const DateTime& time, base::Duration span, const Context& context);

inline constexpr std::array<std::string_view, 8> kUnits = {
    "year", "quarter", "month", "week", "day", "hour", "minute", "second"};

// What is wrong with the name of a unit; empty: nothing.
std::string ProblemOfUnit(std::string_view unit);

// A week begins on Monday. REQUIRES: a unit of kUnits.
base::Result<DateTime> StartOf(const DateTime& time, std::string_view unit, const Context& context);
// The last microsecond before the next one begins.
base::Result<DateTime> EndOf(const DateTime& time, std::string_view unit, const Context& context);

}  // namespace tmpl
