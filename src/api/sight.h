#pragma once

// What a caller may see of the estate. Handlers read rows through SeenBy's Reader, as if there were
// no others: so a handler that forgets about scopes shows nothing that it should not.
//
// Thread rule: SightOf and SightBook on the loop thread; a Sight never changes and may be read
// anywhere.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "accounts/identity.h"
#include "model/history.h"
#include "model/ids.h"
#include "model/rows.h"
#include "runtime/views.h"
#include "store/store.h"

namespace api {

struct Sight {
  bool is_scoped = false;  // no DAG but those below
  std::set<model::DagId> dags;
  std::set<std::string> files;   // of these DAGs
  std::set<std::string> tags;    // of these DAGs
  std::set<std::string> assets;  // that these DAGs name
  bool sees_accounts = false;    // what history says of users, tokens and refusals

  bool Has(const model::DagId& dag) const { return !is_scoped || dags.contains(dag); }
};
using SightPtr = std::shared_ptr<const Sight>;  // null: everything

SightPtr SightOf(const runtime::Views& views, const accounts::Identity& identity);

// The sights of those who ask, kept as long as no DAG changes: to make one looks at every DAG.
class SightBook {
 public:
  explicit SightBook(const runtime::Views& views) : views_(views) {}
  SightPtr Of(const accounts::Identity& identity);

 private:
  const runtime::Views& views_;
  uint64_t revision_ = 0;                            // of the DAGs
  std::chrono::steady_clock::time_point made_at_{};  // the oldest
  std::map<std::string, SightPtr> made_;             // by the scopes
};

inline bool MaySee(const SightPtr& sight, const model::DagId& dag) {
  return sight == nullptr || sight->Has(dag);
}
// A row of a DAG; or of no DAG, for those who see them all.
bool MaySee(const SightPtr& sight, const model::HistoryRow& row);
bool MaySee(const SightPtr& sight, const model::HoldRow& row);
// The row without words about DAGs that are not seen: what holds a deadline up may be far away, and
// a run may be another DAG's doing.
model::HistoryRow Seen(const SightPtr& sight, model::HistoryRow row);
// What jobs wait for, without how DAGs that are not seen stand.
runtime::JobViews Seen(const SightPtr& sight, runtime::JobViews jobs);
// The same of what a job was to wait for: which, and not of which lanes.
model::JobRow Seen(const SightPtr& sight, model::JobRow row);
// "DAG/RUN/JOB" that made a run; "" where it is not seen.
std::string SeenJob(const SightPtr& sight, const std::string& job);
inline bool IsScoped(const SightPtr& sight) {
  return sight != nullptr && sight->is_scoped;
}

// What of `rows` the sight shows; both must outlive it. Null where it shows all.
std::unique_ptr<store::Reader> SeenBy(const SightPtr& sight, store::Reader& rows);

}  // namespace api
