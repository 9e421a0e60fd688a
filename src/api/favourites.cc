// Favourites: DAGs that a user has marked, as Airflow has them. Each is a record of the user's, and
// goes with the user and with the DAG.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using model::RecordKind;

std::string PrefixOf(const std::string& user) {
  return base::Cat(user, "/");
}

bool IsThere(const Context& context, const model::DagId& dag) {
  return std::ranges::any_of(context.views.Dags(),
                             [&](const auto& known) { return known.row->dag == dag; });
}

// Or takes the mark away, without a body. In no history: it is nobody else's business.
void Mark(Context& context,
          const Exchange& exchange,
          std::optional<std::string> body,
          Answered answered) {
  const model::RecordKey key{RecordKind::kFavourite,
                             PrefixOf(exchange.identity.name) + exchange.dag().str()};
  const bool is_marked = context.views.Record(key) != nullptr;
  if (!IsThere(context, exchange.dag()))
    return answered(base::Fail(NoDag(exchange.dag())));
  if (body && is_marked)
    return answered(NoContent());
  if (!body && !is_marked)
    return answered(base::Fail(
        base::ErrorCode::kConflict,
        base::Cat(
            "the DAG '", base::Excerpt(exchange.dag().str()), "' is not among your favourites")));
  context.commands.ChangeRecords(
      {.records = {{key, std::move(body), std::nullopt, true}},
       .is_quiet = true,
       .by = exchange.principal()},
      [answered = std::move(answered)](const runtime::Outcome& outcome) {
        answered(outcome ? Answer(NoContent()) : base::Fail(outcome.error()));
      });
}

}  // namespace

void Favour(Context& context, const SharedExchange& exchange, Answered answered) {
  Mark(context, *exchange, "{}", std::move(answered));
}

void Unfavour(Context& context, const SharedExchange& exchange, Answered answered) {
  Mark(context, *exchange, std::nullopt, std::move(answered));
}

std::vector<model::ChangeRecords::One> DropFavourites(const runtime::Views& views,
                                                      const std::string& user) {
  std::vector<model::ChangeRecords::One> drops;
  for (const model::RecordRow* row : views.Records(RecordKind::kFavourite)) {
    if (row->id.name.starts_with(PrefixOf(user)))
      drops.push_back({row->id, std::nullopt, std::nullopt, true});
  }
  return drops;
}

base::Result<std::set<model::DagId>> FavouritesOf(const Reading& reading, const std::string& user) {
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Records(RecordKind::kFavourite));
  const std::string prefix = PrefixOf(user);
  std::set<model::DagId> dags;
  for (const model::RecordRow& row : rows) {
    if (row.id.name.starts_with(prefix))
      dags.emplace(row.id.name.substr(prefix.size()));
  }
  return dags;
}

}  // namespace api
