#pragma once

// A DAG that Signalbox pauses itself, because too many of its runs have failed
// (max_consecutive_failed_dag_runs).

#include <string_view>

#include "model/history.h"

namespace model {

// How the cause of such a pause ends.
inline constexpr std::string_view kByFailures = "(max_consecutive_failed_dag_runs)";
bool IsPauseByFailures(const HistoryRow& row);

}  // namespace model
