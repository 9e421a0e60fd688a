// Assets as Airflow shows them: which there are, their events, what is queued for DAGs. There are
// no aliases and no watchers: those lists are empty.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/times.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// The runs that are looked through for those that took an event.
constexpr int kMostRunsSearched = 1000;

struct Uses {
  json::array scheduled, producing, consuming;
  std::set<model::DagId> producers;
};

base::Error NoAsset(std::string_view id) {
  return {base::ErrorCode::kNotFound,
          base::Cat("there is no asset with the id '", base::Excerpt(id), "'")};
}

void AddJobs(const model::DagRow& row, const model::Dag& dag, std::map<std::string, Uses>& uses) {
  for (const model::Job& job : dag.jobs) {
    const json::object task{{"dag_id", row.dag.str()},
                            {"task_id", model::DisplayName(job.id, job.lane)},
                            {"created_at", TimeOrNull(row.first_seen)},
                            {"updated_at", TimeOrNull(row.first_seen)}};
    for (const model::Outlet& outlet : job.outlets) {
      uses[outlet.asset].producing.push_back(task);
      uses[outlet.asset].producers.insert(row.dag);
    }
    for (const std::string& inlet : job.inlets)
      uses[inlet].consuming.push_back(task);
  }
}

// Who names each asset, by the versions that are in force.
base::Result<std::map<std::string, Uses>> FindUses(const Reading& reading) {
  std::map<std::string, Uses> uses;
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Dags());
  for (const model::DagRow& row : rows) {
    if (!row.is_active)
      continue;
    ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
    AddJobs(row, *dag, uses);
    if (!dag->assets)
      continue;
    for (const std::string& name : model::AssetsOf(*dag->assets))
      uses[name].scheduled.push_back(json::object{{"dag_id", row.dag.str()},
                                                  {"created_at", TimeOrNull(row.first_seen)},
                                                  {"updated_at", TimeOrNull(row.first_seen)}});
  }
  return uses;
}

base::Result<json::object> AssetJson(const Reading& reading,
                                     const model::AssetRow& row,
                                     const Uses& uses) {
  store::AssetEventQuery latest{.asset = row.id, .is_newest_first = true, .limit = 1};
  ASSIGN_OR_RETURN(const auto events, reading.rows.AssetEvents(latest));
  json::value last = nullptr;
  if (!events.rows.empty())
    last = json::object{{"id", events.rows[0].id}, {"timestamp", TimeOrNull(events.rows[0].at)}};
  return json::object{{"id", row.id},
                      {"name", row.asset.name},
                      {"uri", row.asset.uri},
                      {"group", row.asset.group},
                      {"extra", json::object()},
                      {"is_active", row.is_active},
                      {"created_at", TimeOrNull(row.created_at)},
                      {"updated_at", TimeOrNull(row.updated_at)},
                      {"scheduled_dags", uses.scheduled},
                      {"producing_tasks", uses.producing},
                      {"consuming_tasks", uses.consuming},
                      {"aliases", json::array()},
                      {"watchers", json::array()},
                      {"last_asset_event", std::move(last)}};
}

// An event made the run, if it was the latest that the run took.
bool IsTriggering(const model::RunRow& run, int64_t event) {
  int64_t latest = 0;
  for (const model::TakenEvents& taken : run.asset_events)
    latest = std::max(latest, taken.until);
  return event == latest;
}

json::array RunsOf(const std::vector<model::RunRow>& runs, const model::AssetEventRow& event) {
  json::array out;
  for (const model::RunRow& run : runs) {
    const bool took = std::ranges::any_of(run.asset_events, [&](const model::TakenEvents& taken) {
      return taken.asset == event.asset && event.id > taken.after && event.id <= taken.until;
    });
    if (took)
      out.push_back(json::object{{"run_id", run.key.run.str()},
                                 {"dag_id", run.key.dag.str()},
                                 {"logical_date", TimeOrNull(run.logical_date)},
                                 {"start_date", TimeOrNull(run.start_date.value_or(run.queued_at))},
                                 {"end_date", TimeOrNull(run.end_date)},
                                 {"state", ToString(run.state)},
                                 {"data_interval_start", TimeOrNull(run.data_interval.start)},
                                 {"data_interval_end", TimeOrNull(run.data_interval.end)},
                                 {"triggering", IsTriggering(run, event.id)}});
  }
  return out;
}

json::value ExtraOf(const model::AssetEventRow& event) {
  base::Result<json::value> extra = base::ParseJson(event.extra);
  return extra && extra->is_object() ? std::move(*extra) : json::object();
}

class EventWriter {
 public:
  static base::Result<EventWriter> Create(const Reading& reading) {
    EventWriter writer;
    ASSIGN_OR_RETURN(const auto assets, reading.rows.Assets());
    for (const model::AssetRow& row : assets)
      writer.assets_[row.id] = row.asset;
    ASSIGN_OR_RETURN(writer.runs_, reading.rows.RunsOfAssets(kMostRunsSearched));
    return writer;
  }

