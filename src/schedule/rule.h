#pragma once

// What a DAG's schedule is, as one text (model::Schedule::cron keeps it, and with it the version):
//
//   0 2 * * 1                                        a cron expression or a preset
//   0 2 * * 1 | 30 14 * * 5                          several; an instant that two name is one tick
//   every 6h from 2026-01-05T00:00:00Z               UTC spans, whatever the clocks do
//   on 2026-12-24T00:00:00Z, 2026-12-31T10:00:00Z    these instants
//   @once 2026-01-05T00:00:00Z                       this one instant
//
// Each of them may have a filter behind it (filter.h). A text of its own is
//
//   @continuous       no ticks: a run begins once the one before has ended (engine/continuous.h)
//
// The DAG reader writes it from `schedule:`. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/cron.h"
#include "schedule/filter.h"

namespace schedule {

struct Every {
  base::Duration period;
  base::Time anchor;  // a tick

  std::optional<base::Time> First(base::Time from) const;  // at or after
  std::optional<base::Time> Last(base::Time until) const;  // strictly before
};

struct Dates {
  std::vector<base::Time> dates;  // ascending, each once

  std::optional<base::Time> First(base::Time from) const;
  std::optional<base::Time> Last(base::Time until) const;
};

struct Rule {
  std::variant<std::vector<Cron>, Every, Dates> ticks;  // at least one cron expression
  Filter filter = {};
};

inline constexpr std::string_view kContinuous = "@continuous";

// kInvalidArgument for @continuous, too: it has no ticks.
base::Result<Rule> ParseRule(std::string_view text);

// The texts.
std::string CronsText(const std::vector<std::string>& crons);
std::string EveryText(const Every& every);
std::string DatesText(std::vector<base::Time> dates);
std::string OnceText(base::Time date);

}  // namespace schedule
