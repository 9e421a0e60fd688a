// How the store in memory renames a DAG: every map whose keys or rows name DAGs is made again.

#include <concepts>
#include <tuple>

#include "store/memory_store.h"

namespace store {

namespace {

class Renamer {
 public:
  explicit Renamer(const model::DagRenamed& names) : names_(names) {}

  // Keys.
  void operator()(model::DagId& id) const {
    if (id == names_.from)
      id = names_.to;
  }
  void operator()(model::RunKey& key) const { (*this)(key.dag); }
  void operator()(model::JobKey& key) const { (*this)(key.run); }
  void operator()(model::AttemptKey& key) const { (*this)(key.job); }
  void operator()(model::GroupKey& key) const { (*this)(key.run); }
  void operator()(model::DeadlineKey& key) const { (*this)(key.job); }
  template <typename First, typename Second>
  void operator()(std::pair<First, Second>& key) const {
    (*this)(key.first);
  }
  template <typename First, typename... Others>
  void operator()(std::tuple<First, Others...>& key) const {
    (*this)(std::get<0>(key));
  }
  // The user's favourite: "<user>/<dag>".
  void operator()(model::RecordKey& key) const {
    const size_t slash = key.name.find('/');
    if (key.kind == model::RecordKind::kFavourite && slash != std::string::npos &&
        key.name.substr(slash + 1) == names_.from.str())
      key.name.replace(slash + 1, std::string::npos, names_.to.str());
  }
  void operator()(model::RecordRow& row) const { (*this)(row.id); }
  void operator()(const int64_t&) const {}
  void operator()(const model::VersionId&) const {}
  void operator()(const model::LaunchToken&) const {}
  void operator()(const model::ClusterId&) const {}

  // Rows.
  void operator()(model::JobRow& row) const {
    (*this)(row.key);
    for (model::UpstreamWait& wait : row.waits_for)
      (*this)(wait.dag);
  }
  void operator()(model::TaskRow& row) const { (*this)(row.job); }
  void operator()(model::TriggerRow& row) const {
    (*this)(row.key);
    (*this)(row.run);
  }
  void operator()(model::LaunchRow& row) const { (*this)(row.attempt); }
  void operator()(model::ClusterRow& row) const {
    if (row.attempt)
      (*this)(*row.attempt);
  }
  void operator()(model::HoldRow& row) const {
    const std::string& from = names_.from.str();
    if (row.scope == model::HoldScope::kDag && row.target == from)
      row.target = names_.to.str();
    else if (row.scope == model::HoldScope::kJob && row.target.starts_with(from + "/"))
      row.target.replace(0, from.size(), names_.to.str());
  }
  void operator()(model::HistoryRow& row) const { (*this)(row.subject.dag); }
  template <typename Row>
    requires requires(Row row) { row.dag; }
  void operator()(Row& row) const {
    (*this)(row.dag);
  }
  template <typename Row>
    requires requires(Row row) { row.key; }
  void operator()(Row& row) const {
    (*this)(row.key);
  }
  template <typename Numbered>
    requires requires(Numbered numbered) { numbered.no, numbered.row; }
  void operator()(Numbered& numbered) const {
    (*this)(numbered.row);
  }

 private:
  const model::DagRenamed& names_;
};

template <typename Map>
Map Renamed(const Map& map, const Renamer& rename) {
  Map out;
  for (const auto& [old_key, old_value] : map) {
    auto key = old_key;
    auto value = old_value;
    rename(key);
    rename(value);
    out.emplace(std::move(key), std::move(value));
  }
  return out;
}

}  // namespace

base::Status MemoryStore::Apply(const model::DagRenamed& renamed) {
  const Renamer rename(renamed);
  const auto remake = [&]<typename Map>(Map& map) {
    Map made = Renamed(map, rename);
    undo_.emplace_back([&map, before = std::exchange(map, std::move(made))] { map = before; });
  };
  remake(dags_);
  remake(holes_);
  remake(versions_);
  remake(runs_);
  remake(fires_);
  remake(jobs_);
  remake(mappings_);
  remake(tasks_);
  remake(attempts_);
  remake(outputs_);
  remake(causes_);
  remake(groups_);
  remake(triggers_);
  remake(processes_);
  remake(launches_);
  remake(clusters_);
  remake(pool_times_);
  remake(durations_);
  remake(backfills_);
  remake(holds_);
  remake(deadlines_);
  remake(asset_events_);
  remake(asset_queues_);
  remake(records_);
  undo_.emplace_back([this, before = history_] { history_ = before; });
  for (model::HistoryRow& row : history_)
    rename(row);
  return {};
}

}  // namespace store
