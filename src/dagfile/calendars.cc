#include "dagfile/calendars.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dagfile {

namespace {

using base::Cat;
using schedule::DayRange;
using schedule::DaySet;

constexpr size_t kMostDates = 5000;
constexpr std::chrono::days kLongestRange{3660};
constexpr unsigned kMondayToFriday = 0b0111110;

class CalendarReader {
 public:
  CalendarReader(const yaml::Node& root, yaml::Diagnostics* errors)
      : map_(root, "the calendar", errors), errors_(errors) {}

  DaySet Run() {
    map_.Optional<std::string>("description");
    ReadWeekdays();
    days_.dates = ReadDates("dates");
    days_.without = ReadDates("exclude");
    map_.Finish();
    if (map_.is_map() && errors_->empty() && days_.IsEmpty())
      errors_->Add(map_.node().mark(),
                   "the calendar has no days: give 'weekdays', 'business_days: true' or 'dates'");
    return std::move(days_);
  }

 private:
  void ReadWeekdays() {
    if (map_.Optional<bool>("business_days").value_or(false))
      days_.weekdays = kMondayToFriday;
    const auto nodes = map_.Optional<std::vector<yaml::Node>>("weekdays");
    if (!nodes)
      return;
    if (days_.weekdays != 0)
      map_.Error("weekdays", "'weekdays' stands beside 'business_days': give one of them");
    for (const yaml::Node& node : *nodes)
      ReadWeekday(node);
  }

  void ReadWeekday(const yaml::Node& node) {
    const auto word = yaml::Read<std::string>(node, "'weekdays'", errors_);
    if (!word)
      return;
    if (const auto day = schedule::ParseWeekday(*word)) {
      days_.weekdays |= 1U << *day;
      return;
    }
    const auto near = base::DidYouMean(*word, {"mon", "tue", "wed", "thu", "fri", "sat", "sun"});
    errors_->Add(node.mark(),
                 Cat("'weekdays': expected mon, tue, wed, thu, fri, sat or sun, found '",
                     *word,
                     "'",
                     near ? Cat("; did you mean '", *near, "'?") : ""));
  }

  // Each date once, in their order, whatever the order in the file.
  std::vector<DayRange> ReadDates(std::string_view key) {
    std::vector<DayRange> ranges;
    const auto nodes = map_.Optional<std::vector<yaml::Node>>(key);
    if (!nodes)
      return ranges;
    if (nodes->size() > kMostDates)
      map_.Error(key, Cat("'", key, "' has more than ", kMostDates, " entries"));
    else
      for (const yaml::Node& node : *nodes)
        ReadRange(node, key, ranges);
    std::ranges::sort(ranges);
    ranges.erase(std::ranges::unique(ranges).begin(), ranges.end());
    return ranges;
  }

  void ReadRange(const yaml::Node& node, std::string_view key, std::vector<DayRange>& ranges) {
    if (!node.is_map()) {
      if (const auto day = ReadDay(node, key))
        ranges.push_back({*day, *day});
      return;
    }
    yaml::MapReader map(node, Cat("this entry of '", key, "'"), errors_);
    const auto from = map.Required<yaml::Node>("from");
    const auto to = map.Required<yaml::Node>("to");
    map.Finish();
    const auto first = from ? ReadDay(*from, "from") : std::nullopt;
    const auto last = to ? ReadDay(*to, "to") : std::nullopt;
    if (!first || !last)
      return;
    if (*last < *first)
      map.Error("to", "'to' is before 'from'");
    else if (*last - *first > kLongestRange)
      map.Error("to", "'to' is more than ten years after 'from'");
    else
      ranges.push_back({*first, *last});
  }

  std::optional<std::chrono::sys_days> ReadDay(const yaml::Node& node, std::string_view key) {
    const auto text = yaml::Read<std::string>(node, Cat("'", key, "'"), errors_);
    if (!text)
      return std::nullopt;
    const auto time = base::ParseTime(*text);
    if (time && text->size() == std::string_view("2026-01-01").size())
      return std::chrono::floor<std::chrono::days>(*time);
    errors_->Add(node.mark(),
                 Cat("'", key, "': expected a date such as 2026-01-01, found '", *text, "'"));
    return std::nullopt;
  }

  yaml::MapReader map_;
  yaml::Diagnostics* errors_;
  DaySet days_;
};

class FilterReader {
 public:
  FilterReader(yaml::MapReader& dag,
               yaml::Diagnostics* errors,
               const schedule::TimeZone& zone,
               const Calendars& calendars)
      : dag_(dag), errors_(errors), zone_(zone), calendars_(calendars) {}

  Blackouts Run() {
    if (const auto node = dag_.Optional<yaml::Node>("calendar")) {
      if (const DaySet* days = Find(*node, "calendar"))
        read_.filter.only = *days;
    }
    const auto node = dag_.Optional<yaml::Node>("blackout");
    if (!node)
      return std::move(read_);
    for (const yaml::Node& item : node->is_sequence() ? node->items() : std::vector{*node})
      ReadBlackout(item);
    std::ranges::sort(read_.filter.closed, {}, [](const base::Interval& closed) {
      return std::pair(closed.start, closed.end);
    });
    return std::move(read_);
  }

 private:
  const DaySet* Find(const yaml::Node& node, std::string_view key) {
    const auto name = yaml::Read<std::string>(node, Cat("'", key, "'"), errors_);
    if (!name)
      return nullptr;
    if (const auto found = calendars_.find(*name); found != calendars_.end()) {
      read_.is_broken = read_.is_broken || found->second.broken;
      return &found->second.days;
    }
    std::vector<std::string> names;
    for (const auto& [known, calendar] : calendars_)
      names.push_back(known);
    const auto near = base::DidYouMean(*name, names);
    errors_->Add(node.mark(),
                 Cat("there is no calendar '",
                     *name,
                     "': expected calendars/",
                     *name,
                     ".yaml",
                     near ? Cat("; did you mean '", *near, "'?") : ""));
    return nullptr;
  }

  void ReadBlackout(const yaml::Node& node) {
    if (!node.is_map()) {
      if (const DaySet* days = Find(node, "blackout"))
        read_.filter.never.push_back(*days);
      return;
    }
    yaml::MapReader map(node, "this entry of 'blackout'", errors_);
    const auto from = ReadTime(map, "from");
    const auto to = ReadTime(map, "to");
    map.Finish();
    if (from && to && *to <= *from)
      map.Error("to", "this blackout never begins: 'to' is not after 'from'");
    else if (from && to)
      read_.filter.closed.push_back({*from, *to});
  }

  std::optional<base::Time> ReadTime(yaml::MapReader& map, std::string_view key) {
    const auto text = map.Required<std::string>(key);
    if (!text)
      return std::nullopt;
    const auto time = zone_.ParseTime(*text);
    if (time)
      return *time;
    map.Error(key, Cat("'", key, "': ", time.error().message));
    return std::nullopt;
  }

  yaml::MapReader& dag_;
  yaml::Diagnostics* errors_;
  const schedule::TimeZone& zone_;
  const Calendars& calendars_;
  Blackouts read_;
};

}  // namespace

DaySet ReadCalendar(const yaml::Node& root, yaml::Diagnostics* errors) {
  return CalendarReader(root, errors).Run();
}

Blackouts ReadFilter(yaml::MapReader& dag,
                     yaml::Diagnostics* errors,
                     const schedule::TimeZone& zone,
                     const Calendars& calendars) {
  return FilterReader(dag, errors, zone, calendars).Run();
}

}  // namespace dagfile
