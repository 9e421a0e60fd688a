#include <algorithm>
#include <set>
#include <utility>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

// DAGs that stay active although their files are gone.
base::Result<std::vector<model::DagRow>> Missing(const Reading& reading) {
  ASSIGN_OR_RETURN(auto rows, reading.rows.Dags());
  std::erase_if(rows,
                [](const model::DagRow& row) { return !row.is_active || !row.missing_since; });
  return rows;
}

// Those that the body names; all that are missing where it names none.
base::Result<std::vector<model::DagId>> AskedFor(const json::object& body,
                                                 const std::vector<model::DagRow>& missing) {
  std::vector<model::DagId> dags;
  const json::value* ids = body.if_contains("dag_ids");
  if (ids == nullptr || ids->is_null()) {
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

void DeactivateDags(Context& context, const SharedExchange& exchange, Answered answered) {
  struct Request {
    std::vector<model::DagId> dags;
    json::object list;
  };
  context.desk.Read<Request>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange](const Reading& reading) -> base::Result<Request> {
        ASSIGN_OR_RETURN(const auto missing, Missing(reading));
        ASSIGN_OR_RETURN(auto asked, AskedFor(exchange->body, missing));
        for (const model::DagId& dag : asked) {
          if (!exchange->MaySee(dag))
            return base::Fail(NoDag(dag));
        }
        json::object list = ListOf(missing, asked);
        return Request{std::move(asked), std::move(list)};
      },
      [&context, exchange, answered = std::move(answered)](base::Result<Request> request) {
        if (!request)
          return answered(base::Fail(request.error()));
        if (base::GetBool(exchange->body, "dry_run"))
          return answered(std::move(request->list));
        context.commands.DeactivateDags(
            {std::move(request->dags), exchange->principal()},
            [list = std::move(request->list), answered](const runtime::Outcome& outcome) {
              answered(outcome ? Answer(list) : base::Fail(outcome.error()));
            });
      });
}

}  // namespace api
