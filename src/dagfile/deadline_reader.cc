#include "dagfile/deadline_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

// By its name or the first three letters of it.
std::optional<int> ParseWeekday(std::string_view text) {
  const std::string lower = base::ToLower(text);
  for (size_t day = 0; day < kWeekdays.size(); ++day) {
    if (lower == kWeekdays[day] || lower == kWeekdays[day].substr(0, 3))
      return static_cast<int>(day);
  }
  return std::nullopt;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// "HH:MM" in minutes; 24:00 is the end of the day.
std::optional<int> ParseClock(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon < 1 || colon > 2 || text.size() != colon + 3)
    return std::nullopt;
  int hours = 0, minutes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == colon)
      continue;
    if (!IsDigit(text[i]))
      return std::nullopt;
    int& part = i < colon ? hours : minutes;
    part = part * 10 + (text[i] - '0');
  }
  const int total = hours * 60 + minutes;
  return minutes < 60 && total <= 24 * 60 ? std::optional(total) : std::nullopt;
}

std::string CronOf(int minutes, std::optional<int> weekday) {
  const bool is_end = minutes == 24 * 60;
  if (is_end)
    minutes = 0;
  if (weekday && is_end)
    weekday = (*weekday + 1) % 7;
  return Cat(minutes % 60,
             " ",
             minutes / 60,
             " * * ",
             weekday ? std::to_string(*weekday) : std::string("*"));
}

std::optional<std::string> ReadMoment(yaml::MapReader& map) {
  const auto text = map.Required<std::string>("by");
  if (!text)
    return std::nullopt;
  auto cron = ParseMoment(*text);
  if (cron)
    return *cron;
  map.Error("by", Cat("'by': ", cron.error().message));
  return std::nullopt;
}

std::optional<base::Duration> CheckWithin(std::optional<base::Duration> within,
                                          yaml::Mark mark,
                                          yaml::Diagnostics* errors) {
  if (within && *within < base::minutes(1)) {
    errors->Add(mark, "a deadline is at least 1m after what it counts from");
    return std::nullopt;
  }
  return within;
}

std::optional<model::Deadline> ReadMap(const yaml::Node& node, yaml::Diagnostics* errors) {
  yaml::MapReader map(node, "'deadline'", errors);
  model::Deadline deadline;
  bool is_good = true;
  map.Take("by");  // a known key, also where it is absent
  if (node.Find("by") != nullptr) {
    const auto by = ReadMoment(map);
    is_good = by.has_value();
    deadline.by = by.value_or("");
    for (const char* key : {"within", "from"}) {
      if (map.Take(key) != nullptr)
        map.Error(key, Cat("'", key, "' and 'by' exclude each other"));
    }
  } else {
    if (const auto from = map.Optional<std::string>("from")) {
      const auto parsed = model::ParseDeadlineFrom(*from);
      is_good = parsed.has_value();
      deadline.from = parsed.value_or(deadline.from);
      if (!parsed)
        map.Error("from",
                  Cat("a deadline counts from data_interval_end, logical_date or queued_at, not '",
                      *from,
                      "'"));
    }
    const auto within =
        CheckWithin(map.Required<base::Duration>("within"), map.MarkOf("within"), errors);
    is_good = is_good && within;
    deadline.within = within.value_or(base::Duration());
  }
  map.Finish();
  return is_good ? std::optional(deadline) : std::nullopt;
}

}  // namespace

base::Result<std::string> ParseMoment(std::string_view text) {
  const std::vector<std::string> words = base::Split(std::string(text), ' ');
  const auto clock = ParseClock(words.back());
  if (clock && words.size() == 1)
    return CronOf(*clock, std::nullopt);
  if (clock && words.size() == 2) {
    if (const auto weekday = ParseWeekday(words.front()))
      return CronOf(*clock, weekday);
  }
  if (words.size() == 5 || text.starts_with('@')) {
    auto cron = schedule::ParseCron(text);
    if (!cron)
      return base::Fail(cron.error());
    return std::string(text);
  }
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat("expected a time such as \"06:00\" or \"Sun 24:00\", or a cron expression, "
                        "found '",
                        text,
                        "'"));
}

std::optional<model::Deadline> ReadDeadline(yaml::MapReader& reader, yaml::Diagnostics* errors) {
  const auto node = reader.Optional<yaml::Node>("deadline");
  if (!node)
    return std::nullopt;
  if (node->is_map())
    return ReadMap(*node, errors);
  const auto within =
      CheckWithin(yaml::Read<base::Duration>(*node, "'deadline'", errors), node->mark(), errors);
  if (!within)
    return std::nullopt;
  model::Deadline deadline;
  deadline.within = *within;
  return deadline;
}

std::optional<model::SharedDeadline> ReadSharedDeadline(std::string_view name,
                                                        const yaml::Node& value,
                                                        std::vector<NotifierUse>* uses,
                                                        yaml::Diagnostics* errors) {
  yaml::MapReader map(value, Cat("the deadline '", name, "'"), errors);
  if (!map.is_map())
    return std::nullopt;
  model::SharedDeadline deadline;
  deadline.name = name;
  deadline.tags = map.Optional<std::vector<std::string>>("tags").value_or(deadline.tags);
  deadline.dags = map.Optional<std::vector<std::string>>("dags").value_or(deadline.dags);
  const auto by = ReadMoment(map);
  deadline.by = by.value_or("");
  deadline.timezone = map.Optional<std::string>("timezone").value_or("UTC");
  const bool is_zone = schedule::IsSafeZoneName(deadline.timezone);
  if (!is_zone)
    map.Error("timezone",
              Cat("'", deadline.timezone, "' is not an IANA time zone such as Europe/Istanbul"));
  const bool is_empty = deadline.tags.empty() && deadline.dags.empty();
  if (is_empty)
    errors->Add(value.mark(), Cat("the deadline '", name, "' names no DAGs: set 'tags' or 'dags'"));
  deadline.notifications = ReadNotifications(map, RulePlace::kDeadline, uses, errors)
                               .value_or(std::vector<model::NotificationRule>());
  map.Finish();
  return by && is_zone && !is_empty ? std::optional(deadline) : std::nullopt;
}

}  // namespace dagfile