  json::object Write(const model::AssetEventRow& event) const {
    const auto found = assets_.find(event.asset);
    const model::Asset asset = found == assets_.end() ? model::Asset() : found->second;
    return {{"id", event.id},
            {"asset_id", event.asset},
            {"name", asset.name},
            {"uri", asset.uri},
            {"group", asset.group},
            {"extra", ExtraOf(event)},
            {"source_dag_id", TextOrNull(event.dag.str())},
            {"source_run_id", TextOrNull(event.run.str())},
            {"source_task_id",
             event.job.empty() ? json::value(nullptr)
                               : json::value(model::DisplayName(event.job, event.lane))},
            {"source_map_index", -1},
            {"created_by", TextOrNull(event.created_by)},
            {"created_dagruns", RunsOf(runs_, event)},
            {"timestamp", TimeOrNull(event.at)}};
  }

 private:
  EventWriter() = default;

  std::map<int64_t, model::Asset> assets_;
  std::vector<model::RunRow> runs_;
};

base::Result<std::optional<int64_t>> ReadId(const Exchange& exchange, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (!text)
    return std::nullopt;
  const std::optional<int64_t> id = base::ParseInt(*text);
  if (!id)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", name, "' must be a number, not '", base::Excerpt(*text), "'"));
  return id;
}

base::Result<store::AssetEventQuery> ReadEventQuery(const Exchange& exchange) {
  constexpr base::Duration kInstant{1};
  store::AssetEventQuery query;
  ASSIGN_OR_RETURN(query.asset, ReadId(exchange, "asset_id"));
  ASSIGN_OR_RETURN(const auto dag, ReadOne(exchange, "source_dag_id"));
  ASSIGN_OR_RETURN(const auto run, ReadOne(exchange, "source_run_id"));
  ASSIGN_OR_RETURN(const auto task, ReadOne(exchange, "source_task_id"));
  if (dag)
    query.dag = model::DagId(*dag);
  if (run)
    query.run = model::RunId(*run);
  if (task)
    query.job = model::JobId(*task);
  ASSIGN_OR_RETURN(query.from, ReadMoment(exchange, "timestamp_gte"));
  ASSIGN_OR_RETURN(query.until, ReadMoment(exchange, "timestamp_lte"));
  ASSIGN_OR_RETURN(const auto after, ReadMoment(exchange, "timestamp_gt"));
  ASSIGN_OR_RETURN(const auto before, ReadMoment(exchange, "timestamp_lt"));
  if (after)
    query.from = std::max(query.from.value_or(*after + kInstant), *after + kInstant);
  if (before)
    query.until = std::min(query.until.value_or(*before - kInstant), *before - kInstant);
  ASSIGN_OR_RETURN(const auto order, ReadOne(exchange, "order_by"));
  const std::string by = order.value_or("timestamp");
  query.is_newest_first = by.starts_with('-');
  if (by != "timestamp" && by != "-timestamp" && by != "id" && by != "-id")
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("'order_by' must be timestamp or id, each with or without '-', not '",
                  base::Excerpt(by),
                  "'"));
  return query;
}

Answer GetAssetEvent(const Reading& reading, const Exchange& exchange) {
  const int64_t id = base::ParseInt(exchange.args.at(0)).value_or(0);
  ASSIGN_OR_RETURN(const auto events,
                   reading.rows.AssetEvents({.after = id - 1, .up_to = id, .limit = 1}));
  if (events.rows.empty())
    return base::Fail(base::ErrorCode::kNotFound, "there is no such event");
  ASSIGN_OR_RETURN(const auto writer, EventWriter::Create(reading));
  return writer.Write(events.rows[0]);
}

}  // namespace

base::Result<model::AssetRow> FindAsset(const Reading& reading, std::string_view text) {
  const std::optional<int64_t> id = base::ParseInt(text);
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Assets());
  const auto found =
      std::ranges::find_if(rows, [&](const model::AssetRow& row) { return id && row.id == *id; });
  if (found == rows.end())
    return base::Fail(NoAsset(text));
  return *found;
}

