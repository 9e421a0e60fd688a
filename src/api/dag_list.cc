// Lists of DAGs: which are asked for, and what is done to all of them at once.

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// A DAG, with its latest run if somebody asks by it: then it is known, also that there is none.
struct Found {
  model::DagRow row;
  std::optional<std::optional<model::RunRow>> known_latest;

  const model::RunRow* latest() const {
    return known_latest && *known_latest ? &**known_latest : nullptr;
  }
};

struct Filters {
  std::optional<bool> paused, has_import_errors, has_asset_schedule, is_favourite;
  bool exclude_stale = true;
  bool needs_all_tags = false;
  std::vector<std::string> tags, owners;
  std::vector<std::vector<store::TextPattern>> ids, shown_names;
  std::optional<std::vector<store::TextPattern>> asset;
  std::optional<model::RunState> latest;
  std::set<model::DagId> favourites;  // of who asks, where it is asked by them

  // What a DAG's file says is read if it is asked for: there may be more than are kept in memory.
  bool AskWhatItSays() const {
    return !tags.empty() || !owners.empty() || has_asset_schedule || asset;
  }
};

base::Result<Filters> ReadFilters(const Exchange& exchange) {
  Filters filters;
  ASSIGN_OR_RETURN(filters.paused, ReadBool(exchange, "paused"));
  ASSIGN_OR_RETURN(filters.has_import_errors, ReadBool(exchange, "has_import_errors"));
  ASSIGN_OR_RETURN(filters.has_asset_schedule, ReadBool(exchange, "has_asset_schedule"));
  ASSIGN_OR_RETURN(filters.is_favourite, ReadBool(exchange, "is_favorite"));
  ASSIGN_OR_RETURN(const auto exclude_stale, ReadBool(exchange, "exclude_stale"));
  filters.exclude_stale = exclude_stale.value_or(true);
  filters.tags = ReadAll(exchange, "tags");
  filters.owners = ReadAll(exchange, "owners");
  const std::string mode = exchange.target.Param("tags_match_mode").value_or("any");
  if (mode != "any" && mode != "all")
    return base::Fail(base::ErrorCode::kInvalidArgument, "'tags_match_mode' must be any or all");
  filters.needs_all_tags = mode == "all";
  filters.ids = ReadPatterns(exchange, "dag_id");
  // What is shown is the id.
  filters.shown_names = ReadPatterns(exchange, "dag_display_name");
  if (const auto asset = exchange.target.Param("asset_dependency"))
    filters.asset = PatternsOf(*asset);
  const auto state = exchange.target.Param("last_dag_run_state");
  if (state && !(filters.latest = model::ParseRunState(*state)))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'last_dag_run_state' must be queued, running, success or failed, "
                                "not '",
                                base::Excerpt(*state),
                                "'"));
  return filters;
}

bool MeetsRow(const Reading& reading, const Filters& filters, const model::DagRow& row) {
  return (row.is_active || !filters.exclude_stale) &&
         (!filters.paused || *filters.paused == row.is_paused) &&
         (!filters.is_favourite || *filters.is_favourite == filters.favourites.contains(row.dag)) &&
         FitsAll(filters.ids, row.dag.str()) && FitsAll(filters.shown_names, row.dag.str()) &&
         (!filters.has_import_errors ||
          *filters.has_import_errors == HasImportErrors(reading, row));
}

bool MeetsDag(const Filters& filters, const model::Dag& dag) {
  const auto has_tag = [&](const std::string& tag) {
    return std::ranges::find(dag.tags, tag) != dag.tags.end();
  };
  if (!filters.tags.empty() &&
      !(filters.needs_all_tags ? std::ranges::all_of(filters.tags, has_tag)
                               : std::ranges::any_of(filters.tags, has_tag)))
    return false;
  if (!filters.owners.empty() &&
      std::ranges::find(filters.owners, dag.owner) == filters.owners.end())
    return false;
  if (filters.has_asset_schedule && *filters.has_asset_schedule != dag.assets.has_value())
    return false;
  if (!filters.asset)
    return true;
  const auto names = dag.assets ? model::AssetsOf(*dag.assets) : std::vector<std::string>();
  return std::ranges::any_of(names,
                             [&](const auto& name) { return FitsAny(*filters.asset, name); });
}

const std::vector<std::string_view> kOrders{
    "dag_id", "dag_display_name", "next_dagrun", "last_run_state", "last_run_start_date"};
constexpr size_t kByNext = 2, kByState = 3, kByStart = 4;

// Absent times come first, as in all lists.
std::strong_ordering Compare(const Reading& reading, const Found& a, const Found& b, size_t by) {
  const auto next = [&](const Found& found) {
    const auto next = reading.now.next_runs->find(found.row.dag);
    return next == reading.now.next_runs->end() ? base::Time::min() : next->second.run_after;
  };
  const auto state = [](const Found& found) {
    return found.latest() != nullptr ? ToString(found.latest()->state) : std::string_view();
  };
  const auto start = [](const Found& found) {
    return found.latest() != nullptr ? found.latest()->start_date.value_or(base::Time::min())
                                     : base::Time::min();
  };
  if (by == kByNext)
    return next(a) <=> next(b);
  if (by == kByState)
    return state(a) <=> state(b);
  if (by == kByStart)
    return start(a) <=> start(b);
  return a.row.dag <=> b.row.dag;
}

