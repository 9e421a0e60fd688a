#pragma once

// A resolved DAG as JSON and back: how versions are stored, and what a version is the hash of.

#include <memory>

#include "base/result.h"
#include "model/dag.h"
#include "model/rows.h"

namespace model {

// All that the DAG means; fileloc and version are left out.
json::object DagToJson(const Dag& dag);
// REQUIRES nothing of the text: a damaged one is kCorrupt. Fills in `version`.
base::Result<std::shared_ptr<const Dag>> DagFromJson(const json::object& object);
// Under the id that the row has, which may be a later one than that of the text.
base::Result<std::shared_ptr<const Dag>> DagOf(const DagVersionRow& row);
VersionId ComputeVersion(const Dag& dag);

std::string_view ToString(Window window);
std::optional<Window> ParseWindow(std::string_view text);

}  // namespace model
