#pragma once

// What the cluster of a RunJobFlow request may have at the most: vCPUs, and what an hour of it
// costs. An instance fleet may fill its capacity with any of its types, so the dearest way to fill
// it counts; with managed or automatic scaling the largest size counts. Pure.
//
// Not here: what is left out of the money: EBS volumes, traffic, S3, discounts.

#include "base/json.h"
#include "base/result.h"
#include "model/capacity.h"
#include "model/spend.h"
#include "model/work.h"

namespace emr {

// kNotFound: a type is not known; kInvalidArgument: a number or a type is not known before the
// request's templates are rendered. A sentence either way.
base::Result<model::Vcpus> MostVcpus(const json::object& request);
// Of all tries, each with its patches.
base::Result<model::Vcpus> MostVcpus(const model::EmrWork& work);

// kNotFound: a type has no price. REQUIRES: `prices` are ordered by type.
base::Result<model::MicroUsd> MostPerHour(const json::object& request,
                                          const std::vector<model::Price>& prices);
// Of all tries.
base::Result<model::MicroUsd> MostPerHour(const model::EmrWork& work,
                                          const std::vector<model::Price>& prices);

}  // namespace emr
