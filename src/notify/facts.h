#pragma once

// What the store knows of a row of history beyond its columns, as far as a message needs it.
//
// Thread rule: FactsOf runs where the reader may be used, and nothing is shared.

#include <optional>

#include "base/result.h"
#include "model/rows.h"
#include "store/store.h"

namespace notify {

struct Facts {
  // The job's attempt that had begun last when the row was written.
  std::optional<model::AttemptRow> attempt;
  std::optional<base::Time> next_try_at;
  bool is_unclaimed = false;  // of a cluster: it is of no attempt, and nobody ends it
};

// Whether the row tells something that needs them.
bool NeedsFacts(const model::HistoryRow& row);
base::Result<Facts> FactsOf(store::Reader& reader, const model::HistoryRow& row);

}  // namespace notify
