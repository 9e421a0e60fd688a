// The files of DAGs, as clients name them.

#include <algorithm>
#include <utility>

#include "api/resources.h"
#include "base/hash.h"
#include "base/text.h"

namespace api {

std::string FileToken(std::string_view fileloc) {
  return base::Hex(fileloc);
}

void ParseDagFile(Context& context, const SharedExchange& exchange, Answered answered) {
  context.desk.Read<bool>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange](const Reading& reading) -> base::Result<bool> {
        ASSIGN_OR_RETURN(const auto rows, reading.rows.Dags());
        return std::ranges::any_of(rows, [&](const model::DagRow& row) {
          return FileToken(row.fileloc) == exchange->args.at(0);
        });
      },
      [&context, answered = std::move(answered)](const base::Result<bool>& is_known) {
        if (!is_known)
          return answered(base::Fail(is_known.error()));
        if (!*is_known)
          return answered(base::Fail(base::ErrorCode::kNotFound, "no DAG is of such a file"));
        context.commands.LookAtProject();
        http::Response created{.status = 201, .body = "null"};
        created.headers.Set("Content-Type", "application/json");
        answered(std::move(created));
      });
}

}  // namespace api
