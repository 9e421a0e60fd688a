#include "schedule/rule.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace schedule {

namespace {

using base::Cat;
using base::Time;

constexpr std::string_view kEvery = "every ";
constexpr std::string_view kFrom = " from ";
constexpr std::string_view kOn = "on ";
constexpr std::string_view kOnce = "@once ";

Dates Sorted(std::vector<Time> dates) {
  std::ranges::sort(dates);
  dates.erase(std::ranges::unique(dates).begin(), dates.end());
  return {std::move(dates)};
}

base::Result<Rule> ParseCrons(std::string_view text) {
  std::vector<Cron> crons;
  for (const std::string& part : base::Split(text, '|')) {
    ASSIGN_OR_RETURN(Cron cron, ParseCron(base::Trim(part)));
    crons.push_back(std::move(cron));
  }
  return Rule{std::move(crons)};
}

base::Result<Rule> ParseEvery(std::string_view text) {
  const size_t from = text.find(kFrom);
  ASSIGN_OR_RETURN(const base::Duration period, base::ParseDuration(text.substr(0, from)));
  if (from == text.npos || period < base::minutes(1))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("'every ", text, "' is no schedule: expected a span of at least 1m"));
  ASSIGN_OR_RETURN(const Time anchor, base::ParseTime(text.substr(from + kFrom.size())));
  return Rule{Every{period, anchor}};
}

base::Result<Rule> ParseDates(std::string_view text) {
  std::vector<Time> dates;
  for (const std::string& part : base::Split(text, ',')) {
    ASSIGN_OR_RETURN(const Time date, base::ParseTime(base::Trim(part)));
    dates.push_back(date);
  }
  return Rule{Sorted(std::move(dates))};
}

base::Result<Rule> ParseTicks(std::string_view text) {
  if (text.starts_with(kEvery))
    return ParseEvery(text.substr(kEvery.size()));
  if (text.starts_with(kOn))
    return ParseDates(text.substr(kOn.size()));
  if (text.starts_with(kOnce))
    return ParseDates(text.substr(kOnce.size()));
  return ParseCrons(text);
}

}  // namespace

std::optional<Time> Every::First(Time from) const {
  const auto last = Last(from);
  return last ? std::optional(*last + period) : std::nullopt;
}

std::optional<Time> Every::Last(Time until) const {
  // The count of whole periods, rounded down on both sides of the anchor.
  const base::Duration since = until - base::Duration(1) - anchor;
  const int64_t count = since / period - (since % period < base::Duration(0) ? 1 : 0);
  return anchor + count * period;
}

std::optional<Time> Dates::First(Time from) const {
  const auto found = std::ranges::lower_bound(dates, from);
  return found == dates.end() ? std::nullopt : std::optional(*found);
}

std::optional<Time> Dates::Last(Time until) const {
  const auto found = std::ranges::lower_bound(dates, until);
  return found == dates.begin() ? std::nullopt : std::optional(*std::prev(found));
}

base::Result<Rule> ParseRule(std::string_view text) {
  const auto [ticks, filter] = SplitFilter(text);
  ASSIGN_OR_RETURN(Rule rule, ParseTicks(ticks));
  ASSIGN_OR_RETURN(rule.filter, ParseFilter(filter));
  return rule;
}

std::string CronsText(const std::vector<std::string>& crons) {
  return base::Join(crons, " | ");
}

std::string EveryText(const Every& every) {
  return Cat(kEvery, base::FormatDuration(every.period), kFrom, base::FormatRfc3339(every.anchor));
}

std::string DatesText(std::vector<Time> dates) {
  std::vector<std::string> texts;
  for (const Time date : Sorted(std::move(dates)).dates)
    texts.push_back(base::FormatRfc3339(date));
  return Cat(kOn, base::Join(texts, ", "));
}

std::string OnceText(Time date) {
  return Cat(kOnce, base::FormatRfc3339(date));
}

}  // namespace schedule
