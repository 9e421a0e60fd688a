// What is queued of assets: events that a DAG that follows them has yet to take.

#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

json::object QueuedJson(const model::DagId& dag, const model::QueuedAsset& asset) {
  return {{"dag_id", dag.str()},
          {"dag_display_name", dag.str()},
          {"asset_id", asset.asset},
          {"created_at", TimeOrNull(asset.queued_at)}};
}

// Those that were queued before a time, where the query has one.
base::Result<json::array> FindQueued(const Reading& reading,
                                     const Exchange& exchange,
                                     const std::optional<model::DagId>& dag,
                                     const std::optional<int64_t>& asset) {
  ASSIGN_OR_RETURN(const auto before, ReadMoment(exchange, "before"));
  ASSIGN_OR_RETURN(const auto queues, reading.rows.AssetQueues());
  json::array queued;
  for (const model::AssetQueueRow& queue : queues) {
    if (dag && queue.dag != *dag)
      continue;
    for (const model::QueuedAsset& each : queue.assets) {
      if (each.queued_at && (!asset || each.asset == *asset) &&
          (!before || *each.queued_at < *before))
        queued.push_back(QueuedJson(queue.dag, each));
    }
  }
  return queued;
}

void Drop(Context& context,
          const Exchange& exchange,
          std::optional<model::DagId> dag,
          std::optional<int64_t> asset,
          Answered answered) {
  const auto before = ReadMoment(exchange, "before");
  if (!before)
    return answered(base::Fail(before.error()));
  context.commands.DropQueuedEvents(
      {.dag = std::move(dag), .asset = asset, .by = exchange.principal(), .before = *before},
      [answered = std::move(answered)](const runtime::Outcome& outcome) {
        answered(outcome ? Answer(NoContent()) : base::Fail(outcome.error()));
      });
}

int64_t AssetIn(const Exchange& exchange, size_t place) {
  return base::ParseInt(exchange.args.at(place)).value_or(0);
}

}  // namespace

Answer ListQueuedOfAsset(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto row, FindAsset(reading, exchange.args.at(0)));
  ASSIGN_OR_RETURN(auto queued, FindQueued(reading, exchange, std::nullopt, row.id));
  return WholeList("queued_events", std::move(queued));
}

Answer ListQueuedOfDag(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(auto queued, FindQueued(reading, exchange, exchange.dag(), std::nullopt));
  return WholeList("queued_events", std::move(queued));
}

Answer GetQueuedOfDag(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto row, FindAsset(reading, exchange.args.at(1)));
  ASSIGN_OR_RETURN(const auto queued, FindQueued(reading, exchange, exchange.dag(), row.id));
  if (queued.empty())
    return base::Fail(base::ErrorCode::kNotFound, "no such event is queued");
  return queued[0].get_object();
}

void DropQueuedOfAsset(Context& context, const SharedExchange& exchange, Answered answered) {
  Drop(context, *exchange, std::nullopt, AssetIn(*exchange, 0), std::move(answered));
}

void DropQueuedOfDag(Context& context, const SharedExchange& exchange, Answered answered) {
  Drop(context, *exchange, exchange->dag(), std::nullopt, std::move(answered));
}

void DropOneQueuedOfDag(Context& context, const SharedExchange& exchange, Answered answered) {
  Drop(context, *exchange, exchange->dag(), AssetIn(*exchange, 1), std::move(answered));
}

}  // namespace api
