#include "emulator/quotas.h"

#include <algorithm>

namespace emulator {

namespace {

struct Size {
  std::string_view action;
  double burst;
  double refill_per_second;
};

constexpr Size kAccount = {"", 25, 5};
constexpr Size kActions[] = {{"DescribeCluster", 10, 1.0},
                             {"ListClusters", 20, 0.5},
                             {"RunJobFlow", 10, 0.5},
                             {"TerminateJobFlows", 10, 0.5},
                             {"AddJobFlowSteps", 10, 0.5},
                             {"CancelSteps", 10, 0.5},
                             {"ModifyCluster", 10, 0.5},
                             {"AddTags", 5, 0.5},
                             {"RemoveTags", 5, 0.5},
                             {"ListBootstrapActions", 10, 1.0},
                             {"ListSteps", 10, 0.5},
                             {"DescribeStep", 10, 0.5},
                             {"ListInstanceFleets", 5, 0.5},
                             {"ListInstanceGroups", 10, 1.0},
                             {"ListInstances", 10, 0.5},
                             {"SetTerminationProtection", 5, 0.2}};

// Sums of refills such as 20 × 0.05 may fall short of 1 by a rounding error.
constexpr double kRounding = 1e-9;

}  // namespace

bool TokenBucket::HasToken(base::Time now) {
  if (filled_at_ == base::Time{})
    filled_at_ = now;
  double seconds = static_cast<double>((now - filled_at_).count()) / 1e6;
  tokens_ = std::min(burst_, tokens_ + seconds * refill_per_second_);
  filled_at_ = now;
  return tokens_ >= 1 - kRounding;
}

Quotas::Quotas() : account_(kAccount.burst, kAccount.refill_per_second) {
  for (const Size& size : kActions)
    actions_.emplace(size.action, TokenBucket(size.burst, size.refill_per_second));
}

bool Quotas::Admit(std::string_view action, base::Time now) {
  auto bucket = actions_.find(action);
  bool action_has = bucket == actions_.end() || bucket->second.HasToken(now);
  if (!account_.HasToken(now) || !action_has)
    return false;
  account_.Take();
  if (bucket != actions_.end())
    bucket->second.Take();
  return true;
}

}  // namespace emulator
