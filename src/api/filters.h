#pragma once

// What lists are filtered and ordered by, read from the query.

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/exchange.h"
#include "api/paging.h"
#include "store/store.h"

namespace api {

// A column by its name in the query.
template <typename Column>
using Named = std::pair<std::string_view, Column>;

struct Bounds {
  std::optional<int64_t> from, until;  // in microseconds; both are in it
};
// `name`_gte, `name`_gt, `name`_lte and `name`_lt, as times or as numbers of seconds; nothing where
// none of them is given.
base::Result<std::optional<Bounds>> ReadTimes(const Exchange& exchange, std::string_view name);
base::Result<std::optional<Bounds>> ReadSeconds(const Exchange& exchange, std::string_view name);

// One of `first|second`; "~" is all.
std::vector<store::TextPattern> PatternsOf(std::string_view text);
// Airflow's ILIKE: part of the text, in any case, `%` for any run of characters, `_` for one.
bool FitsAny(const std::vector<store::TextPattern>& patterns, std::string_view text);

// `name`_pattern and `name`_prefix_pattern: a text must fit one of each list.
std::vector<std::vector<store::TextPattern>> ReadPatterns(const Exchange& exchange,
                                                          std::string_view name);
bool FitsAll(const std::vector<std::vector<store::TextPattern>>& patterns, std::string_view text);

// `order_by`: the first counts most, "-" is descending. 400 for what is not among `names`.
struct OrderPart {
  size_t which = 0;  // of `names`
  bool is_descending = false;
};
Asked<std::vector<OrderPart>> ReadOrder(const Exchange& exchange,
                                        const std::vector<std::string_view>& names);

// The same, as columns.
template <typename Column>
Asked<std::vector<std::pair<Column, bool>>> ReadColumns(const Exchange& exchange,
                                                        std::span<const Named<Column>> columns) {
  std::vector<std::string_view> names;
  for (const auto& [name, column] : columns)
    names.push_back(name);
  const auto order = ReadOrder(exchange, names);
  if (!order)
    return tl::unexpected(order.error());
  std::vector<std::pair<Column, bool>> out;
  for (const OrderPart& part : *order)
    out.emplace_back(columns[part.which].second, part.is_descending);
  return out;
}

template <typename Column>
base::Result<std::vector<store::NumberRange<Column>>> ReadTimeRanges(
    const Exchange& exchange, std::span<const Named<Column>> columns) {
  std::vector<store::NumberRange<Column>> ranges;
  for (const auto& [name, column] : columns) {
    ASSIGN_OR_RETURN(const auto bounds, ReadTimes(exchange, name));
    if (bounds)
      ranges.push_back({column, bounds->from, bounds->until});
  }
  ASSIGN_OR_RETURN(const auto duration, ReadSeconds(exchange, "duration"));
  if (duration)
    ranges.push_back({Column::kDuration, duration->from, duration->until});
  return ranges;
}

template <typename Column>
std::vector<store::TextMatch<Column>> ReadMatches(const Exchange& exchange,
                                                  std::span<const Named<Column>> columns) {
  std::vector<store::TextMatch<Column>> matches;
  for (const auto& [name, column] : columns) {
    for (auto& any_of : ReadPatterns(exchange, name))
      matches.push_back({column, std::move(any_of)});
  }
  return matches;
}

// A list that is in memory is put in order. `compare` takes two rows and one of the names; the
// first name tells every row from every other.
template <typename Row, typename Compare>
void PutInOrder(std::vector<Row>& rows, std::vector<OrderPart> order, Compare compare) {
  order.push_back({0, false});
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    for (const OrderPart& part : order) {
      const auto way = compare(a, b, part.which);
      if (way != 0)
        return part.is_descending ? way > 0 : way < 0;
    }
    return false;
  });
}

}  // namespace api
