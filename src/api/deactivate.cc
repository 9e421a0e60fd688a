#include <algorithm>
#include <set>
#include <utility>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

// DAGs that stay active although their files are gone.
base::Result<std::vector<model::DagRow>> Missing(Context& context) {
  ASSIGN_OR_RETURN(auto rows, context.runtime.reader().Dags());
  std::erase_if(rows,
                [](const model::DagRow& row) { return !row.is_active || !row.missing_since; });
  return rows;
}

// Those that the body names; all that are missing where it names none.
base::Result<std::vector<model::DagId>> Asked(const json::object& body,
                                              const std::vector<model::DagRow>& missing) {
  std::vector<model::DagId> dags;
  const json::value* ids = body.if_contains("dag_ids");
  if (ids == nullptr) {
    for (const model::DagRow& row : missing)
      dags.push_back(row.dag);
    return dags;
  }
  const json::array* array = ids->if_array();
  for (const json::value& id : array != nullptr ? *array : json::array()) {
    if (id.is_string())
      dags.emplace_back(std::string(id.get_string()));
  }
  if (array == nullptr || dags.size() != array->size())
    return base::Fail(base::ErrorCode::kInvalidArgument, "'dag_ids' must be a list of DAG ids");
  return dags;
}

json::object ListOf(const std::vector<model::DagRow>& missing,
                    const std::vector<model::DagId>& asked) {
  const std::set<model::DagId> ids(asked.begin(), asked.end());
  json::array dags;
  for (const model::DagRow& row : missing) {
    if (ids.contains(row.dag))
      dags.push_back(json::object{{"dag_id", row.dag.str()},
                                  {"relative_fileloc", row.fileloc},
                                  {"missing_since", TimeOrNull(row.missing_since)}});
  }
  const size_t count = dags.size();
  return {{"dags", std::move(dags)}, {"total_entries", count}};
}

}  // namespace

void DeactivateDags(Context& context, const Exchange& exchange, Answered answered) {
  auto body = ReadBody(exchange, {"dag_ids", "dry_run"});
  if (!body)
    return answered(base::Fail(body.error()));
  auto missing = Missing(context);
  if (!missing)
    return answered(base::Fail(missing.error()));
  auto asked = Asked(*body, *missing);
  if (!asked)
    return answered(base::Fail(asked.error()));
  json::object list = ListOf(*missing, *asked);
  if (base::GetBool(*body, "dry_run"))
    return answered(std::move(list));
  context.runtime.DeactivateDags(
      {std::move(*asked), "api"},
      [list = std::move(list), answered = std::move(answered)](const driver::Outcome& outcome) {
        answered(outcome ? base::Result<json::object>(list) : base::Fail(outcome.error()));
      });
}

}  // namespace api
