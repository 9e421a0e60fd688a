#include "api/sight.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "accounts/accounts.h"
#include "base/json_text.h"
#include "model/asset.h"
#include "model/dag.h"

namespace api {

namespace {

void AddAssets(const model::Dag& dag, std::set<std::string>& assets) {
  if (dag.assets) {
    for (const std::string& name : model::AssetsOf(*dag.assets))
      assets.insert(name);
  }
  for (const model::Job& job : dag.jobs) {
    for (const model::Outlet& outlet : job.outlets)
      assets.insert(outlet.asset);
    assets.insert(job.inlets.begin(), job.inlets.end());
  }
}

// "dag" of a hold's target "dag" or "dag/job".
model::DagId DagOf(const model::HoldRow& row) {
  return model::DagId(row.target.substr(0, row.target.find('/')));
}

}  // namespace

SightPtr SightOf(const runtime::Views& views, const accounts::Identity& identity) {
  const bool is_admin = identity.role == accounts::Role::kAdmin;
  if (is_admin && !identity.IsScoped())
    return nullptr;
  auto sight = std::make_shared<Sight>();
  if (!identity.IsScoped())
    return sight;
  sight->is_scoped = true;
  for (const runtime::Views::KnownDag& known : views.Dags()) {
    if (!accounts::MaySee(identity, {known.row->dag, known.dag->tags, *known.access}))
      continue;
    sight->dags.insert(known.row->dag);
    sight->files.insert(known.row->fileloc);
    sight->tags.insert(known.dag->tags.begin(), known.dag->tags.end());
    AddAssets(*known.dag, sight->assets);
  }
  return sight;
}

namespace {

// All that a sight of somebody scoped depends on, beside the DAGs.
std::string KeyOf(const accounts::Identity& identity) {
  json::array lists;
  for (const accounts::Scopes& scopes : identity.scopes)
    lists.push_back(accounts::ScopesJson(scopes));
  return base::Serialize(lists);
}

}  // namespace

SightPtr SightBook::Of(const accounts::Identity& identity) {
  constexpr size_t kMost = 64;
  // What a commit has done whose outcome was not known at first is in no revision.
  constexpr std::chrono::seconds kLongest(1);
  if (!identity.IsScoped())
    return SightOf(views_, identity);
  const auto now = std::chrono::steady_clock::now();
  const bool is_old =
      revision_ != views_.DagsRevision() || now >= made_at_ + kLongest || made_.size() >= kMost;
  if (is_old) {
    made_.clear();
    made_at_ = now;
    revision_ = views_.DagsRevision();
  }
  SightPtr& sight = made_[KeyOf(identity)];
  if (sight == nullptr)
    sight = SightOf(views_, identity);
  return sight;
}

bool MaySee(const SightPtr& sight, const model::HistoryRow& row) {
  const model::EntityKind kind = row.subject.kind;
  const bool is_of_accounts =
      kind == model::EntityKind::kRecord || kind == model::EntityKind::kAccess;
  return sight == nullptr || (sight->Has(row.subject.dag) && !is_of_accounts);
}

std::string SeenJob(const SightPtr& sight, const std::string& job) {
  return MaySee(sight, model::DagId(job.substr(0, job.find('/')))) ? job : "";
}

model::HistoryRow Seen(const SightPtr& sight, model::HistoryRow row) {
  if (!IsScoped(sight))
    return row;
  if (row.subject.kind == model::EntityKind::kDeadline)
    row.cause.clear();
  const bool is_creation = row.subject.kind == model::EntityKind::kRun && row.from.empty();
  const size_t slash = row.cause.find('/');
  if (is_creation && slash != std::string::npos) {
    const size_t begin = row.cause.rfind(' ', slash) + 1;
    if (SeenJob(sight, row.cause.substr(begin)).empty())
      row.cause = "a job of another DAG";
  }
  return row;
}

runtime::JobViews Seen(const SightPtr& sight, runtime::JobViews jobs) {
  constexpr char kOthers[] = "it waits for jobs of DAGs that you do not see";
  if (!IsScoped(sight))
    return jobs;
  const auto is_unseen = [&](const model::DagId& dag) { return !sight->Has(dag); };
  for (auto& [key, view] : jobs) {
    for (runtime::Blocker& blocker : view.blockers) {
      if (std::ranges::any_of(blocker.dags, is_unseen))
        blocker.sentence = kOthers;
    }
    for (model::MissingUpstream& item : view.missing) {
      if (is_unseen(item.dag))
        item = {.dag = item.dag, .job = item.job, .because = std::nullopt, .sentence = kOthers};
    }
  }
  return jobs;
}

model::JobRow Seen(const SightPtr& sight, model::JobRow row) {
  for (model::UpstreamWait& wait : row.waits_for) {
    if (!MaySee(sight, wait.dag))
      wait.lanes.clear();
  }
  return row;
}

bool MaySee(const SightPtr& sight, const model::HoldRow& row) {
  switch (row.scope) {
    case model::HoldScope::kAll:
    case model::HoldScope::kPool:
      return true;
    case model::HoldScope::kTag:
      return !IsScoped(sight) || sight->tags.contains(row.target);
    case model::HoldScope::kDag:
    case model::HoldScope::kJob:
      return MaySee(sight, DagOf(row));
  }
  return false;
}

}  // namespace api
