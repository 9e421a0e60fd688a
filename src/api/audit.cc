// Who did what, and who was refused: the history's rows that somebody asked for, the newest first.

#include <algorithm>
#include <utility>

#include "api/history.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

Answer ListAudit(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  store::HistoryQuery query{.limit = paging->limit,
                            .is_asked_for = true,
                            .is_newest_first = true,
                            .offset = paging->offset};
  ASSIGN_OR_RETURN(query.actor, ReadOne(exchange, "actor"));
  ASSIGN_OR_RETURN(const auto dag, ReadOne(exchange, "dag_id"));
  if (dag)
    query.dag = model::DagId(*dag);
  ASSIGN_OR_RETURN(const auto kind, ReadOne(exchange, "kind"));
  if (kind && !(query.kind = model::ParseEntityKind(*kind)))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("there is no kind '", base::Excerpt(*kind), "' of things"));
  ASSIGN_OR_RETURN(const auto refused, ReadBool(exchange, "refused"));
  if (refused.value_or(false))
    query.kind = model::EntityKind::kAccess;
  for (const auto& [name, bound] :
       {std::pair("from", &query.from), std::pair("until", &query.until)}) {
    if (const auto text = exchange.target.Param(name)) {
      ASSIGN_OR_RETURN(*bound, base::ParseTime(*text));
    }
  }
  ASSIGN_OR_RETURN(const auto rows, reading.rows.History(query));
  ASSIGN_OR_RETURN(const int64_t total, reading.rows.CountHistory(query));
  json::array entries;
  for (const model::HistoryRow& row : rows)
    entries.push_back(HistoryJson(row));
  return json::object{{"audit", std::move(entries)},
                      {"total_entries", std::min(total, store::kCountedMax)},
                      {"total_entries_limited", total > store::kCountedMax}};
}

}  // namespace api
