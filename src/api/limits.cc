// Limits on jobs and vCPUs: which there are, and how far they are used.

#include <algorithm>

#include "api/paging.h"
#include "api/resources.h"

namespace api {

namespace {

json::value BoundOrNull(int64_t bound) {
  return bound > 0 ? json::value(bound) : json::value(nullptr);
}

// How much of it is used is a number of each value; what has no value has no jobs now.
json::object LimitJson(const runtime::LimitView& view) {
  json::array values;
  int most = 0, queued = 0;
  int64_t most_vcpus = 0;
  for (const auto& of : view.values) {
    most = std::max(most, of.held);
    most_vcpus = std::max(most_vcpus, of.vcpus);
    queued += of.queued;
    json::object item{{"value", TextOrNull(of.value)}, {"held", of.held}, {"queued", of.queued}};
    item["vcpus"] = view.limit.max_vcpus > 0 ? json::value(of.vcpus) : json::value(nullptr);
    values.push_back(std::move(item));
  }
  return {{"limit", ToString(view.limit)},
          {"scope", view.scope.empty() ? "project" : "dag"},
          {"dag_id", TextOrNull(view.scope.str())},
          {"by", TextOrNull(view.limit.by)},
          {"tag", TextOrNull(view.limit.tag)},
          {"market", ToString(view.limit.market)},
          {"max", BoundOrNull(view.limit.max)},
          {"max_vcpus", BoundOrNull(view.limit.max_vcpus)},
          {"most_held", most},
          {"most_vcpus", view.limit.max_vcpus > 0 ? json::value(most_vcpus) : json::value(nullptr)},
          {"queued", queued},
          {"values", std::move(values)}};
}

}  // namespace

Answer ListLimits(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto dag = exchange.target.Param("dag_id");
  json::array limits;
  for (const runtime::LimitView& view : context.views.Limits()) {
    const bool is_seen = view.scope.empty() || exchange.MaySee(view.scope);
    if (!is_seen || (dag && *dag != view.scope.str()))
      continue;
    json::object limit = LimitJson(view);
    // Its values may be the names of DAGs, jobs and customers that the caller does not see.
    if (exchange.IsScoped() && view.scope.empty())
      limit["values"] = nullptr;
    limits.push_back(std::move(limit));
  }
  return PageOf("limits", std::move(limits), *paging);
}

}  // namespace api
