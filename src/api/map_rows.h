#pragma once

// The whole estate for a board: DAGs with their jobs and lanes, the state of each in its DAG's
// latest run, and what leads where. Read from rows, completed with what the driver's memory knows
// of the jobs that wait, and made into texts of JSON, one a DAG: so a part of it can be shown.
//
// Ids are names, and stay what they are as long as their things do: "dag:churn",
// "group:churn/features.daily", "job:churn/labeling", "job:churn/labeling[2]" for its lane 2,
// "asset:customers"; an edge is "FROM>TO". Not here: where things stand
// on a board (map_layouts.h).
//
// Thread rule: a thread for reads.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/reading.h"
#include "model/rows.h"

namespace api {

// One lane of a job in the latest run of its DAG.
struct MapMember {
  std::vector<model::TaskRow> tasks;  // of the job itself
  int try_number = 0;
  std::optional<base::Time> next_try_at;
  std::map<model::TaskState, int64_t> instances;  // of a mapped job, by their last task
};

struct MapDag {
  model::DagRow row;
  std::shared_ptr<const model::Dag> dag;  // that new runs take
  std::optional<model::RunRow> run;       // the latest
  std::map<model::JobName, MapMember> members;
  std::vector<model::DeadlineRow> deadlines;  // of that run
};

struct MapRows {
  std::vector<MapDag> dags;                             // by id
  std::map<model::JobKey, model::ClusterRow> clusters;  // live ones
  std::vector<model::AssetRow> assets;
  std::map<model::DagId, model::AssetQueueRow> queues;

  // Those that have not ended: what keeps them is asked for.
  std::map<model::JobKey, model::TaskState> OpenJobs() const;
};
base::Result<MapRows> ReadMap(const Reading& reading);

// As texts. A part is shown whole or not at all.
struct MapTexts {
  struct Dag {
    model::DagId id;
    std::vector<std::string> tags;
    std::shared_ptr<const model::Dag> dag;
    std::string text;
  };
  struct Asset {
    std::string name;
    std::string text;
  };
  struct Edge {
    model::DagId from, to;  // the DAGs at its ends; "": an asset is there
    std::string asset;      // "": it has none
    std::string text;
  };
  std::vector<Dag> dags;
  std::vector<Asset> assets;
  std::vector<Edge> edges;
};
MapTexts MakeTexts(const MapRows& rows,
                   const runtime::Published& now,
                   const runtime::JobViews& jobs);

}  // namespace api
