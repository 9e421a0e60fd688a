// How forecasts are made of an estate; and once a minute one judges the deadlines of the runs under
// way: what changes becomes rows.

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "engine/state.h"
#include "forecast/deadlines.h"
#include "runtime/core.h"

namespace runtime {

namespace {

constexpr base::Duration kEvery = base::minutes(1);  // world time
// However fast world time passes: a forecast costs some milliseconds.
constexpr base::Duration kLeastPause = base::seconds(1);

// Rows that are open are judged even if no file has a deadline any more: they are withdrawn.
bool HasDeadlines(const Core& core) {
  const engine::State& state = core.driver->state();
  return !core.watch.project().deadlines.empty() || !state.dues.empty() ||
         std::ranges::any_of(state.dags, [](const auto& dag) {
           const model::Dag& def = *dag.second.plan->dag;
           return def.deadline || std::ranges::any_of(def.jobs, [](const model::Job& job) {
                    return job.deadline.has_value();
                  });
         });
}

model::DeadlinesJudged EventOf(const ForecastAnswer& answer) {
  model::DeadlinesJudged event{.judged = {}, .is_whole = !answer.is_cut, .as_of = answer.now};
  for (const DeadlineState& deadline : answer.deadlines) {
    if (deadline.state)
      event.judged.push_back(
          {.key = {deadline.job.value_or(model::JobKey{deadline.run, {}, {}}), deadline.name},
           .due = deadline.due,
           .status = deadline.status,
           .expected = deadline.p90,
           .holds_up = deadline.holds_up});
  }
  return event;
}

}  // namespace

Forecaster Core::ForecastOf(std::shared_ptr<const forecast::Estate> of) const {
  auto shared = std::make_shared<const std::vector<forecast::SharedMoments>>(
      forecast::MomentsOf(watch.project().deadlines, zones));
  return {std::move(of), std::move(shared), zones_of_readers};
}

void Core::JudgeDeadlines() {
  const auto every =
      base::Duration(static_cast<int64_t>(static_cast<double>(kEvery.count()) / clock.speed()));
  const auto again = [this, every] {
    deadline_look = loop.After(std::max(every, kLeastPause), [this] { JudgeDeadlines(); });
  };
  if (driver->fatal())
    return;
  if (!HasDeadlines(*this))
    return again();
  auto answer = std::make_shared<ForecastAnswer>();
  // A copy of its own: who asks next sees the estate as it is then.
  auto copy = forecast::CopyEstate(driver->state(), world->Now());
  reads->Run(
      ReadPool::Turn::kUsual,
      [answer, forecaster = ForecastOf(std::move(copy))](store::Reader&) {
        ForecastQuery query;
        query.about = ForecastQuery::About::kDeadlines;
        *answer = forecaster.Ask(query);
      },
      [this, answer, again](const base::Status& read) {
        if (read)
          Post(EventOf(*answer), [](const Outcome&) {});
        again();
      });
}

}  // namespace runtime
