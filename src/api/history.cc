#include "api/history.h"

#include <algorithm>
#include <utility>

#include "api/filters.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr int64_t kLimit = 100;
constexpr int64_t kLimitMax = 1000;

template <typename Id>
base::Status ReadId(const Exchange& exchange, std::string_view name, std::optional<Id>& out) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (text)
    out = Id(*text);
  return {};
}

}  // namespace

json::object HistoryJson(const model::HistoryRow& row) {
  const model::Subject& subject = row.subject;
  return {{"seq", row.seq},
          {"at", TimeOrNull(row.at)},
          {"kind", ToString(subject.kind)},
          {"entity", subject.text},
          {"dag_id", TextOrNull(subject.dag.str())},
          {"dag_run_id", TextOrNull(subject.run.str())},
          {"job_id", TextOrNull(subject.job.str())},
          {"lane_id", TextOrNull(subject.lane.str())},
          {"map_index", subject.index},
          {"cluster_id", TextOrNull(subject.cluster.str())},
          {"from", row.from},
          {"to", row.to},
          {"cause", row.cause},
          {"actor", TextOrNull(row.by.name)},
          {"means", TextOrNull(row.by.means)},
          {"address", TextOrNull(row.by.address)}};
}

base::Result<store::HistoryQuery> ReadHistoryFilters(const Exchange& exchange) {
  store::HistoryQuery query;
  ASSIGN_OR_RETURN(const auto kind, ReadOne(exchange, "kind"));
  if (kind && !(query.kind = model::ParseEntityKind(*kind)))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'kind' is one of dag, run, task, launch, cluster, step, backfill, "
                                "hold, deadline, asset, record and access, not '",
                                base::Excerpt(*kind),
                                "'"));
  RETURN_IF_ERROR(ReadId(exchange, "dag_id", query.dag));
  RETURN_IF_ERROR(ReadId(exchange, "dag_run_id", query.run));
  RETURN_IF_ERROR(ReadId(exchange, "job_id", query.job));
  RETURN_IF_ERROR(ReadId(exchange, "lane_id", query.lane));
  RETURN_IF_ERROR(ReadId(exchange, "cluster_id", query.cluster));
  RETURN_IF_ERROR(ReadId(exchange, "actor", query.actor));
  ASSIGN_OR_RETURN(const auto index, ReadOne(exchange, "map_index"));
  if (index) {
    ASSIGN_OR_RETURN(const int64_t wanted, ReadInt(exchange, "map_index", 0));
    query.index = static_cast<int>(wanted);
  }
  return query;
}

bool Fits(const store::HistoryQuery& filters, const model::HistoryRow& row) {
  const model::Subject& subject = row.subject;
  const auto is = [](const auto& wanted, const auto& value) { return !wanted || *wanted == value; };
  return is(filters.kind, subject.kind) && is(filters.dag, subject.dag) &&
         is(filters.run, subject.run) && is(filters.job, subject.job) &&
         is(filters.lane, subject.lane) && is(filters.index, subject.index) &&
         is(filters.cluster, subject.cluster) && is(filters.actor, row.by.name);
}

Answer ListHistory(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(store::HistoryQuery query, ReadHistoryFilters(exchange));
  ASSIGN_OR_RETURN(query.after, ReadInt(exchange, "after", 0));
  ASSIGN_OR_RETURN(const int64_t limit, ReadInt(exchange, "limit", kLimit));
  query.limit = static_cast<int>(std::min(limit, kLimitMax));
  const auto order = ReadOrder(exchange, {"seq"});
  if (!order)
    return order.error();
  query.is_newest_first = !order->empty() && order->front().is_descending;
  ASSIGN_OR_RETURN(const auto rows, reading.rows.History(query));
  ASSIGN_OR_RETURN(const auto newest, reading.rows.History({.limit = 1, .is_newest_first = true}));
  json::array history;
  for (const model::HistoryRow& row : rows)
    history.push_back(HistoryJson(row));
  // All rows up to it were looked at: who follows the history asks for those after it.
  int64_t looked_at = newest.empty() ? 0 : newest.front().seq;
  if (!query.is_newest_first && std::ssize(rows) == query.limit)
    looked_at = rows.empty() ? query.after : rows.back().seq;
  return json::object{{"history", std::move(history)}, {"last_seq", looked_at}};
}

}  // namespace api
