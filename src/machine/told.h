#pragma once

// What a process has told us while it ran, other than by its output: kept in its record, so that it
// outlives us as the process does. The file `told` holds
//
//   {"xcoms": {KEY: VALUE}, "skipped": [NAMES], "report": {...}}
//
// where members that say nothing are absent. The first report counts.
//
// Thread rule: one thread for a record.

#include "base/json.h"
#include "base/result.h"
#include "machine/record.h"

namespace machine {

// All values together, as JSON.
inline constexpr size_t kXcomBytesMax = size_t{48} << 10;

json::object ReadTold(const Record& record);

// `more` is {"xcom": KEY, "value": V}, {"drop": KEY}, {"skipped": [NAMES]} or {"report": {...}}.
// Answers what is told by then. kInvalidArgument if the values would take more than kXcomBytesMax;
// kConflict if its process has ended; kUnavailable if the disk is full.
base::Result<json::object> Tell(const Record& record, const json::object& more);

}  // namespace machine
