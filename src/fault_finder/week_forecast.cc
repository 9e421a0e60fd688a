#include "fault_finder/week_forecast.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "forecast/build.h"
#include "forecast/outlook.h"

namespace fault_finder {

namespace {

constexpr base::Duration kDay = base::hours(24);

std::optional<base::Time> TimeIf(const forecast::Network& network, forecast::Seconds seconds) {
  return seconds >= forecast::kNever ? std::nullopt
                                     : std::optional(forecast::TimeOf(network, seconds));
}

// "Wed 07 06:30"
std::string Short(const std::optional<base::Time>& time) {
  constexpr const char* kNames[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  if (!time)
    return "never";
  const std::chrono::weekday day(std::chrono::floor<std::chrono::days>(*time));
  const std::string text = base::FormatRfc3339(*time);
  return base::Cat(kNames[day.c_encoding()], " ", text.substr(8, 2), " ", text.substr(11, 5));
}

}  // namespace

WeekForecast::WeekForecast(const std::vector<model::SharedDeadline>& deadlines,
                           const schedule::ZoneSet& zones,
                           base::Time from,
                           base::Time until)
    : zones_(zones), moments_(forecast::MomentsOf(deadlines, zones)), from_(from), until_(until) {}

void WeekForecast::Look(const engine::State& state, base::Time now) {
  const base::Time due = mornings_.empty() ? from_ : mornings_.back().at + kDay;
  if (now < due || now >= until_)
    return;
  Morning& morning = mornings_.emplace_back();
  morning.at = now;
  const forecast::Outlook outlook(
      forecast::BuildNetwork(*forecast::CopyEstate(state, now), until_ + kDay));
  const forecast::Network& network = outlook.network();
  for (size_t i = 0; i < network.runs.size(); ++i) {
    const auto run = static_cast<int>(i);
    if (network.runs[i].run_after < now + kDay)
      morning.said.push_back({network.runs[i].key,
                              TimeIf(network, outlook.RunFinish(run, 0.5)),
                              TimeIf(network, outlook.RunFinish(run, 0.9))});
  }
  AddPromises(outlook, state, morning);
}

void WeekForecast::AddPromises(const forecast::Outlook& outlook,
                               const engine::State& state,
                               Morning& morning) {
  std::map<std::pair<std::string, base::Time>, Promise> promises;
  for (const forecast::DeadlineView& view :
       forecast::JudgeDeadlines(outlook, state, moments_, zones_)) {
    if (view.name.empty() || view.due > until_)
      continue;
    Promise& promise = promises[{view.name, view.due}];
    promise.name = view.name;
    promise.due = view.due;
    ++promise.runs;
    promise.on_track += view.status == model::DeadlineStatus::kOnTrack ? 1 : 0;
    promise.at_risk += view.status == model::DeadlineStatus::kAtRisk ? 1 : 0;
    promise.late += view.status == model::DeadlineStatus::kLate ? 1 : 0;
    promise.missed += view.status == model::DeadlineStatus::kMissed ? 1 : 0;
    promise.keys.push_back(outlook.network().runs[static_cast<size_t>(view.run)].key);
    const auto end = TimeIf(outlook.network(), outlook.RunFinish(view.run, 0.9));
    promise.last = std::max(promise.last, end);
  }
  for (auto& [key, promise] : promises)
    morning.promises.push_back(std::move(promise));
}

void WeekForecast::Compare(store::Reader& rows) {
  for (Morning& morning : mornings_) {
    for (const Said& said : morning.said) {
      const auto run = rows.Run(said.run);
      if (!run || !run->end_date)
        continue;
      ++morning.ended;
      morning.failed += run->state == model::RunState::kFailed ? 1 : 0;
      morning.by_p50 += said.p50 && *run->end_date <= *said.p50 ? 1 : 0;
      morning.by_p90 += said.p90 && *run->end_date <= *said.p90 ? 1 : 0;
    }
    for (Promise& promise : morning.promises) {
      for (const model::RunKey& key : promise.keys) {
        const auto run = rows.Run(key);
        if (!run || run->state != model::RunState::kSuccess)
          continue;
        promise.came = std::max(promise.came, *run->end_date);
        promise.kept += *run->end_date <= promise.due ? 1 : 0;
      }
    }
  }
}

void WeekForecast::Print() const {
  std::printf(
      "\nWhat the forecast said at midnight (UTC) of the runs under way and of those due that "
      "day:\n");
  std::printf("%-14s %6s %10s %10s %8s\n", "said", "runs", "by p50", "by p90", "failed");
  for (const Morning& morning : mornings_) {
    const double ended = std::max(1, morning.ended);
    std::printf("%-14s %6d %8.0f %% %8.0f %% %8d\n",
                Short(morning.at).c_str(),
                morning.ended,
                100 * morning.by_p50 / ended,
                100 * morning.by_p90 / ended,
                morning.failed);
  }
  std::printf("\nDeadlines: of the runs under way and to come, and what came:\n");
  std::printf("%-14s %-12s %-13s %6s %9s %8s %5s %-13s | %5s  %s\n",
              "said",
              "deadline",
              "due",
              "runs",
              "on track",
              "at risk",
              "late",
              "last by (p90)",
              "met",
              "last came");
  for (const Morning& morning : mornings_) {
    for (const Promise& promise : morning.promises)
      std::printf("%-14s %-12s %-13s %6d %9d %8d %5d %-13s | %5d  %s\n",
                  Short(morning.at).c_str(),
                  promise.name.c_str(),
                  Short(promise.due).c_str(),
                  promise.runs,
                  promise.on_track,
                  promise.at_risk,
                  promise.late + promise.missed,
                  Short(promise.last).c_str(),
                  promise.kept,
                  Short(promise.came).c_str());
  }
}

}  // namespace fault_finder
