#include "engine/vanished.h"

#include <string>
#include <vector>

#include "base/text.h"
#include "engine/assets.h"
#include "engine/runs.h"
#include "engine/schedules.h"

namespace engine {

namespace {

void Deactivate(Turn& turn, DagEntry& entry, std::string_view cause) {
  entry.row.is_active = false;
  entry.row.missing_since = std::nullopt;
  turn.recorder.History(turn.now, model::SubjectOf(entry.row.dag), "active", "inactive", cause);
  turn.recorder.Put(entry.row);
  RefreshFire(turn.state, entry);
}

void Keep(Turn& turn, DagEntry& entry, std::string_view cause) {
  entry.row.missing_since = turn.now;
  turn.recorder.History(turn.now, model::SubjectOf(entry.row.dag), "active", "active", cause);
  turn.recorder.Put(entry.row);
}

}  // namespace

bool IsMassVanish(size_t gone, size_t active) {
  constexpr size_t kFew = 3;
  // All of them: the folder is empty or cannot be reached.
  return gone > 0 && (gone == active || (gone > kFew && 3 * gone > active));
}

void LeaveOut(Turn& turn, const std::set<model::DagId>& read) {
  std::vector<DagEntry*> gone;
  size_t active = 0;
  bool are_some_kept = false;
  for (auto& [id, entry] : turn.state.dags) {
    if (!entry.row.is_active)
      continue;
    ++active;
    if (entry.row.missing_since)
      are_some_kept = true;
    else if (!read.contains(id))
      gone.push_back(&entry);
  }
  // A folder that has lost many files is not trusted for the rest either.
  const bool keep = are_some_kept || IsMassVanish(gone.size(), active);
  const std::string cause = keep ? base::Cat("its file is gone, as are ",
                                             gone.size(),
                                             " of ",
                                             active,
                                             " in all: it stays active until a person confirms")
                                 : "its file is gone";
  for (DagEntry* entry : gone)
    keep ? Keep(turn, *entry, cause) : Deactivate(turn, *entry, cause);
}

void DeactivateDags(Turn& turn, const model::DeactivateDags& event, Changes& changes) {
  std::vector<DagEntry*> entries;
  for (const model::DagId& id : event.dags) {
    const auto found = turn.state.dags.find(id);
    if (found == turn.state.dags.end()) {
      changes.outcome =
          base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no DAG '", id.str(), "'"));
      return;
    }
    DagEntry& entry = found->second;
    if (entry.row.is_active && !entry.row.missing_since) {
      changes.outcome = base::Fail(base::ErrorCode::kConflict,
                                   base::Cat("the file of the DAG '",
                                             id.str(),
                                             "' is not missing: remove ",
                                             entry.row.fileloc,
                                             " to deactivate it, or pause it"));
      return;
    }
    if (entry.row.is_active)
      entries.push_back(&entry);
  }
  for (DagEntry* entry : entries)
    Deactivate(turn, *entry, base::Cat("its file is gone; confirmed by ", event.by.name));
  LoadAssets(turn, {});
}

}  // namespace engine
