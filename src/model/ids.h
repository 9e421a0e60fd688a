#pragma once

// The strong ids of the domain, and the keys built of them. Plain data.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace model {

using DagId = base::StrongId<struct DagIdTag>;    // [A-Za-z0-9_.-]{1,250}
using RunId = base::StrongId<struct RunIdTag>;    // scheduled__<logical_date>, manual__<…>
using JobId = base::StrongId<struct JobIdTag>;    // [A-Za-z][A-Za-z0-9_-]*
using LaneId = base::StrongId<struct LaneIdTag>;  // [A-Za-z0-9_-]{1,64}; "" is "no lane"
using PoolId = base::StrongId<struct PoolIdTag>;
using VersionId = base::StrongId<struct VersionIdTag>;        // sha256 of the resolved DAG, hex
using LaunchToken = base::StrongId<struct LaunchTokenTag>;    // 20 base32 characters
using ProcessToken = base::StrongId<struct ProcessTokenTag>;  // 20 base32 characters
using ClusterId = base::StrongId<struct ClusterIdTag>;        // EMR's j-…

// One run of a DAG.
struct RunKey {
  DagId dag;
  RunId run;
  friend auto operator<=>(const RunKey&, const RunKey&) = default;
};

// One job of one run. Job and lane are separate columns; "labeling_1" is only how they are shown.
struct JobKey {
  RunKey run;
  JobId job;
  LaneId lane;
  int index = -1;  // of an instance of a mapped job; -1: the job itself
  friend auto operator<=>(const JobKey&, const JobKey&) = default;
};

// A group of one run, in one lane.
struct GroupKey {
  RunKey run;
  std::string group;  // its path
  LaneId lane;
  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

// One try of a job: n counts from 1 and never starts again.
struct AttemptKey {
  JobKey job;
  int n = 0;
  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

// "labeling_1", or "publish" where there is no lane; "labeling_1[7]" of an instance.
std::string DisplayName(const JobId& job, const LaneId& lane, int index = -1);
std::string DisplayName(const JobKey& key);
// "features.daily", or "features.daily in lane 1".
std::string DisplayName(const GroupKey& key);
// "purchase_propensity/scheduled__…/labeling_1": an entity's name in history and commands.
std::string ToString(const RunKey& key);
std::string ToString(const JobKey& key);

// 20 base32 characters for what an attempt makes outside: another database (its incarnation),
// attempt, number, or run of the same id after a deletion, gives another token.
std::string TokenOf(std::string_view incarnation,
                    const AttemptKey& attempt,
                    int number,
                    int64_t deletions);

}  // namespace model
