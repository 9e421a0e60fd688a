// Assets and their events, for tasks that ask for them.

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"

namespace execution {

namespace {

json::object AssetJson(const model::AssetRow& row) {
  return {{"name", row.asset.name},
          {"uri", row.asset.uri},
          {"group", row.asset.group},
          {"extra", json::object()}};
}

json::object EventJson(const model::AssetEventRow& row, const model::AssetRow& asset) {
  const auto extra = base::ParseJson(row.extra);
  const bool has_task = !row.dag.empty();
  return {{"timestamp", TimeOrNull(row.at)},
          {"extra", extra ? *extra : json::value(json::object())},
          {"asset", AssetJson(asset)},
          {"source_task_id", has_task ? json::value(row.job.str()) : json::value()},
          {"source_dag_id", has_task ? json::value(row.dag.str()) : json::value()},
          {"source_run_id", has_task ? json::value(row.run.str()) : json::value()},
          {"source_map_index", has_task ? json::value(-1) : json::value()},
          {"partition_key", nullptr}};
}

base::Result<model::AssetRow> ReadAsset(store::Reader& rows, const Call& call) {
  const std::string name = call.Text("name").value_or(""), uri = call.Text("uri").value_or("");
  if (name.empty() && uri.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument, "neither 'name' nor 'uri' is given");
  ASSIGN_OR_RETURN(const auto all, rows.Assets());
  for (const model::AssetRow& row : all) {
    if ((name.empty() || row.asset.name == name) && (uri.empty() || row.asset.uri == uri))
      return row;
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("there is no asset '", name.empty() ? uri : name, "' in any DAG"));
}

void GetAsset(const SharedCall& call) {
  Read<model::AssetRow>(
      call,
      [call](store::Reader& rows) { return ReadAsset(rows, *call); },
      [call](const model::AssetRow& row) { call->Send(AssetJson(row)); });
}

// Aliases are no part of Signalbox: none names an asset.
void ByAlias(const SharedCall& call) {
  call->Send(json::array());
}

void EventsOfAlias(const SharedCall& call) {
  call->Send(json::object{{"asset_events", json::array()}});
}

base::Result<json::object> ReadEvents(store::Reader& rows, const Call& call) {
  const auto asset = ReadAsset(rows, call);
  json::array events;
  if (!asset && asset.error().code != base::ErrorCode::kNotFound)
    return base::Fail(asset.error());
  if (!asset)
    return json::object{{"asset_events", std::move(events)}};
  store::AssetEventQuery query{.asset = asset->id};
  ASSIGN_OR_RETURN(const auto limit, call.Number("limit"));
  query.limit = static_cast<int>(std::clamp<int64_t>(limit.value_or(1000), 0, 1000));
  query.is_newest_first = !call.Flag("ascending") && call.Text("ascending").has_value();
  for (const auto& [name, into] :
       {std::pair("after", &query.from), std::pair("before", &query.until)}) {
    const auto text = call.Text(name);
    if (!text)
      continue;
    const auto time = base::ParseTime(*text);
    if (!time)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", name, "' is a date with its zone"));
    *into = *time;
  }
  ASSIGN_OR_RETURN(const auto page, rows.AssetEvents(query));
  for (const model::AssetEventRow& row : page.rows) {
    json::object event = EventJson(row, *asset);
    event["id"] = row.id;
    event["created_dagruns"] = json::array();  // they are not told
    events.push_back(std::move(event));
  }
  return json::object{{"asset_events", std::move(events)}};
}

void Events(const SharedCall& call) {
  Read<json::object>(
      call,
      [call](store::Reader& rows) { return ReadEvents(rows, *call); },
      [call](json::object events) { call->Send(std::move(events)); });
}

}  // namespace

base::Result<json::array> ReadConsumed(store::Reader& rows, const model::RunRow& run) {
  constexpr int kMost = 1000;
  json::array consumed;
  ASSIGN_OR_RETURN(const auto assets, rows.Assets());
  for (const model::TakenEvents& taken : run.asset_events) {
    const auto asset = std::ranges::find(assets, taken.asset, &model::AssetRow::id);
    if (asset == assets.end())
      continue;
    ASSIGN_OR_RETURN(
        const auto page,
        rows.AssetEvents(
            {.asset = taken.asset, .after = taken.after, .up_to = taken.until, .limit = kMost}));
    for (const model::AssetEventRow& row : page.rows) {
      json::object event = EventJson(row, *asset);
      event["asset"].as_object().erase("group");
      event["source_aliases"] = json::array();
      consumed.push_back(std::move(event));
    }
  }
  return consumed;
}

std::vector<Route> AssetRoutes() {
  return {{"GET", "assets/by-name", &GetAsset},
          {"GET", "assets/by-uri", &GetAsset},
          {"GET", "assets/by-alias", &ByAlias},
          {"GET", "asset-events/by-asset", &Events},
          {"GET", "asset-events/by-asset-alias", &EventsOfAlias}};
}

}  // namespace execution