Answer ListAssets(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto only_active, ReadBool(exchange, "only_active"));
  ASSIGN_OR_RETURN(const auto name, ReadOne(exchange, "name_pattern"));
  ASSIGN_OR_RETURN(const auto uri, ReadOne(exchange, "uri_pattern"));
  ASSIGN_OR_RETURN(const auto order, ReadOne(exchange, "order_by"));
  const std::string by = order.value_or("id");
  if (by != "id" && by != "-id" && by != "name" && by != "-name")
    return BadRequest(base::Cat("'order_by' must be id, -id, name or -name, not '",
                                base::Excerpt(by),
                                "'"))
        .value();
  const std::vector<std::string> dags = ReadAll(exchange, "dag_ids");
  ASSIGN_OR_RETURN(auto rows, reading.rows.Assets());
  ASSIGN_OR_RETURN(auto uses, FindUses(reading));
  const auto names_dag = [&](const Uses& of) {
    const auto names = [&](const json::value& item) {
      return std::ranges::find(dags, std::string(item.at("dag_id").as_string())) != dags.end();
    };
    return std::ranges::any_of(of.scheduled, names) || std::ranges::any_of(of.producing, names) ||
           std::ranges::any_of(of.consuming, names);
  };
  const auto names = PatternsOf(name.value_or("")), uris = PatternsOf(uri.value_or(""));
  std::erase_if(rows, [&](const model::AssetRow& row) {
    return (only_active.value_or(true) && !row.is_active) ||
           (name && !FitsAny(names, row.asset.name)) || (uri && !FitsAny(uris, row.asset.uri)) ||
           (!dags.empty() && !names_dag(uses[row.asset.name]));
  });
  if (by.ends_with("name"))
    std::ranges::sort(rows, {}, [](const model::AssetRow& row) { return row.asset.name; });
  if (by.starts_with('-'))
    std::ranges::reverse(rows);
  const Slice slice = SliceOf(rows.size(), *paging);
  json::array assets;
  for (size_t i = slice.begin; i < slice.end; ++i) {
    ASSIGN_OR_RETURN(json::object asset, AssetJson(reading, rows[i], uses[rows[i].asset.name]));
    assets.push_back(std::move(asset));
  }
  return ListObject("assets", std::move(assets), slice, *paging);
}

Answer GetAsset(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto row, FindAsset(reading, exchange.args.at(0)));
  ASSIGN_OR_RETURN(auto uses, FindUses(reading));
  ASSIGN_OR_RETURN(json::object asset, AssetJson(reading, row, uses[row.asset.name]));
  return asset;
}

Answer ListAssetAliases(const Reading&, const Exchange&) {
  return WholeList("asset_aliases", {});
}

Answer ListAssetEvents(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(auto query, ReadEventQuery(exchange));
  query.limit = paging->limit;
  query.offset = paging->offset;
  ASSIGN_OR_RETURN(const auto page, reading.rows.AssetEvents(query));
  ASSIGN_OR_RETURN(const auto writer, EventWriter::Create(reading));
  json::array events;
  for (const model::AssetEventRow& row : page.rows)
    events.push_back(writer.Write(row));
  return ListObject("asset_events", std::move(events), page.total, *paging, {});
}

void CreateAssetEvent(Context& context, const SharedExchange& exchange, Answered answered) {
  model::CreateAssetEvent request{.by = exchange->principal()};
  request.asset = base::GetInt(exchange->body, "asset_id");
  if (IsGiven(exchange->body, "extra")) {
    request.extra = exchange->body.at("extra").as_object();
    if (const base::Status checked = CheckConf(request.extra, "extra"); !checked)
      return answered(base::Fail(checked.error()));
  }
  // Airflow marks such events.
  request.extra["from_rest_api"] = true;
  context.commands.CreateAssetEvent(
      std::move(request),
      [&context, answered = std::move(answered)](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        Exchange made;
        made.args = {std::to_string(outcome->id.value_or(0))};
        AnswerWith(context, &GetAssetEvent, std::move(made), answered);
      });
}

// A run of the one DAG that makes the asset.
void MaterializeAsset(Context& context, const SharedExchange& exchange, Answered answered) {
  const auto find = [exchange](const Reading& reading) -> base::Result<model::DagId> {
    ASSIGN_OR_RETURN(const auto row, FindAsset(reading, exchange->args.at(0)));
    ASSIGN_OR_RETURN(auto uses, FindUses(reading));
    const std::set<model::DagId>& producers = uses[row.asset.name].producers;
    if (producers.empty())
      return base::Fail(base::ErrorCode::kNotFound,
                        base::Cat("no DAG has the asset '", row.asset.name, "' as an outlet"));
    if (producers.size() > 1)
      return base::Fail(base::ErrorCode::kConflict,
                        base::Cat("more than one DAG has the asset '",
                                  row.asset.name,
                                  "' as an outlet: trigger the one that you want"));
    return *producers.begin();
  };
  context.desk.Read<model::DagId>(
      ReadDesk::Turn::kFirst,
      exchange->sight,
      find,
      [&context, exchange, answered = std::move(answered)](base::Result<model::DagId> dag) {
        if (!dag)
          return answered(base::Fail(dag.error()));
        auto trigger = std::make_shared<Exchange>(*exchange);
        trigger->args = {dag->str()};
        TriggerRun(context, trigger, answered);
      });
}

Answer ListUpstreamEvents(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto run, reading.rows.Run(exchange.run()));
  ASSIGN_OR_RETURN(const auto writer, EventWriter::Create(reading));
  std::map<int64_t, json::object> events;
  for (const model::TakenEvents& taken : run.asset_events) {
    ASSIGN_OR_RETURN(const auto page,
                     reading.rows.AssetEvents({.asset = taken.asset,
                                               .after = taken.after,
                                               .up_to = taken.until,
                                               .is_newest_first = true,
                                               .limit = kMostRunsSearched}));
    for (const model::AssetEventRow& row : page.rows)
      events.emplace(row.id, writer.Write(row));
  }
  json::array list;
  for (auto& [id, event] : events)
    list.push_back(std::move(event));
  return WholeList("asset_events", std::move(list));
}

}  // namespace api
