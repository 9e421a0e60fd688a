#include "model/spend.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace model {

namespace {

constexpr std::string_view kKey = "spend_cap";

std::optional<MicroUsd> Take(const json::object& in, std::string_view name) {
  if (base::Find(in, name) == nullptr)
    return std::nullopt;
  return base::GetInt(in, name);
}

}  // namespace

const Price* FindPrice(const std::vector<Price>& prices, std::string_view type) {
  const auto found = std::ranges::lower_bound(prices, type, {}, &Price::type);
  return found == prices.end() || found->type != type ? nullptr : &*found;
}

base::Interval DayOf(base::Time at) {
  const base::Time start = std::chrono::floor<std::chrono::days>(at);
  return {start, start + base::hours(24)};
}

std::string FormatUsd(MicroUsd amount) {
  const int64_t cents = (amount + 5'000) / 10'000;
  const std::string rest = std::to_string(cents % 100);
  return base::Cat(cents / 100, ".", rest.size() == 1 ? "0" : "", rest);
}

double Usd(MicroUsd amount) {
  return static_cast<double>(amount) / 1e6;
}

void PutSpendCap(json::object& out, const SpendCap& cap) {
  if (!cap.IsSet())
    return;
  json::object& object = out[kKey].emplace_object();
  if (cap.per_run)
    object["per_run"] = *cap.per_run;
  if (cap.per_day)
    object["per_day"] = *cap.per_day;
}

SpendCap TakeSpendCap(const json::object& in) {
  const json::value* cap = in.if_contains(kKey);
  if (cap == nullptr || !cap->is_object())
    return {};
  return {Take(cap->get_object(), "per_run"), Take(cap->get_object(), "per_day")};
}

}  // namespace model
