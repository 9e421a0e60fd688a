// Ticks of a DAG's schedule that never fired.

#include <set>

#include "api/paging.h"
#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

json::object HoleJson(const model::HoleRow& hole) {
  std::set<base::Time> ends(hole.filled.begin(), hole.filled.end());
  json::array filled;
  for (base::Time end : ends)
    filled.push_back(TimeOrNull(end));
  return {{"dag_id", hole.dag.str()},
          {"first_data_interval_start", TimeOrNull(hole.first.start)},
          {"first_data_interval_end", TimeOrNull(hole.first.end)},
          {"last_data_interval_start", TimeOrNull(hole.last.start)},
          {"last_data_interval_end", TimeOrNull(hole.last.end)},
          {"ticks", hole.ticks},
          {"filled", ends.size()},
          {"filled_data_interval_ends", std::move(filled)},
          {"reason", ToString(hole.reason)},
          {"recorded_at", TimeOrNull(hole.recorded_at)}};
}

}  // namespace

Answer ListHoles(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  RETURN_IF_ERROR(FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(auto rows, reading.rows.Holes(exchange.dag()));
  json::array holes;
  for (const model::HoleRow& row : rows)
    holes.push_back(HoleJson(row));
  return PageOf("holes", std::move(holes), *paging);
}

}  // namespace api