// By id, unless the query says otherwise.
base::Result<Asked<std::vector<Found>>> Select(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(Filters filters, ReadFilters(exchange));
  if (filters.is_favourite) {
    ASSIGN_OR_RETURN(filters.favourites, FavouritesOf(reading, exchange.identity.name));
  }
  const auto order = ReadOrder(exchange, kOrders);
  if (!order)
    return tl::unexpected(order.error());
  const bool by_run = filters.latest || std::ranges::any_of(*order, [](const OrderPart& part) {
                        return part.which == kByState || part.which == kByStart;
                      });
  ASSIGN_OR_RETURN(auto rows, reading.rows.Dags());
  std::vector<Found> found;
  for (model::DagRow& row : rows) {
    if (!MeetsRow(reading, filters, row))
      continue;
    if (filters.AskWhatItSays()) {
      ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
      if (!MeetsDag(filters, *dag))
        continue;
    }
    Found one{.row = std::move(row), .known_latest = std::nullopt};
    if (by_run) {
      ASSIGN_OR_RETURN(one.known_latest, reading.rows.LatestRun(one.row.dag));
    }
    if (!filters.latest || (one.latest() != nullptr && one.latest()->state == *filters.latest))
      found.push_back(std::move(one));
  }
  PutInOrder(found, *order, [&](const Found& a, const Found& b, size_t by) {
    return Compare(reading, a, b, by);
  });
  return found;
}

Answer PageOf(const Reading& reading, const std::vector<Found>& found, const Paging& paging) {
  const Slice slice = SliceOf(found.size(), paging);
  json::array dags;
  for (size_t i = slice.begin; i < slice.end; ++i) {
    const Found& one = found[i];
    ASSIGN_OR_RETURN(json::object dag,
                     one.known_latest ? DescribeDag(reading, one.row, *one.known_latest)
                                      : DescribeDag(reading, one.row));
    dags.push_back(std::move(dag));
  }
  return ListObject("dags", std::move(dags), slice, paging);
}

// Those of a page, as Airflow does it: each is a change of its own.
void PauseFrom(Context& context,
               const std::shared_ptr<const std::vector<model::DagId>>& dags,
               size_t place,
               const model::SetPaused& like,
               const Answered& answered,
               const std::function<void()>& done) {
  if (place == dags->size())
    return done();
  model::SetPaused change = like;
  change.dag = (*dags)[place];
  context.commands.SetPaused(std::move(change),
                             [&context, dags, place, like, answered, done](const auto& outcome) {
                               if (!outcome)
                                 return answered(base::Fail(outcome.error()));
                               PauseFrom(context, dags, place + 1, like, answered, done);
                             });
}

// The page as it was before, with its DAGs as they are now.
Answer PageAgain(const Reading& reading, json::object page, const std::vector<model::DagId>& dags) {
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Dags());
  json::array now;
  for (const model::DagId& id : dags) {
    const auto row = std::ranges::find(rows, id, &model::DagRow::dag);
    if (row == rows.end())  // it has gone meanwhile
      continue;
    ASSIGN_OR_RETURN(json::object dag, DescribeDag(reading, *row));
    now.push_back(std::move(dag));
  }
  page["dags"] = std::move(now);
  return page;
}

}  // namespace

Answer ListDags(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto found, Select(reading, exchange));
  if (!found)
    return found.error();
  return PageOf(reading, *found, *paging);
}

void PatchDags(Context& context, const SharedExchange& exchange, Answered answered) {
  const json::value* is_paused = exchange->body.if_contains("is_paused");
  if (is_paused == nullptr || !is_paused->is_bool())
    return answered(
        base::Fail(base::ErrorCode::kInvalidArgument, "'is_paused' must be true or false"));
  const model::SetPaused like{{}, is_paused->get_bool(), exchange->principal()};
  context.desk.Read<Reply>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      [exchange](const Reading& reading) { return ListDags(reading, *exchange); },
      [&context, like, answered = std::move(answered)](Answer before) {
        const auto* page = before ? std::get_if<json::object>(&*before) : nullptr;
        if (page == nullptr)
          return answered(std::move(before));
        auto dags = std::make_shared<std::vector<model::DagId>>();
        for (const json::value& dag : page->at("dags").get_array())
          dags->emplace_back(base::GetString(dag.get_object(), "dag_id"));
        const auto again = [&context, dags, page = *page, answered] {
          context.desk.Read<Reply>(
              ReadDesk::Turn::kFirst,
              nullptr,
              [dags, page](const Reading& reading) { return PageAgain(reading, page, *dags); },
              answered);
        };
        PauseFrom(context, dags, 0, like, answered, again);
      });
}

}  // namespace api
