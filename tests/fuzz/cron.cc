#include "schedule/cron.h"

#include "base/check.h"
#include "base/text.h"
#include "schedule/timetable.h"
#include "targets.h"

namespace fuzz {
namespace {

// A TZif file without transitions: all is in its rule. Clocks change on 29 March and 25 October
// 2026.
std::shared_ptr<const schedule::TimeZone> CentralEurope() {
  auto zeros = [](size_t count) { return std::string(count, '\0'); };
  const std::string block =
      base::Cat("TZif2", zeros(34), '\1', zeros(3), '\4', zeros(6), "UTC", zeros(1));
  auto zone =
      schedule::TimeZone::Parse("CET", base::Cat(block, block, "\nCET-1CEST,M3.5.0,M10.5.0/3\n"));
  CHECK(zone.has_value());
  return std::make_shared<const schedule::TimeZone>(*std::move(zone));
}

constexpr base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 3 / 28);

}  // namespace

// An expression that is taken fires: ticks are in order, forth and back meet, and the local time of
// an ordinary tick matches.
void FuzzCron(std::string_view bytes) {
  static const auto kZone = CentralEurope();
  const base::Result<schedule::Cron> cron = schedule::ParseCron(bytes);
  if (!cron) {
    CHECK(!cron.error().message.empty());
    return;
  }
  const schedule::Timetable timetable(*cron, kZone, model::Timetable::kDataInterval);
  base::Time at = kNow;
  for (int i = 0; i < 4; ++i) {
    const std::optional<schedule::Fire> fire = timetable.Next(at);
    CHECK(fire.has_value());
    CHECK(fire->run_after > at && fire->data_interval.start < fire->data_interval.end);
    CHECK(timetable.NextAtOrAfter(fire->run_after) == fire);
    CHECK(timetable.Prev(fire->run_after + base::Duration(1)) == fire);
    CHECK(i == 0 || fire->data_interval.start == at);
    at = fire->run_after;
  }
  CHECK(timetable.Prev(kNow)->run_after < kNow);
}

}  // namespace fuzz
