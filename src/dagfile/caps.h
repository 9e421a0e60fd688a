#pragma once

// Money: spend caps and prices; and whether limits of vCPUs and caps can count the jobs that they
// bound. Only for this folder.

#include <vector>

#include "dagfile/draft.h"
#include "dagfile/project.h"
#include "model/spend.h"
#include "yaml/reader.h"

namespace dagfile {

// More than 0, in USD.
std::optional<model::MicroUsd> ReadUsd(const yaml::Node& value,
                                       std::string_view key,
                                       yaml::Diagnostics* errors);
// `spend_cap` of a DAG.
model::SpendCap ReadSpendCap(yaml::MapReader& reader, yaml::Diagnostics* errors);
// A map of instance types; ordered by type.
std::vector<model::Price> ReadPrices(const yaml::Node& map, yaml::Diagnostics* errors);

// REQUIRES: requests are built. Reports jobs that no limit could ever let launch, or that a limit
// or a cap cannot count. `project`: null if signalbox.yaml has mistakes.
void CheckCaps(std::vector<DagDraft>& drafts, const Project* project);

}  // namespace dagfile
