#pragma once

// The cluster Name: the only handle by which a launch can be found again, since RunJobFlow takes no
// idempotency token and ListClusters returns no tags. The launch token therefore stands at the
// front:
//
//   sbx-<deployment>-<first 6 of incarnation>-<token> <dag> <run> <job> try N        (<= 256
//   characters)
//
// Pure.

#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace emr {

struct LaunchIdentity {
  std::string deployment;
  std::string incarnation;
  model::LaunchToken token;
  model::AttemptKey attempt;
};

// base32(sha256(incarnation, dag, run, job, lane, n, launch_no)), 20 characters; of an instance of
// a mapped job with its index as well, and of a run that was made after some were deleted with
// their number: one of them may have had its id.
model::LaunchToken ComputeToken(std::string_view incarnation,
                                const model::AttemptKey& attempt,
                                int launch_no,
                                int64_t deletions);

// Where it would pass 256 characters, DAG and run are shortened, never the token nor "job try N".
std::string ClusterName(const LaunchIdentity& identity);

struct ParsedName {
  std::string deployment;
  std::string incarnation;  // its first 6 characters
  model::LaunchToken token;
};
// Nothing for a cluster that is not Signalbox's.
std::optional<ParsedName> ParseClusterName(std::string_view name);

// Whether a parsed name was given by this very database.
bool IsOurs(const ParsedName& name, std::string_view deployment, std::string_view incarnation);

}  // namespace emr
