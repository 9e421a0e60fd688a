// `assets`: which there are, their events, those that DAGs have yet to take, and a run of the DAG
// that makes one.

#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& AssetFields() {
  static const std::vector<Field> kFields = {
      {"ID", "id"},
      {"NAME", "name"},
      {"GROUP", "group"},
      {"URI", "uri", false, Table::Fit::kCut},
      {"LAST EVENT", "last_asset_event.timestamp", false, Table::Fit::kDrop}};
  return kFields;
}

const std::vector<Field>& EventFields() {
  static const std::vector<Field> kFields = {{"ID", "id"},
                                             {"ASSET", "name"},
                                             {"TIME", "timestamp"},
                                             {"DAG", "source_dag_id"},
                                             {"RUN", "source_run_id", false, Table::Fit::kCut},
                                             {"TASK", "source_task_id"},
                                             {"BY", "created_by", false, Table::Fit::kDrop}};
  return kFields;
}

Outcome<json::object> FindAsset(const ServerClient& server, const std::string& name) {
  auto assets = server.List("/assets?only_active=false", "assets");
  if (!assets)
    return tl::unexpected(assets.error());
  std::vector<std::string> names;
  for (const json::value& asset : *assets) {
    if (base::GetString(asset.get_object(), "name") == name)
      return asset.get_object();
    names.push_back(base::GetString(asset.get_object(), "name"));
  }
  const auto near = base::DidYouMean(name, names);
  return Fail(
      Exit::kFailed,
      Cat("there is no asset '", name, "'", near ? Cat("; did you mean '", *near, "'?") : ""));
}

// Where the API has what is queued of the asset, for the DAG, or both.
Outcome<std::string> QueuePath(const ServerClient& server, const QueuedOptions& asked) {
  if (asked.name.empty() && asked.dag.empty())
    return Fail(Exit::kUsage, "name an asset, or a DAG by --dag");
  std::string asset;
  if (!asked.name.empty()) {
    auto found = FindAsset(server, asked.name);
    if (!found)
      return tl::unexpected(found.error());
    asset = Cat("/", base::GetInt(*found, "id"));
  }
  return Cat(asked.dag.empty() ? "" : DagPath(asked.dag),
             "/assets",
             asset,
             "/queuedEvents",
             Query().Add("before", asked.before).text());
}

Outcome<json::array> Queued(const ServerClient& server, const QueuedOptions& asked) {
  auto path = QueuePath(server, asked);
  if (!path)
    return tl::unexpected(path.error());
  auto answer = server.Get(*path);
  if (!answer) {
    // One event, or none.
    if (!asked.dag.empty() && !asked.name.empty() && answer.error().status == 404)
      return json::array();
    return tl::unexpected(answer.error());
  }
  if (answer->contains("queued_events"))
    return base::GetArray(*answer, "queued_events");
  return json::array{*answer};
}

const std::vector<Field>& QueuedFields() {
  static const std::vector<Field> kFields = {
      {"DAG", "dag_id"}, {"ASSET", "asset_id"}, {"SINCE", "created_at"}};
  return kFields;
}

}  // namespace

Outcome<void> CreateAssetEvent(const AssetEventOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto asset = FindAsset(*server, asked.name);
  if (!asset)
    return tl::unexpected(asset.error());
  json::object body{{"asset_id", base::GetInt(*asset, "id")}};
  if (!asked.extra.empty()) {
    auto extra = base::ParseJson(asked.extra, "--extra");
    if (!extra)
      return Fail(Exit::kUsage, extra.error().message);
    body["extra"] = *std::move(extra);
  }
  auto event = server->Post("/assets/events", body);
  if (!event)
    return tl::unexpected(event.error());
  PrintOne(asked.live.format, *event, EventFields());
  return {};
}

Outcome<void> ListQueuedEvents(const QueuedOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto queued = Queued(*server, asked);
  if (!queued)
    return tl::unexpected(queued.error());
  PrintList(asked.live.format, *queued, QueuedFields());
  return {};
}

Outcome<void> DropQueuedEvents(const QueuedOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto queued = Queued(*server, asked);
  if (!queued)
    return tl::unexpected(queued.error());
  if (!asked.consent.dry_run) {
    auto agreed =
        Confirm({.question = "Drop these events?", .touched = *queued, .fields = QueuedFields()},
                asked.consent.yes);
    if (!agreed)
      return agreed;
    auto path = QueuePath(*server, asked);
    if (!path)
      return tl::unexpected(path.error());
    auto dropped = server->Delete(*path);
    if (!dropped)
      return tl::unexpected(dropped.error());
  }
  PrintList(asked.live.format, *queued, QueuedFields());
  return {};
}

Outcome<void> ListAssets(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto assets = server->List("/assets", "assets");
  if (!assets)
    return tl::unexpected(assets.error());
  PrintList(options.format, *assets, AssetFields());
  return {};
}

Outcome<void> ShowAsset(const AssetOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto asset = FindAsset(*server, asked.name);
  if (!asset)
    return tl::unexpected(asset.error());
  PrintOne(asked.live.format, *asset, AssetFields());
  return {};
}

Outcome<void> MaterializeAsset(const AssetOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto asset = FindAsset(*server, asked.name);
  if (!asset)
    return tl::unexpected(asset.error());
  auto run =
      server->Post(Cat("/assets/", base::GetInt(*asset, "id"), "/materialize"), json::object());
  if (!run)
    return tl::unexpected(run.error());
  if (IsData(asked.live.format))
    PrintData(asked.live.format, *run);
  else
    PrintList(asked.live.format,
              json::array{*run},
              {{"DAG", "dag_id"}, {"RUN", "dag_run_id"}, {"STATE", "state"}});
  return {};
}

Outcome<void> ListAssetEvents(const AssetOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  std::string path = "/assets/events?order_by=-id";
  if (!asked.name.empty()) {
    auto asset = FindAsset(*server, asked.name);
    if (!asset)
      return tl::unexpected(asset.error());
    path += Cat("&asset_id=", base::GetInt(*asset, "id"));
  }
  auto page = server->Get(Cat(path, "&limit=", asked.limit));
  if (!page)
    return tl::unexpected(page.error());
  PrintList(asked.live.format, base::GetArray(*page, "asset_events"), EventFields());
  return {};
}

}  // namespace cli
