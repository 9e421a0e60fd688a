#pragma once

// Limits as they are used now, and what the process reads: plain values for people.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/capacity.h"
#include "model/ids.h"

namespace runtime {

// A limit on how many jobs hold slots, and how many vCPUs their work has.
struct LimitView {
  struct OfValue {
    std::string value;  // of the limit's expression; "": it counts all jobs together
    int held = 0;       // jobs that hold slots
    int64_t vcpus = 0;  // of their work, where the limit counts them
    int queued = 0;     // jobs that it concerns and that wait for a turn
  };
  model::DagId scope;  // the DAG that has it; "": the project
  model::JobLimit limit;
  std::vector<OfValue> values;  // by value; those that no job has now are not here
};

// A file of the project, as it was read last.
struct FileView {
  struct Dag {
    model::DagId id;
    model::VersionId version;
  };
  std::string path;  // relative to the project
  int64_t size = 0;
  base::Time modified_at;  // by the file system's clock
  std::vector<Dag> dags;   // active ones that come from it
};

struct ProjectView {
  std::string folder;
  std::string deployment;
  std::string region;
  base::Time read_at;   // world time
  std::string trouble;  // why it is not as it is on the disk; "": it is
  std::vector<FileView> files;
};

}  // namespace runtime
