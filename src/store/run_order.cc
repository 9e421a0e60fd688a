#include "store/run_order.h"

#include <algorithm>
#include <optional>

namespace store {

namespace {

RowValue Micros(const std::optional<base::Time>& time) {
  return time ? RowValue(base::ToMicros(*time)) : RowValue();
}

}  // namespace

RowValue ValueOf(const model::RunRow& row, RunColumn column) {
  switch (column) {
    case RunColumn::kId:
      return {};
    case RunColumn::kDag:
      return row.key.dag.str();
    case RunColumn::kRun:
      return row.key.run.str();
    case RunColumn::kState:
      return std::string(ToString(row.state));
    case RunColumn::kLogicalDate:
      return Micros(row.logical_date);
    case RunColumn::kRunAfter:
      return Micros(row.run_after);
    case RunColumn::kStartDate:
      return Micros(row.start_date);
    case RunColumn::kEndDate:
      return Micros(row.end_date);
    case RunColumn::kDuration:
      if (row.start_date && row.end_date)
        return (*row.end_date - *row.start_date).count();
      return {};
    case RunColumn::kTriggeredBy:
      if (row.type == model::RunType::kScheduled || row.type == model::RunType::kOperatorTriggered)
        return {};
      return row.triggered_by;
  }
  return {};
}

bool Meets(const model::RunRow& row, const RunQuery& query) {
  const auto value = [&](RunColumn column) { return ValueOf(row, column); };
  return (!query.dag || row.key.dag == *query.dag) && IsAmong(row.key.dag, query.dags) &&
         IsAmong(row.state, query.states) && IsAmong(row.type, query.types) &&
         MeetsFilters(query, value);
}

std::vector<RunOrder> WholeOrder(const std::vector<RunOrder>& asked) {
  if (asked.empty())
    return {{RunColumn::kId, true}};
  std::vector<RunOrder> whole;
  for (const RunOrder& order : asked) {
    if (std::ranges::none_of(whole, [&](const RunOrder& o) { return o.column == order.column; }))
      whole.push_back(order);
    if (order.column == RunColumn::kId)
      return whole;
  }
  whole.push_back({RunColumn::kId, asked.front().is_descending});
  return whole;
}

}  // namespace store
