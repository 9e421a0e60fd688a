#pragma once

// DAGs as the map's layout reads them (metro/estate.h), under the map's names. Pure.

#include <memory>
#include <vector>

#include "metro/estate.h"
#include "model/dag.h"

namespace api {

using MapDags = std::vector<std::shared_ptr<const model::Dag>>;

metro::Estate EstateOf(const MapDags& dags);

}  // namespace api
