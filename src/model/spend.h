#pragma once

// Money: prices, caps, and what work costs. Every sum is an estimate, in millionths of a USD.
//
// Not here: what a cluster's request costs an hour (emr/instances.h), and who has to wait
// (engine/holders.h).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace model {

using MicroUsd = int64_t;

// Of an instance type, for an hour.
struct Price {
  std::string type;  // "m5.xlarge"
  MicroUsd on_demand = 0;
  MicroUsd spot = 0;  // what the project expects to pay
  MicroUsd emr = 0;   // EMR's own price, which comes on top
  friend bool operator==(const Price&, const Price&) = default;
};
// REQUIRES: `prices` are ordered by type. Null: there is none.
const Price* FindPrice(const std::vector<Price>& prices, std::string_view type);

// Once so much is spent, nothing more is launched. Of a DAG; none: any amount.
struct SpendCap {
  std::optional<MicroUsd> per_run;
  std::optional<MicroUsd> per_day;
  bool IsSet() const { return per_run || per_day; }
  friend bool operator==(const SpendCap&, const SpendCap&) = default;
};

// Money is counted by days of UTC, as AWS bills it.
base::Interval DayOf(base::Time at);

// "12.34"; the least amount that is shown is a cent.
std::string FormatUsd(MicroUsd amount);
// 12.345678
double Usd(MicroUsd amount);

// For dag_json.h: what has its default value is not written.
void PutSpendCap(json::object& out, const SpendCap& cap);
SpendCap TakeSpendCap(const json::object& in);

}  // namespace model
