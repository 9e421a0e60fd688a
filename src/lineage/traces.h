#pragma once

// The spans of a run that has ended, as OTLP over HTTP takes them in JSON
// (ExportTraceServiceRequest): run, its jobs, their attempts, their clusters, the clusters' steps.
// Names of attributes are OpenTelemetry's where there are any (cicd, cloud, service, error). Pure;
// the same rows give the same ids.

#include <string>
#include <vector>

#include "base/json.h"
#include "lineage/open_lineage.h"

namespace lineage {

struct TraceFacts {
  model::RunRow run;
  int round = 0;
  base::Time begun, ended;                  // of this round
  std::vector<model::AttemptRow> attempts;  // of this round; so below
  std::vector<model::ClusterRow> clusters;
  std::map<model::AttemptKey, std::string> causes;
};

// So many spans are in one request.
inline constexpr size_t kSpansMax = 500;

std::vector<json::object> TraceRequests(const Origin& origin,
                                        const std::string& deployment,
                                        const TraceFacts& facts);

// 32 and 16 hexadecimal digits.
std::string TraceIdOf(const Origin& origin, const RunName& run);

}  // namespace lineage
