#pragma once

// What a server says of its runs at one moment, read from the REST API into plain data: what the
// live view shows and the summary is made of.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "cli/failure.h"
#include "cli/server_client.h"

namespace cli {

struct TaskProgress {
  std::string state;  // "" where nothing has happened yet
  int64_t try_number = 0;
};

struct AttemptProgress {
  std::string job;  // "labeling_1"
  int64_t try_number = 0;
  std::string verdict;  // "" while it is open
  std::string reason;
  std::vector<std::string> clusters;
};

struct RunProgress {
  std::string dag, run, state;
  std::optional<base::Time> start, end;
  std::map<std::string, TaskProgress> tasks;  // by task_id
  std::vector<AttemptProgress> attempts;

  bool Ended() const { return state == "success" || state == "failed"; }
};

struct ClusterProgress {
  std::string id, state;
  std::string dag, run, job;
  int64_t try_number = 0;
  bool live = true;
};

struct CallProgress {
  int64_t made = 0, throttled = 0, failed = 0;
  friend bool operator==(const CallProgress&, const CallProgress&) = default;
};

struct Progress {
  std::vector<RunProgress> runs;  // oldest first
  std::vector<ClusterProgress> clusters;
  std::map<std::string, CallProgress> calls;  // by action

  int64_t LiveClusters() const;
  // The cluster of a job's latest try, or null.
  const ClusterProgress* ClusterOf(const RunProgress& run, const std::string& job) const;
};

Outcome<Progress> FetchProgress(const ServerClient& server);

}  // namespace cli
