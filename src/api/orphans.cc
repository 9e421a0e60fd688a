#include "api/resources.h"

namespace api {

// They are of no DAG: those who see only some DAGs see none.
Answer ListOrphans(Context& context, const Exchange& exchange) {
  runtime::OrphansView orphans = context.views.Orphans();
  if (exchange.IsScoped())
    orphans.clusters.clear();
  json::array rows;
  for (const auto& orphan : orphans.clusters) {
    const model::ClusterRow& row = orphan.row;
    json::object out{{"cluster_id", row.id.str()},
                     {"name", row.name},
                     {"class", ToString(orphan.kind)},
                     {"state", ToString(row.phase)},
                     {"region", row.region},
                     {"token", row.token.str()},
                     {"created_at", TimeOrNull(row.created_at)},
                     {"age_seconds", nullptr},
                     {"first_seen_at", TimeOrNull(orphan.first_seen_at)},
                     {"fate", orphan.fate},
                     {"terminate_requested_at", TimeOrNull(row.terminate_requested_at)},
                     {"terminate_cause", TextOrNull(row.terminate_cause)}};
    if (row.created_at)
      out["age_seconds"] = (context.views.Now() - *row.created_at) / base::seconds(1);
    rows.push_back(std::move(out));
  }
  const size_t count = rows.size();
  return json::object{{"orphans", std::move(rows)},
                      {"total_entries", count},
                      {"armed", orphans.armed},
                      {"refusal", TextOrNull(orphans.refusal)}};
}

}  // namespace api
