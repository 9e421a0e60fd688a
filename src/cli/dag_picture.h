#pragma once

// A DAG as text: lanes as rows, depth as columns, edges between neighbouring columns as lines. An
// edge that spans more columns is not drawn; the table of `dags show` names every edge. Pure.

#include <string>
#include <vector>

#include "model/dag.h"

namespace cli {

//   1  labeling_1 ----> training_1 --+
//   2  labeling_2 ----> training_2 --+
//                                    +-> publish
std::string DrawDag(const model::Dag& dag);

// What a job waits for, as depends_on writes it: "labeling", "evaluation[*]", "other_dag/job".
// `job` is the id; the answer holds for its first lane.
std::vector<std::string> DependenciesOf(const model::Dag& dag, const model::JobId& job);

// In the order of the file, "" (no lane) left out.
std::vector<model::LaneId> LanesOf(const model::Dag& dag);
// Distinct job ids in the order of the file.
std::vector<model::JobId> JobIdsOf(const model::Dag& dag);

}  // namespace cli
