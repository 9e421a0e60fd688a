#pragma once

// The query parameters of a route: a part of the table of routes. What is not in the list, or is
// not of its type, is refused before the handler runs: a filter that is silently ignored gives
// wrong answers.

#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace api {

struct Param {
  enum class Type {
    kText,
    kFlag,
    kNumber,  // whole, not negative
    kReal,    // not negative
    kTime,    // RFC 3339
  };
  enum class Times { kOnce, kMany };
  enum class Presence { kOptional, kRequired };

  std::string name;
  Type type = Type::kText;
  Times times = Times::kOnce;
  Presence presence = Presence::kOptional;  // for openapi.cc: the handler refuses its absence
};
using ParamList = std::vector<Param>;

ParamList operator+(ParamList left, const ParamList& right);

base::Status CheckQuery(const http::Target& target, const ParamList& known);

// A member of the body of which `update_mask` may name the ones that count.
extern const ParamList kMask;

// Those of lists.
extern const ParamList kPaged;
extern const ParamList kDags, kDagsToPatch, kRuns, kTaskInstances, kMappedInstances;
extern const ParamList kDagTags, kEventLogs, kJobs, kImportErrors, kPools, kAssets, kAssetEvents;
extern const ParamList kBackfills, kVersions, kWarnings, kXcoms, kClusters, kHistory, kEvents;
extern const ParamList kForecasts, kDeadlines, kVariables, kConnections;

}  // namespace api
