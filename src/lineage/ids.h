#pragma once

// The ids under which runs and attempts are known to systems of lineage and tracing. They follow
// from what they name, so that what is sent again is the same run, and anybody can compute them.
// Pure.
//
// A run that has ended and begins again, because a person clears it, is another one there: its
// `round` counts how often that has happened.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace lineage {

struct RunName {
  model::RunKey key;
  int64_t deletions = 0;  // RunRow::deletions: an earlier run may have had the id
  int round = 0;
};

// RFC 9562's version 5, in the namespace uuid5(NAMESPACE_URL, "signalbox:INCARNATION") of the
// database. Its name is "run", DAG, run, deletions and round, parted by line feeds.
std::string RunUuid(std::string_view incarnation, const RunName& run);
// Its name is "attempt", DAG, run, deletions, job, lane, index and number.
std::string AttemptUuid(std::string_view incarnation,
                        const model::AttemptKey& attempt,
                        int64_t deletions);

}  // namespace lineage
