#include "engine/limits.h"

#include <algorithm>
#include <optional>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/conf.h"
#include "engine/mapping.h"
#include "engine/turn.h"
#include "template/expression.h"

namespace engine {

namespace {

// What a limit's expression is about.
struct About {
  const State& state;
  const model::RunRow& run;
  const model::Dag& version;
  const model::Job& job;
  const json::value* item;
};

// Without times: what changes from run to run bounds nothing.
tmpl::Context ContextOf(const About& about) {
  tmpl::Context context;
  json::object& values = context.values;
  values["dag_id"] = about.run.key.dag.str();
  values["run_id"] = about.run.key.run.str();
  values["job_id"] = about.job.id.str();
  values["pool"] = about.job.pool.str();
  values["params"] = ParamsOf(about.version, ConfOf(about.run));
  values["lane"] = json::object{{"id", about.job.lane.str()}, {"params", about.job.lane_params}};
  values["deployment"] = json::object{{"id", about.state.identity.deployment}};
  if (about.item != nullptr)
    values["item"] = *about.item;
  return context;
}

std::optional<std::string> ValueOf(const std::string& by, const tmpl::Context& context) {
  const auto expression = tmpl::Expression::Parse(by);
  if (!expression)
    return std::nullopt;
  const auto value = expression->Evaluate(context);
  if (!value || value->is_null())
    return std::nullopt;
  std::string text =
      value->is_string() ? std::string(value->get_string()) : base::Serialize(*value);
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

class Collector {
 public:
  explicit Collector(const About& about)
      : about_(about), dag_(*about.state.dags.at(about.run.key.dag).plan->dag) {}

  void Take(const model::DagId& scope, const model::JobLimit& limit) {
    if (!limit.tag.empty()) {
      if (std::ranges::find(dag_.tags, limit.tag) != dag_.tags.end())
        found_.push_back({scope, limit, ""});
      return;
    }
    if (limit.by.empty()) {
      found_.push_back({scope, limit, ""});
      return;
    }
    if (!context_)
      context_ = ContextOf(about_);
    if (auto value = ValueOf(limit.by, *context_))
      found_.push_back({scope, limit, std::move(*value)});
  }

  std::vector<LimitUse> Collect() && {
    for (const model::JobLimit& limit : dag_.limits)
      Take(dag_.id, limit);
    for (const auto& [key, row] : about_.state.limits) {
      if (row.limit.IsInForce())
        Take(model::DagId(), row.limit);
    }
    return std::move(found_);
  }

 private:
  const About& about_;
  const model::Dag& dag_;  // as its file says now, whatever version the run has
  std::optional<tmpl::Context> context_;
  std::vector<LimitUse> found_;
};

void Put(Turn& turn, const model::JobLimit& limit) {
  model::LimitRow& row = turn.state.limits[KeyOf(limit)];
  if (row.limit == limit)
    return;
  row.limit = limit;
  turn.recorder.Put(row);
}

}  // namespace

std::vector<LimitUse> LimitsOf(const State& state, const Run& run, const JobInstance& job) {
  return LimitsOf(state, run.row, *run.plan->dag, *job.def, ItemOf(job));
}

std::vector<LimitUse> LimitsOf(const State& state,
                               const model::RunRow& run,
                               const model::Dag& version,
                               const model::Job& job,
                               const json::value* item) {
  return Collector({state, run, version, job, item}).Collect();
}

void LoadLimits(Turn& turn, const std::vector<model::LimitRow>& wanted) {
  for (const auto& [key, row] : turn.state.limits) {
    const bool stays = std::ranges::any_of(wanted, [&, &known = row](const model::LimitRow& other) {
      return KeyOf(other.limit) == KeyOf(known.limit);
    });
    if (!stays)
      Put(turn, {.by = row.limit.by, .tag = row.limit.tag, .market = row.limit.market});
  }
  for (const model::LimitRow& row : wanted)
    Put(turn, row.limit);
}

void RefreshLimits(State& state) {
  for (auto& [id, pool] : state.pools) {
    for (const Queued& queued : pool.queue)
      queued.job->limits = LimitsOf(state, *queued.run, *queued.job);
  }
  for (auto& [key, holder] : state.holding)
    holder.job->limits = LimitsOf(state, *holder.run, *holder.job);
}

std::string Describe(const LimitUse& use) {
  return base::Cat("the limit '",
                   ToString(use.limit),
                   "' of ",
                   use.scope.empty() ? "signalbox.yaml" : "its DAG");
}

}  // namespace engine
