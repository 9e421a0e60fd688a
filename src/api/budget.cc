#include <cmath>
#include <set>
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

json::object BucketJson(const driver::TokenBucket& bucket, base::Time now) {
  return {{"burst", Round(bucket.quota().burst)},
          {"per_second", Round(bucket.quota().per_second)},
          {"per_second_now", Round(bucket.RateAt(now))},
          {"tokens", Round(bucket.TokensAt(now))}};
}

void AddCounts(json::object& out, const driver::CallCounts& counts) {
  out["made"] = counts.made;
  out["throttled"] = counts.throttled;
  out["failed"] = counts.failed;
  out["waiting"] = counts.waiting;
  out["waited_seconds"] = Round(Seconds(counts.waited));
  out["longest_wait_seconds"] = Round(Seconds(counts.longest_wait));
}

json::array ByPriority(const driver::CountsByPriority& counts) {
  json::array out;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].made == 0 && counts[i].waiting == 0)
      continue;
    json::object line{{"priority", ToString(static_cast<driver::Priority>(i))}};
    AddCounts(line, counts[i]);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

json::value LaunchingHeld(const driver::Driver& driver) {
  const std::optional<std::string> why = driver.WhyHeld();
  return why ? json::value(*why) : json::value(nullptr);
}

base::Result<json::object> GetBudget(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  const driver::Driver& driver = context.runtime.driver();
  const driver::Caller& caller = driver.caller();
  const base::Time now = context.runtime.Now();
  json::array actions;
  driver::CallCounts all;
  for (const auto& [action, counts] : caller.counts()) {
    driver::CallCounts total;
    for (const driver::CallCounts& part : counts)
      total += part;
    all += total;
    json::object line{{"action", action}};
    line.insert_or_assign("quota", BucketJson(caller.budget().BucketOf(action), now));
    AddCounts(line, total);
    line["by_priority"] = ByPriority(counts);
    actions.push_back(std::move(line));
  }
  json::object account;
  account["quota"] = BucketJson(caller.budget().BucketOf(driver::kAccountQuota), now);
  AddCounts(account, all);
  const size_t total = actions.size();
  return json::object{{"now", TimeOrNull(now)},
                      {"share", caller.budget().share()},
                      {"launching_held", LaunchingHeld(driver)},
                      {"account", std::move(account)},
                      {"actions", std::move(actions)},
                      {"total_entries", total}};
}

}  // namespace api
