#pragma once

// One page of a list, as SQL: conditions, the order, where the page begins, how far it is counted.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "store/filters.h"
#include "store/sqlite.h"
#include "store/sqlite_rows.h"
#include "store/store.h"

namespace store {

// "column IN ('a', 'b')", in one order and without repeats.
template <typename State>
std::string OneOf(std::string_view column, const std::vector<State>& states) {
  std::set<std::string> names;
  for (const State state : states)
    names.insert(base::Cat("'", ToString(state), "'"));
  return base::Cat(column, " IN (", base::Join({names.begin(), names.end()}, ", "), ")");
}

class Listing {
 public:
  using Value = std::variant<std::monostate, int64_t, std::string>;  // monostate: NULL
  struct Term {
    std::string column;
    bool is_descending = false;
    bool may_be_null = false;
  };

  Listing(std::string tables, int limit, int offset)
      : tables_(std::move(tables)), limit_(std::max(limit, 0)), offset_(std::max(offset, 0)) {}

  void Where(std::string condition, std::optional<Value> value = std::nullopt);
  void Where(std::string condition, std::vector<Value> values);
  // One of the ids; all, where there are none.
  template <typename Id>
  void WhereOneOf(std::string_view column, const std::vector<Id>& ids);
  // Both ends are in it.
  void WhereIn(std::string_view column,
               const std::optional<int64_t>& from,
               const std::optional<int64_t>& until);
  void WhereFits(std::string_view column, const std::vector<TextPattern>& any_of);
  // The last of the terms tells every row from every other.
  void OrderBy(std::vector<Term> terms) { terms_ = std::move(terms); }
  // The rows after (backward: before) the one with these values of the terms. There is no offset
  // then.
  void From(std::vector<Value> values, bool is_backward);

  // Of all pages; up to kCountedMax, and one more.
  base::Result<int64_t> Count(sqlite::Database& database) const;
  // It borrows from this.
  base::Result<sqlite::Statement> Prepare(sqlite::Database& database,
                                          const std::vector<std::string>& columns) const;
  // A backward page was read from its end.
  template <typename Row>
  void PutInOrder(std::vector<Row>& rows) const {
    if (is_backward_)
      std::reverse(rows.begin(), rows.end());
  }

 private:
  std::string WhereText(std::string_view more = "") const;
  std::string Edge(std::vector<Value>& values) const;
  std::string OrderText() const;

  const std::string tables_;
  const int limit_;
  const int offset_;
  std::vector<std::string> conditions_;
  std::vector<Value> values_;
  std::vector<Term> terms_;
  std::optional<std::vector<Value>> edge_;
  bool is_backward_ = false;
};

template <typename Row>
base::Result<Page<Row>> ReadPage(sqlite::Database& database, const Listing& list) {
  Page<Row> page;
  ASSIGN_OR_RETURN(page.total, list.Count(database));
  ASSIGN_OR_RETURN(
      sqlite::Statement statement,
      list.Prepare(database, internal::NamesOf<Row>(internal::ColumnNames::For::kSelect)));
  ASSIGN_OR_RETURN(page.rows, ReadRows<Row>(statement));
  list.PutInOrder(page.rows);
  return page;
}

template <typename Id>
void Listing::WhereOneOf(std::string_view column, const std::vector<Id>& ids) {
  if (ids.empty())
    return;
  const std::vector<std::string> marks(ids.size(), "?");
  std::vector<Value> values;
  for (const Id& id : ids)
    values.push_back(id.str());
  Where(base::Cat(column, " IN (", base::Join(marks, ", "), ")"), std::move(values));
}

}  // namespace store
