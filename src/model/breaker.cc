#include "model/breaker.h"

namespace model {

bool IsPauseByFailures(const HistoryRow& row) {
  return row.subject.kind == EntityKind::kDag && row.to == "paused" &&
         row.cause.ends_with(kByFailures);
}

}  // namespace model
