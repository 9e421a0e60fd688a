#include <cmath>
#include <utility>

#include "api/resources.h"

namespace api {

namespace {

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

// As people write a quota: not 4.999999999.
double Round(double value) {
  return std::round(value * 1000) / 1000;
}

json::object QuotaJson(const runtime::QuotaView& quota) {
  return {{"burst", Round(quota.burst)},
          {"per_second", Round(quota.per_second)},
          {"per_second_now", Round(quota.per_second_now)},
          {"tokens", Round(quota.tokens)}};
}

void AddCounts(json::object& out, const runtime::CallNumbers& counts) {
  out["made"] = counts.made;
  out["throttled"] = counts.throttled;
  out["failed"] = counts.failed;
  out["waiting"] = counts.waiting;
  out["waited_seconds"] = Round(Seconds(counts.waited));
  out["longest_wait_seconds"] = Round(Seconds(counts.longest_wait));
}

json::array ByPriority(const runtime::ActionView& action) {
  json::array out;
  for (const auto& [priority, counts] : action.by_priority) {
    if (counts.made == 0 && counts.waiting == 0)
      continue;
    json::object line{{"priority", priority}};
    AddCounts(line, counts);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

Answer GetBudget(Context& context, const Exchange&) {
  const runtime::BudgetView budget = context.views.Budget();
  json::array actions;
  runtime::CallNumbers all;
  for (const runtime::ActionView& action : budget.actions) {
    const runtime::CallNumbers total = action.Total();
    all += total;
    json::object line{{"action", action.action}};
    line.insert_or_assign("quota", QuotaJson(action.quota));
    AddCounts(line, total);
    line["by_priority"] = ByPriority(action);
    actions.push_back(std::move(line));
  }
  json::object account;
  account["quota"] = QuotaJson(budget.account);
  AddCounts(account, all);
  const size_t total = actions.size();
  return json::object{{"now", TimeOrNull(budget.now)},
                      {"share", budget.share},
                      {"launching_held", OptionalText(budget.launching_held)},
                      {"account", std::move(account)},
                      {"actions", std::move(actions)},
                      {"total_entries", total}};
}

}  // namespace api
