// Pools as Airflow shows them. A job holds its slots until its cluster has ended, so deferred ones
// are always included; one that is queued holds none yet.

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kBySlots = 2;  // of the names of orders

json::object PoolJson(const runtime::PoolView& pool) {
  return {{"name", pool.pool},
          {"slots", pool.slots},
          {"description", TextOrNull(pool.description)},
          {"include_deferred", true},
          {"team_name", nullptr},
          {"occupied_slots", pool.used},
          {"running_slots", pool.used - pool.deferred},
          {"deferred_slots", pool.deferred},
          {"queued_slots", pool.queued},
          {"scheduled_slots", 0},
          {"open_slots", std::max(0, pool.slots - pool.used)}};
}

}  // namespace

Answer ListPools(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, {"name", "pool", "slots"});
  if (!order)
    return order.error();
  const auto patterns = ReadPatterns(exchange, "pool_name");
  auto views = context.views.Pools();
  std::erase_if(views, [&](const auto& pool) { return !FitsAll(patterns, pool.pool); });
  PutInOrder(views, *order, [](const auto& a, const auto& b, size_t by) {
    return by == kBySlots ? a.slots <=> b.slots : a.pool <=> b.pool;
  });
  json::array pools;
  for (const runtime::PoolView& pool : views)
    pools.push_back(PoolJson(pool));
  return PageOf("pools", std::move(pools), *paging);
}

Answer GetPool(Context& context, const Exchange& exchange) {
  for (const runtime::PoolView& pool : context.views.Pools()) {
    if (pool.pool == exchange.args.at(0))
      return PoolJson(pool);
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("there is no pool '", base::Excerpt(exchange.args.at(0)), "'"));
}

}  // namespace api
