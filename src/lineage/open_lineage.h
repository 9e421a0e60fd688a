#pragma once

// What OpenLineage's events say of runs and of attempts (https://openlineage.io, spec 2-0-2). Pure:
// facts in, JSON out; the same facts give the same event.
//
// Not here: which row of history is which event (moments.h), and how events are sent (runtime).

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "lineage/ids.h"
#include "model/dag.h"
#include "model/rows.h"

namespace lineage {

// Who tells it.
struct Origin {
  std::string space;        // OpenLineage's namespace of the jobs
  std::string incarnation;  // of the database
  std::string version;      // of Signalbox
};

enum class EventType { kStart, kComplete, kFail, kAbort, kOther };
std::string_view ToString(EventType type);  // "START"

struct Moment {
  EventType type = EventType::kStart;
  base::Time at;
  std::string message;  // why it failed; "": it did not, or nothing is known
};

struct RunFacts {
  model::RunRow run;
  int round = 0;
  std::shared_ptr<const model::Dag> dag;    // the run's version
  std::string fileloc;                      // of the DAG's file as it is now; "": it has none
  std::map<std::string, std::string> uris;  // of assets, by name
};

json::object RunEvent(const Origin& origin, const RunFacts& facts, const Moment& moment);
// REQUIRES: `job` is of the DAG.
json::object AttemptEvent(const Origin& origin,
                          const RunFacts& facts,
                          const model::Job& job,
                          const model::AttemptKey& attempt,
                          const Moment& moment);

// "nightly", "nightly.train_2": an instance of a mapped job has its job's name.
std::string JobNameOf(const model::DagId& dag);
std::string JobNameOf(const model::DagId& dag, const model::JobId& job, const model::LaneId& lane);

// Where data with this URI is: "s3://bucket" and "path/to/it". An asset without a URI is in the
// namespace of the jobs, under its name.
struct DatasetName {
  std::string space, name;
};
DatasetName DatasetOf(const Origin& origin, const std::string& asset, const std::string& uri);

// The properties of Spark by which a Spark job tells OpenLineage that the attempt is its parent.
json::object SparkParent(const std::string& space,
                         std::string_view incarnation,
                         const model::AttemptKey& attempt,
                         int64_t deletions);

}  // namespace lineage
