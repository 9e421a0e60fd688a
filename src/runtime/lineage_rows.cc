#include "runtime/lineage_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json_text.h"
#include "lineage/moments.h"
#include "model/dag_json.h"

namespace runtime {

namespace {

using lineage::Moment;

class PageReader {
 public:
  PageReader(store::Reader& rows, const lineage::Origin& origin) : rows_(rows), origin_(origin) {}

  base::Status Take(const model::HistoryRow& row);
  std::vector<Exporter::Message> messages() { return std::move(messages_); }

 private:
  base::Result<lineage::RunFacts> FactsOf(const model::RunKey& run, int64_t seq);
  base::Result<std::shared_ptr<const model::Dag>> DagOf(const model::VersionId& version);
  base::Status TakeTask(const model::HistoryRow& row);
  void Add(const json::object& event, base::Time at) {
    messages_.push_back({base::Serialize(event), at});
  }

  store::Reader& rows_;
  const lineage::Origin& origin_;
  std::map<model::VersionId, std::shared_ptr<const model::Dag>> dags_;
  std::map<model::DagId, std::string> files_;
  std::map<std::string, std::string> uris_;
  bool has_estate_ = false;
  // Several tasks of a job may move in one step: each moment of its attempt is told once.
  std::set<std::pair<model::AttemptKey, std::pair<lineage::EventType, base::Time>>> told_;
  std::vector<Exporter::Message> messages_;
};

base::Result<std::shared_ptr<const model::Dag>> PageReader::DagOf(const model::VersionId& version) {
  auto& known = dags_[version];
  if (known == nullptr) {
    ASSIGN_OR_RETURN(const model::DagVersionRow row, rows_.Version(version));
    ASSIGN_OR_RETURN(known, model::DagOf(row));
  }
  return known;
}

base::Result<lineage::RunFacts> PageReader::FactsOf(const model::RunKey& run, int64_t seq) {
  if (!std::exchange(has_estate_, true)) {
    ASSIGN_OR_RETURN(const auto dags, rows_.Dags());
    for (const model::DagRow& dag : dags)
      files_[dag.dag] = dag.fileloc;
    ASSIGN_OR_RETURN(const auto assets, rows_.Assets());
    for (const model::AssetRow& asset : assets)
      uris_[asset.asset.name] = asset.asset.uri;
  }
  lineage::RunFacts facts;
  ASSIGN_OR_RETURN(facts.run, rows_.Run(run));
  ASSIGN_OR_RETURN(facts.dag, DagOf(facts.run.version));
  ASSIGN_OR_RETURN(
      const auto of_run,
      rows_.History(
          {.limit = 1000, .kind = model::EntityKind::kRun, .dag = run.dag, .run = run.run}));
  facts.round = lineage::RoundAt(of_run, seq);
  facts.fileloc = files_[run.dag];
  facts.uris = uris_;
  return facts;
}

base::Status PageReader::TakeTask(const model::HistoryRow& row) {
  const model::JobKey key = model::JobKeyOf(row.subject);
  ASSIGN_OR_RETURN(const auto attempts,
                   rows_.Attempts(key.run, {key.job, key.lane, key.index, key.index}));
  std::map<model::AttemptKey, std::string> causes;
  ASSIGN_OR_RETURN(auto found, rows_.Causes(key.run));
  for (model::CauseRow& cause : found)
    causes[cause.key] = std::move(cause.text);
  for (const model::AttemptRow& attempt : attempts) {
    for (const Moment& moment : lineage::MomentsOf(row, attempt, causes[attempt.key])) {
      if (!told_.insert({attempt.key, {moment.type, moment.at}}).second)
        continue;
      ASSIGN_OR_RETURN(lineage::RunFacts facts, FactsOf(key.run, row.seq));
      ASSIGN_OR_RETURN(facts.dag, DagOf(attempt.version));
      const auto job = std::ranges::find_if(facts.dag->jobs, [&](const model::Job& def) {
        return def.id == key.job && def.lane == key.lane;
      });
      if (job != facts.dag->jobs.end())
        Add(lineage::AttemptEvent(origin_, facts, *job, attempt.key, moment), moment.at);
    }
  }
  return {};
}

base::Status PageReader::Take(const model::HistoryRow& row) {
  if (row.subject.kind == model::EntityKind::kTask)
    return TakeTask(row);
  for (const Moment& moment : lineage::MomentsOf(row)) {
    ASSIGN_OR_RETURN(const auto facts, FactsOf({row.subject.dag, row.subject.run}, row.seq));
    Add(lineage::RunEvent(origin_, facts, moment), moment.at);
  }
  return {};
}

}  // namespace

base::Result<std::vector<Exporter::Message>> LineageOf(store::Reader& rows,
                                                       const lineage::Origin& origin,
                                                       const Feed::Rows& page) {
  PageReader reader(rows, origin);
  for (const auto& row : page) {
    const base::Status taken = reader.Take(*row);
    if (!taken && taken.error().code != base::ErrorCode::kNotFound)
      return base::Fail(taken.error());
  }
  return reader.messages();
}

}  // namespace runtime
