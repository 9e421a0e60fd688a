#include "store/sqlite_list.h"

#include <iterator>
#include <utility>

namespace store {

namespace {

using base::Cat;
using Value = Listing::Value;

void Bind(sqlite::Statement& statement, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value))
    statement.BindInt(*number);
  else if (const auto* text = std::get_if<std::string>(&value))
    statement.BindTextCopy(*text);
  else
    statement.BindNull();
}

// The rows that stand behind those with `value` in this order. NULL is less than every value.
std::string Behind(const Listing::Term& term, const Value& value, std::vector<Value>& values) {
  if (std::holds_alternative<std::monostate>(value))
    return term.is_descending ? "0" : Cat(term.column, " IS NOT NULL");
  values.push_back(value);
  if (!term.is_descending)
    return Cat(term.column, " > ?");
  return term.may_be_null ? Cat("(", term.column, " < ? OR ", term.column, " IS NULL)")
                          : Cat(term.column, " < ?");
}

// The same with the value itself, as SQLite can use it to find where to begin; "" where it cannot.
std::string BeginAt(const Listing::Term& term, const Value& value, std::vector<Value>& values) {
  if (std::holds_alternative<std::monostate>(value) || (term.is_descending && term.may_be_null))
    return "";
  values.push_back(value);
  return Cat(term.column, term.is_descending ? " <= ? AND " : " >= ? AND ");
}

}  // namespace

void Listing::Where(std::string condition, std::optional<Value> value) {
  conditions_.push_back(std::move(condition));
  if (value)
    values_.push_back(*std::move(value));
}

void Listing::Where(std::string condition, std::vector<Value> values) {
  conditions_.push_back(std::move(condition));
  std::move(values.begin(), values.end(), std::back_inserter(values_));
}

void Listing::WhereIn(std::string_view column,
                      const std::optional<int64_t>& from,
                      const std::optional<int64_t>& until) {
  if (from)
    Where(Cat(column, " >= ?"), Value(*from));
  if (until)
    Where(Cat(column, " <= ?"), Value(*until));
  if (!from && !until)
    Where(Cat(column, " IS NOT NULL"));
}

void Listing::WhereFits(std::string_view column, const std::vector<TextPattern>& any_of) {
  std::vector<std::string> any;
  std::vector<Value> values;
  for (const TextPattern& pattern : any_of) {
    values.emplace_back(pattern.text);
    if (pattern.is_prefix)
      values.emplace_back(pattern.text);
    any.push_back(pattern.is_prefix ? Cat("substr(", column, ", 1, length(?)) = ?")
                                    : Cat(column, " LIKE ?"));
  }
  Where(any.empty() ? "0" : Cat("(", base::Join(any, " OR "), ")"), std::move(values));
}

void Listing::From(std::vector<Value> values, bool is_backward) {
  edge_ = std::move(values);
  is_backward_ = is_backward;
}

std::string Listing::WhereText(std::string_view more) const {
  std::vector<std::string> all = conditions_;
  if (!more.empty())
    all.emplace_back(more);
  return all.empty() ? "" : Cat(" WHERE ", base::Join(all, " AND "));
}

// a behind x, or a at x and (b behind y, or b at y and …).
std::string Listing::Edge(std::vector<Value>& values) const {
  if (!edge_)
    return "";
  std::string text, ends;
  for (size_t i = 0; i < terms_.size(); ++i) {
    Term term = terms_[i];
    term.is_descending = term.is_descending != is_backward_;
    const Value& value = (*edge_)[i];
    if (i == 0)
      text = BeginAt(term, value, values);
    const std::string behind = Behind(term, value, values);
    if (i + 1 == terms_.size()) {
      text += behind;
      continue;
    }
    text += Cat("(", behind, " OR (", term.column, " IS ? AND ");
    values.push_back(value);
    ends += "))";
  }
  return text + ends;
}

std::string Listing::OrderText() const {
  std::vector<std::string> order;
  for (const Term& term : terms_)
    order.push_back(Cat(term.column, term.is_descending != is_backward_ ? " DESC" : ""));
  return Cat(" ORDER BY ", base::Join(order, ", "));
}

base::Result<int64_t> Listing::Count(sqlite::Database& database) const {
  ASSIGN_OR_RETURN(sqlite::Statement statement,
                   database.Prepare(Cat("SELECT count(*) FROM (SELECT 1 FROM ",
                                        tables_,
                                        WhereText(),
                                        " LIMIT ",
                                        kCountedMax + 1,
                                        ")")));
  for (const Value& value : values_)
    Bind(statement, value);
  ASSIGN_OR_RETURN(const bool counted, statement.Step());
  return counted ? statement.Int(0) : 0;
}

base::Result<sqlite::Statement> Listing::Prepare(sqlite::Database& database,
                                                 const std::vector<std::string>& columns) const {
  std::vector<Value> values = values_;
  const std::string edge = Edge(values);
  ASSIGN_OR_RETURN(sqlite::Statement statement,
                   database.Prepare(Cat("SELECT ",
                                        base::Join(columns, ", "),
                                        " FROM ",
                                        tables_,
                                        WhereText(edge),
                                        OrderText(),
                                        " LIMIT ? OFFSET ?")));
  for (const Value& value : values)
    Bind(statement, value);
  statement.BindInt(limit_).BindInt(edge_ ? 0 : offset_);
  return statement;
}

}  // namespace store
