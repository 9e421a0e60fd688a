// When a DAG fires next: what `dags next-execution` says of a file, of the schedule in force.

#include <algorithm>
#include <utility>

#include "api/resources.h"

namespace api {

namespace {

constexpr int64_t kTicks = 20;
constexpr int64_t kTicksMax = 1000;

}  // namespace

Answer ListNextTicks(Context& context, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const int64_t limit, ReadInt(exchange, "limit", kTicks));
  const auto next =
      context.views.NextTicks(exchange.dag(), static_cast<int>(std::min(limit, kTicksMax)));
  if (!next)
    return base::Fail(NoDag(exchange.dag()));
  json::array ticks;
  for (const runtime::NextRun& tick : *next)
    ticks.push_back(json::object{{"logical_date", TimeOrNull(tick.logical_date)},
                                 {"run_after", TimeOrNull(tick.run_after)},
                                 {"data_interval_start", TimeOrNull(tick.data_interval.start)},
                                 {"data_interval_end", TimeOrNull(tick.data_interval.end)}});
  const size_t total = ticks.size();
  return json::object{{"ticks", std::move(ticks)}, {"total_entries", total}};
}

}  // namespace api
