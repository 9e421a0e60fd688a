#include "store/run_order.h"

#include <algorithm>
#include <optional>

namespace store {

namespace {

RunValue Micros(const std::optional<base::Time>& time) {
  return time ? RunValue(base::ToMicros(*time)) : RunValue();
}

}  // namespace

RunValue ValueOf(const model::RunRow& row, RunColumn column) {
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
  }
  return {};
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
