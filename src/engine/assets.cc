#include "engine/assets.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"
#include "base/text.h"
#include "engine/blockers.h"
#include "engine/schedules.h"

namespace engine {

namespace {

using base::Cat;
using model::AssetQueueRow;
using model::QueuedAsset;

// Each once.
std::set<std::string> NamesOf(const model::Dag& dag) {
  std::set<std::string> names;
  for (const model::Job& job : dag.jobs) {
    for (const model::Outlet& outlet : job.outlets)
      names.insert(outlet.asset);
    names.insert(job.inlets.begin(), job.inlets.end());
  }
  if (dag.assets) {
    for (std::string& name : model::AssetsOf(*dag.assets))
      names.insert(std::move(name));
  }
  return names;
}

void Define(Turn& turn, const model::Asset& asset) {
  const auto known = turn.state.asset_ids.find(asset.name);
  if (known != turn.state.asset_ids.end()) {
    model::AssetRow& row = turn.state.assets.at(known->second);
    if (row.asset == asset)
      return;
    row.asset = asset;
    row.updated_at = turn.now;
    turn.recorder.Put(row);
    return;
  }
  const int64_t id = turn.state.assets.empty() ? 1 : turn.state.assets.rbegin()->first + 1;
  model::AssetRow& row = turn.state.assets[id];
  row = {id, asset, true, turn.now, turn.now};
  turn.state.asset_ids[asset.name] = id;
  turn.recorder.Put(row);
}

// Those that no DAG of the project names keep their events.
void RefreshActive(Turn& turn) {
  std::set<std::string> named;
  for (const auto& [id, entry] : turn.state.dags) {
    if (entry.row.is_active)
      named.merge(NamesOf(*entry.plan->dag));
  }
  for (auto& [id, row] : turn.state.assets) {
    const bool is_active = named.contains(row.asset.name);
    if (row.is_active == is_active)
      continue;
    row.is_active = is_active;
    row.updated_at = turn.now;
    turn.recorder.Put(row);
  }
}

std::vector<int64_t> WantedIds(const State& state, const DagEntry& entry) {
  std::vector<int64_t> ids;
  const auto& condition = entry.plan->dag->assets;
  for (const std::string& name :
       condition ? model::AssetsOf(*condition) : std::vector<std::string>())
    ids.push_back(state.asset_ids.at(name));
  std::sort(ids.begin(), ids.end());
  return ids;
}

// What is queued of an asset stays while the condition names it.
void RefreshQueue(Turn& turn, const DagEntry& entry) {
  const std::vector<int64_t> wanted = WantedIds(turn.state, entry);
  const model::DagId& dag = entry.row.dag;
  if (wanted.empty() && !turn.state.asset_queues.contains(dag))
    return;
  AssetQueueRow& queue = turn.state.asset_queues[dag];
  std::vector<QueuedAsset> now;
  for (const int64_t id : wanted) {
    const auto before = std::ranges::find(queue.assets, id, &QueuedAsset::asset);
    now.push_back(before != queue.assets.end()
                      ? *before
                      : QueuedAsset{.asset = id, .taken = turn.state.last_asset_event});
  }
  turn.updated.insert(dag);
  if (queue.dag == dag && now == queue.assets)
    return;
  queue.dag = dag;
  queue.assets = std::move(now);
  turn.recorder.Put(queue);
}

void Extend(std::optional<base::Interval>& covers, const std::optional<base::Interval>& interval) {
  if (!interval)
    return;
  if (!covers) {
    covers = interval;
    return;
  }
  covers->start = std::min(covers->start, interval->start);
  covers->end = std::max(covers->end, interval->end);
}

void Queue(Turn& turn,
           const model::DagId& dag,
           const model::AssetEventRow& event,
           const std::optional<base::Interval>& of) {
  AssetQueueRow& queue = turn.state.asset_queues.at(dag);
  const auto asset = std::ranges::find(queue.assets, event.asset, &QueuedAsset::asset);
  CHECK(asset != queue.assets.end());
  const DagEntry& entry = turn.state.dags.at(dag);
  asset->latest = event.id;
  Extend(asset->covers, of);
  if (!asset->queued_at && entry.row.is_active && !entry.row.is_paused)
    asset->queued_at = turn.now;
  turn.recorder.Put(queue);
  turn.updated.insert(dag);
}

void Add(Turn& turn, model::AssetEventRow event, const std::optional<base::Interval>& of) {
  event.id = ++turn.state.last_asset_event;
  event.at = turn.now;
  const model::AssetEventRow& row = turn.asset_events.emplace_back(std::move(event));
  turn.recorder.History(turn.now,
                        model::AssetSubject(turn.state.assets.at(row.asset).asset.name),
                        "",
                        Cat("event ", row.id),
                        row.run.empty() ? Cat("by ", row.created_by)
                                        : Cat(row.dag.str(),
                                              "/",
                                              row.run.str(),
                                              "/",
                                              model::DisplayName(row.job, row.lane),
                                              " succeeded"));
  turn.recorder.Put(row);
  const auto consumers = turn.state.asset_consumers.find(row.asset);
  if (consumers == turn.state.asset_consumers.end())
    return;
  for (const model::DagId& dag : consumers->second)
    Queue(turn, dag, row, of);
  KeepAssetEvents(turn.state, {row});
}

bool IsQueued(const State& state, const AssetQueueRow& queue, const std::string& name) {
  const int64_t id = state.asset_ids.at(name);
  const auto asset = std::ranges::find(queue.assets, id, &QueuedAsset::asset);
  return asset != queue.assets.end() && asset->queued_at.has_value();
}

}  // namespace

void IndexAssets(State& state) {
  state.asset_ids.clear();
  state.asset_consumers.clear();
  for (const auto& [id, row] : state.assets)
    state.asset_ids[row.asset.name] = id;
  for (const auto& [dag, queue] : state.asset_queues) {
    for (const QueuedAsset& asset : queue.assets)
      state.asset_consumers[asset.asset].insert(dag);
  }
}

void LoadAssets(Turn& turn, const std::vector<std::shared_ptr<const model::Dag>>& dags) {
  for (const auto& dag : dags) {
    for (const model::Asset& asset : dag->asset_definitions)
      Define(turn, asset);
    for (const std::string& name : NamesOf(*dag)) {
      if (!turn.state.asset_ids.contains(name))
        Define(turn, {.name = name, .uri = name});
    }
  }
  RefreshActive(turn);
  for (const auto& dag : dags)
    RefreshQueue(turn, turn.state.dags.at(dag->id));
  IndexAssets(turn.state);
}

void RecordOutlets(Turn& turn, const Run& run, const JobInstance& job) {
  for (const model::Outlet& outlet : job.def->outlets) {
    const auto id = turn.state.asset_ids.find(outlet.asset);
    CHECK(id != turn.state.asset_ids.end());
    Add(turn,
        {.asset = id->second,
         .extra = base::Serialize(outlet.extra),
         .dag = run.row.key.dag,
         .run = run.row.key.run,
         .job = job.def->id,
         .lane = job.def->lane},
        run.row.data_interval);
  }
}

void CreateAssetEvent(Turn& turn, const model::CreateAssetEvent& event, Changes& changes) {
  if (!turn.state.assets.contains(event.asset)) {
    changes.outcome =
        base::Fail(base::ErrorCode::kNotFound, Cat("there is no asset with the id ", event.asset));
    return;
  }
  Add(turn,
      {.asset = event.asset, .extra = base::Serialize(event.extra), .created_by = event.by.name},
      std::nullopt);
  changes.id = turn.state.last_asset_event;
}

void DropQueuedEvents(Turn& turn, const model::DropQueuedEvents& event, Changes& changes) {
  bool any = false;
  for (auto& [dag, queue] : turn.state.asset_queues) {
    if (event.dag && dag != *event.dag)
      continue;
    for (QueuedAsset& asset : queue.assets) {
      if ((event.asset && asset.asset != *event.asset) || !asset.queued_at ||
          (event.before && *asset.queued_at >= *event.before))
        continue;
      asset = {.asset = asset.asset, .taken = std::max(asset.taken, asset.latest)};
      any = true;
      turn.recorder.Put(queue);
      turn.recorder.History(
          turn.now,
          model::SubjectOf(dag),
          "queued",
          "dropped",
          Cat("events of ", turn.state.assets.at(asset.asset).asset.name, " by ", event.by.name));
    }
  }
  if (!any)
    changes.outcome = base::Fail(base::ErrorCode::kNotFound, "no such event is queued");
}

bool MayFollowAssets(const State& state, const DagEntry& entry) {
  const auto& condition = entry.plan->dag->assets;
  const auto queue = state.asset_queues.find(entry.row.dag);
  if (!condition || queue == state.asset_queues.end() || entry.row.is_paused ||
      !entry.row.is_active ||
      entry.queued_runs + entry.running_runs >= entry.plan->dag->max_active_runs)
    return false;
  return model::Holds(
      *condition, [&](const std::string& name) { return IsQueued(state, queue->second, name); });
}

model::RunRow TakeQueued(Turn& turn, const DagEntry& entry) {
  AssetQueueRow& queue = turn.state.asset_queues.at(entry.row.dag);
  model::RunRow row;
  const Time time =
      queue.last_run ? std::max(turn.now, *queue.last_run + base::Duration(1)) : turn.now;
  row.key = {entry.row.dag, model::RunId("asset_triggered__" + base::FormatIso(time))};
  row.type = model::RunType::kAssetTriggered;
  row.run_after = turn.now;
  row.conf = "{}";
  row.triggered_by = "asset";
  std::optional<base::Interval> covers;
  for (QueuedAsset& asset : queue.assets) {
    if (asset.latest <= asset.taken)
      continue;
    row.asset_events.push_back({asset.asset, asset.taken, asset.latest});
    Extend(covers, asset.covers);
    asset = {.asset = asset.asset, .taken = asset.latest};
  }
  row.data_interval = covers.value_or(base::Interval{turn.now, turn.now});
  queue.last_run = time;
  turn.recorder.Put(queue);
  return row;
}

namespace {

// The newest events of the asset with after < id <= until, the newest first.
std::vector<const model::AssetEventRow*> NewestOf(const State& state,
                                                  int64_t asset,
                                                  int64_t after,
                                                  int64_t until) {
  std::vector<const model::AssetEventRow*> events;
  auto event = state.asset_events.upper_bound({asset, until});
  while (event != state.asset_events.begin() && events.size() < model::kTriggeringEventsMax) {
    --event;
    if (event->first.first != asset || event->first.second <= after)
      break;
    events.push_back(&event->second);
  }
  return events;
}

// With Airflow's names.
json::value EventJson(const State& state, const model::AssetEventRow& event) {
  const model::Asset& asset = state.assets.at(event.asset).asset;
  auto extra = base::ParseJson(event.extra);
  const auto text = [](const std::string& value) {
    return value.empty() ? json::value(nullptr) : json::value(value);
  };
  return json::object{{"name", asset.name},
                      {"uri", asset.uri},
                      {"timestamp", base::FormatIso(event.at)},
                      {"extra", extra ? std::move(*extra) : json::value(json::object())},
                      {"source_dag_id", text(event.dag.str())},
                      {"source_run_id", text(event.run.str())},
                      {"source_task_id", text(model::DisplayName(event.job, event.lane))},
                      {"source_map_index", -1}};
}

}  // namespace

json::object TriggeringEvents(const State& state, const Run& run) {
  json::object out;
  for (const model::TakenEvents& taken : run.row.asset_events) {
    json::array list;
    const auto events = NewestOf(state, taken.asset, taken.after, taken.until);
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      list.push_back(EventJson(state, **event));
    out[state.assets.at(taken.asset).asset.name] = std::move(list);
  }
  return out;
}

void KeepAssetEvents(State& state, const std::vector<model::AssetEventRow>& rows) {
  for (const model::AssetEventRow& row : rows)
    state.asset_events[{row.asset, row.id}] = row;
}

void DropAssetEvents(State& state) {
  constexpr size_t kSpare = 1000;
  if (state.asset_events.size() <= 2 * state.asset_events_needed + kSpare)
    return;
  std::map<std::pair<int64_t, int64_t>, model::AssetEventRow> needed;
  const auto keep = [&](int64_t asset, int64_t after, int64_t until) {
    for (const model::AssetEventRow* event : NewestOf(state, asset, after, until))
      needed.try_emplace({event->asset, event->id}, *event);
  };
  for (const auto& [key, run] : state.runs) {
    for (const model::TakenEvents& taken : run.row.asset_events)
      keep(taken.asset, taken.after, taken.until);
  }
  for (const auto& [dag, queue] : state.asset_queues) {
    for (const QueuedAsset& asset : queue.assets)
      keep(asset.asset, asset.taken, asset.latest);
  }
  state.asset_events = std::move(needed);
  state.asset_events_needed = state.asset_events.size();
}

std::string WaitsForAssets(const State& state, const DagEntry& entry) {
  const auto& condition = entry.plan->dag->assets;
  const auto queue = state.asset_queues.find(entry.row.dag);
  if (!condition || queue == state.asset_queues.end())
    return "";
  const std::vector<std::string> names = model::AssetsOf(*condition);
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (!IsQueued(state, queue->second, name))
      missing.push_back(name);
  }
  std::string text = Cat(names.size() - missing.size(),
                         " of ",
                         names.size(),
                         names.size() == 1 ? " asset" : " assets",
                         " updated");
  if (!missing.empty())
    text += Cat("; waits for ", Enumerate(missing));
  return text;
}

}  // namespace engine
