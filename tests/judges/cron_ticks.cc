// {"cron", "zone", "after": RFC 3339, "count"}  →  {"ticks": […]}: those that follow.

#include "json_lines.h"
#include "schedule/timetable.h"
#include "schedule/zone_files.h"

namespace {

base::Result<json::object> Ticks(const json::object& question) {
  ASSIGN_OR_RETURN(schedule::Cron cron, schedule::ParseCron(base::GetString(question, "cron")));
  ASSIGN_OR_RETURN(base::Time after, base::ParseTime(base::GetString(question, "after")));
  schedule::Timetable timetable(std::move(cron),
                                schedule::LoadZone(base::GetString(question, "zone")),
                                model::Timetable::kTrigger);
  json::array ticks;
  for (int64_t left = base::GetInt(question, "count"); left > 0; --left) {
    std::optional<schedule::Fire> fire = timetable.Next(after);
    if (!fire)
      break;
    after = fire->run_after;
    ticks.emplace_back(base::FormatRfc3339(after));
  }
  return json::object{{"ticks", std::move(ticks)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Ticks);
}
