// The versions that a DAG has had, as Airflow lists them: numbered from 1, the oldest first.

#include <algorithm>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// Airflow's ids of versions are UUIDs; ours are hashes, of which this is the front.
std::string UuidOf(const model::VersionId& version) {
  const std::string& hex = version.str();
  if (hex.size() < 32)
    return hex;
  return base::Join({hex.substr(0, 8),
                     hex.substr(8, 4),
                     hex.substr(12, 4),
                     hex.substr(16, 4),
                     hex.substr(20, 12)},
                    "-");
}

json::object VersionJson(const model::DagVersionRow& row, size_t number) {
  return {{"id", UuidOf(row.version)},
          {"version_number", number},
          {"dag_id", row.dag.str()},
          {"dag_display_name", row.dag.str()},
          {"bundle_name", nullptr},
          {"bundle_version", nullptr},
          {"bundle_url", nullptr},
          {"created_at", TimeOrNull(row.created_at)},
          {"version", row.version.str()}};
}

base::Result<std::vector<model::DagVersionRow>> VersionsOf(const Reading& reading,
                                                           const model::DagId& dag) {
  RETURN_IF_ERROR(FindDag(reading, dag));
  return reading.rows.Versions(dag);
}

}  // namespace

Answer ListDagVersions(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, {"version_number"});
  if (!order)
    return order.error();
  ASSIGN_OR_RETURN(const int64_t wanted, ReadInt(exchange, "version_number", 0));
  ASSIGN_OR_RETURN(const auto rows, VersionsOf(reading, exchange.dag()));
  json::array versions;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!exchange.target.Param("version_number") || wanted == static_cast<int64_t>(i) + 1)
      versions.push_back(VersionJson(rows[i], i + 1));
  }
  if (!order->empty() && order->front().is_descending)
    std::ranges::reverse(versions);
  return PageOf("dag_versions", std::move(versions), *paging);
}

Answer GetDagVersion(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto rows, VersionsOf(reading, exchange.dag()));
  const std::string& asked = exchange.args.at(1);
  const auto number = base::ParseInt(asked);
  if (!number || *number < 1 || *number > std::ssize(rows))
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no version '",
                                base::Excerpt(asked),
                                "' of it: its versions are 1 to ",
                                rows.size()));
  const model::DagVersionRow& row = rows[static_cast<size_t>(*number) - 1];
  json::object out = VersionJson(row, static_cast<size_t>(*number));
  ASSIGN_OR_RETURN(out["resolved"], base::ParseJson(row.resolved, "a stored DAG version"));
  return out;
}

}  // namespace api
