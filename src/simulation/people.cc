#include "simulation/people.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"

namespace simulation {

namespace {

// The defaults of launch_settle and list_lag_max.
constexpr base::Duration kSettleAndLag = base::minutes(15 + 3);

model::ClusterId OldestLive(const work::EmrState& state) {
  const model::ClusterRow* oldest = nullptr;
  for (const auto& [id, cluster] : state.clusters) {
    if (cluster.attempt && !IsTerminal(cluster.phase) &&
        (oldest == nullptr || cluster.created_at < oldest->created_at))
      oldest = &cluster;
  }
  return oldest == nullptr ? model::ClusterId() : oldest->id;
}

// Whether the deed stops this cluster, where it is there already.
bool Stops(const People::Granted& granted, const emulator::Cluster& cluster) {
  switch (granted.deed.act) {
    case Act::kTrigger:
    case Act::kTriggerDated:
    case Act::kFillHole:
    case Act::kAssetEvent:
    case Act::kClearNewest:  // refused while something works
    case Act::kNote:
      return false;
    case Act::kTerminate:
      return cluster.id == granted.cluster.str();
    case Act::kAbort:
      return cluster.name.find(base::Cat(
                 " ", granted.run.dag.str(), " ", granted.run.run.str(), " ")) != std::string::npos;
    default: {
      const std::string job =
          base::Cat(" ", granted.run.dag.str(), " ", granted.run.run.str(), " ", granted.job);
      // A mapped job stands for all of its instances.
      return cluster.name.find(base::Cat(job, " try ")) != std::string::npos ||
             cluster.name.find(base::Cat(job, "[")) != std::string::npos;
    }
  }
}

}  // namespace

std::string_view ToString(Act act) {
  switch (act) {
    case Act::kClear:
      return "clear";
    case Act::kClearDownstream:
      return "clear downstream";
    case Act::kMarkSuccess:
      return "mark success";
    case Act::kMarkFailed:
      return "mark failed";
    case Act::kMarkSkipped:
      return "mark skipped";
    case Act::kAbort:
      return "abort";
    case Act::kTerminate:
      return "terminate";
    case Act::kTrigger:
      return "trigger";
    case Act::kTriggerDated:
      return "trigger with a date";
    case Act::kFillHole:
      return "fill a hole";
    case Act::kAssetEvent:
      return "report an asset";
    case Act::kClearNewest:
      return "clear onto the newest version";
    case Act::kNote:
      return "write a note";
  }
  return "";
}

bool IsTrigger(Act act) {
  return act == Act::kTrigger || act == Act::kTriggerDated || act == Act::kFillHole;
}

People::People(Machine& machine,
               const std::vector<Deed>& deeds,
               base::Time start,
               std::vector<std::shared_ptr<const model::Dag>> dags)
    : machine_(machine), dags_(std::move(dags)) {
  for (const Deed& deed : deeds)
    requests_.push_back({{deed, {}, {}, {}, {}}, start + deed.after, false, {}, false});
}

std::optional<base::Time> People::NextDue() const {
  std::optional<base::Time> next;
  for (const Request& request : requests_) {
    if (!request.is_asked && !request.answered && !IsAnswerDue(request.what.run))
      driver::Earlier(next, request.due);
  }
  return next;
}

// As in the product: an ended run's rows are read once what was asked of it before is done.
bool People::IsAnswerDue(const model::RunKey& run) const {
  return !run.run.empty() && std::ranges::any_of(requests_, [&](const Request& request) {
    return request.is_asked && !request.answered && request.what.run == run;
  });
}

void People::OnTime(base::Time now) {
  for (Request& request : requests_) {
    if (request.answered || request.is_asked || request.due > now)
      continue;
    const bool is_chosen = Choose(request);
    if (is_chosen && IsAnswerDue(request.what.run))
      continue;
    auto event = is_chosen ? EventFor(request) : std::nullopt;
    if (!event) {
      request.answered = true;
      on_answered_(request.what, false);
      continue;
    }
    request.is_asked = true;
    request.what.asked_at = now;
    on_asked_(request.what);
    machine_.driver().Post(std::move(*event), [this, &request](const driver::Outcome& outcome) {
      // "Not stored" and "not known" are answers too: people see them and let it be.
      request.answered = true;
      request.accepted = outcome.has_value();
      if (request.accepted && outcome->run)
        request.what.run = *outcome->run;
      on_answered_(request.what, request.accepted);
    });
  }
}

const model::Dag* People::DagOf(const model::DagId& id) const {
  auto found =
      std::find_if(dags_.begin(), dags_.end(), [&](const auto& dag) { return dag->id == id; });
  return found == dags_.end() ? nullptr : found->get();
}

namespace {

// Of a mapped job one instance in two of three cases, whether it is there or not.
int InstanceOf(const Deed& deed, const model::Job& job) {
  const bool is_whole = !job.map_over || deed.run % 3 == 0;
  return is_whole ? -1 : static_cast<int>(deed.run % 4);
}

}  // namespace

namespace {

bool IsOfRun(const Deed& deed) {
  return deed.act == Act::kNote && deed.job % 2 == 0;
}

}  // namespace

std::string People::NoteOf(const Deed& deed) {
  return base::Cat("seen at ", deed.after.count());
}

// False where there is nothing to do it to. What was chosen once stays.
bool People::Choose(Request& request) {
  People::Granted& what = request.what;
  if (what.deed.act == Act::kTerminate) {
    if (what.cluster.empty())
      what.cluster = OldestLive(machine_.driver().emr());
    return !what.cluster.empty();
  }
  if (what.deed.act == Act::kAssetEvent)
    return !machine_.driver().state().assets.empty();
  if (IsTrigger(what.deed.act) || !what.run.run.empty())
    return true;
  auto runs = machine_.disk().reader().Runs({.limit = 1000});
  if (runs->rows.empty())
    return false;
  what.run = runs->rows[runs->rows.size() - 1 - what.deed.run % runs->rows.size()].key;
  if (what.deed.act != Act::kAbort && !IsOfRun(what.deed)) {
    const model::Dag* dag = DagOf(what.run.dag);
    if (dag == nullptr)
      return false;
    const model::Job& job = dag->jobs[what.deed.job % dag->jobs.size()];
    what.job = model::DisplayName(job.id, job.lane, InstanceOf(what.deed, job));
  }
  return true;
}

std::optional<model::TriggerRun> People::TriggerFor(const Deed& deed) const {
  model::TriggerRun trigger{.dag = dags_[deed.run % dags_.size()]->id, .by = "ada"};
  trigger.run_id = model::RunId(base::Cat("asked_", deed.after.count()));
  // One in five gives a param what it must not have; where there is no such param, that is refused
  // as well.
  if (deed.job % 5 == 4)
    trigger.conf["off"] = kUnfit;
  if (deed.act == Act::kTrigger)
    return trigger;
  if (deed.act == Act::kTriggerDated) {
    const auto& dags = machine_.driver().state().dags;
    const auto entry = dags.find(trigger.dag);
    if (entry == dags.end() || !entry->second.timetable)
      return std::nullopt;
    const schedule::Timetable& timetable = *entry->second.timetable;
    auto fire = timetable.PrevAtOrBefore(machine_.driver().state().now);
    for (size_t ago = deed.job % 4; ago > 0 && fire; --ago)
      fire = timetable.Prev(fire->run_after);
    if (!fire)
      return std::nullopt;
    trigger.logical_date = fire->logical_date;
    return trigger;
  }
  // Of any DAG that has one.
  for (size_t i = 0; i < dags_.size(); ++i) {
    trigger.dag = dags_[(deed.run + i) % dags_.size()]->id;
    const auto holes = machine_.disk().reader().Holes(trigger.dag);
    if (!holes || holes->empty())
      continue;
    const model::HoleRow& hole = (*holes)[deed.job % holes->size()];
    trigger.data_interval = deed.job % 2 == 0 ? hole.last : hole.first;
    return trigger;
  }
  return std::nullopt;
}

// REQUIRES: it is chosen.
std::optional<decltype(model::Event::body)> People::EventFor(const Request& request) const {
  const Granted& what = request.what;
  if (what.deed.act == Act::kTerminate)
    return model::TerminateCluster{what.cluster, "ada"};
  if (IsTrigger(what.deed.act))
    return TriggerFor(what.deed);
  if (what.deed.act == Act::kAssetEvent) {
    const auto assets = static_cast<int64_t>(machine_.driver().state().assets.size());
    return model::CreateAssetEvent{1 + static_cast<int64_t>(what.deed.job) % assets, {}, "ada"};
  }
  model::RunRequest whole{what.run, {}, "ada", nullptr};
  if (!machine_.driver().state().runs.contains(what.run)) {
    auto rows = store::ReadRun(machine_.disk().reader(), what.run);
    if (!rows)
      return std::nullopt;
    whole.rows = std::make_shared<const model::Snapshot>(std::move(*rows));
  }
  model::RunRequest one = whole;
  if (const model::Dag* dag = DagOf(what.run.dag); dag != nullptr && !what.job.empty()) {
    const model::Job& job = dag->jobs[what.deed.job % dag->jobs.size()];
    one.jobs = {{what.run, job.id, job.lane, InstanceOf(what.deed, job)}};
  }
  switch (what.deed.act) {
    case Act::kClear:
      return model::ClearJobs{one, {}, false};
    case Act::kClearDownstream:
      return model::ClearJobs{one, {.downstream = true}, false};
    case Act::kMarkSuccess:
      return model::MarkJobs{one, model::TaskState::kSuccess};
    case Act::kMarkFailed:
      return model::MarkJobs{one, model::TaskState::kFailed};
    case Act::kMarkSkipped:
      return model::MarkJobs{one, model::TaskState::kSkipped};
    case Act::kAbort:
      return model::MarkRun{whole, model::RunState::kFailed};
    case Act::kClearNewest:
      return model::ClearJobs{one, {}, false, true};
    case Act::kNote:
      return model::SetNote{one, 0, NoteOf(what.deed)};
    case Act::kTerminate:
    case Act::kTrigger:
    case Act::kTriggerDated:
    case Act::kFillHole:
    case Act::kAssetEvent:
      break;
  }
  return std::nullopt;
}

void People::OnDeath() {
  for (Request& request : requests_) {
    if (!request.answered)
      request.is_asked = false;
  }
}

void People::ForgetGranted(base::Time since) {
  for (Request& request : requests_)
    request.accepted = request.accepted && request.what.asked_at < since;
}

bool People::AreDone() const {
  return std::all_of(
      requests_.begin(), requests_.end(), [](const Request& request) { return request.answered; });
}

std::vector<People::Granted> People::Accepted() const {
  std::vector<Granted> out;
  for (const Request& request : requests_) {
    if (request.accepted)
      out.push_back(request.what);
  }
  return out;
}

// A backfill that takes ended runs again, or a job that clears the run it wants, undoes what was
// marked.
bool People::RanAgain(const model::RunKey& run) const {
  const auto history =
      machine_.disk().reader().History({.limit = 10'000, .dag = run.dag, .run = run.run});
  return history && std::any_of(history->begin(), history->end(), [](const auto& row) {
           return row.cause.starts_with("run again by backfill") ||
                  row.cause.starts_with("cleared (reset_dag_run)");
         });
}

std::vector<std::string> People::Breaches(const emulator::Emulator& emr,
                                          base::Duration within,
                                          const Judges& judges) const {
  std::vector<std::string> out;
  for (const Granted& granted : Accepted()) {
    const Act act = granted.deed.act;
    if (IsTrigger(act)) {
      if (!machine_.disk().reader().Run(granted.run))
        out.push_back(base::Cat("the run ", ToString(granted.run), " was promised and lost (I3)"));
      continue;
    }
    const bool is_final = act == Act::kAbort || act == Act::kMarkSuccess ||
                          act == Act::kMarkFailed || act == Act::kMarkSkipped;
    for (const emulator::Cluster& cluster : emr.clusters()) {
      if (!Stops(granted, cluster) || judges.may_live_on(cluster))
        continue;
      const base::Time sent_at = judges.sent_at(cluster).value_or(cluster.created_at);
      if (sent_at > granted.asked_at) {
        if (is_final && requests_.size() == 1 && !RanAgain(granted.run))
          out.push_back(base::Cat(cluster.name, " was launched after ", ToString(act)));
        continue;
      }
      const base::Time due = cluster.created_at <= granted.asked_at
                                 ? granted.asked_at + within
                                 : cluster.created_at + kSettleAndLag + within;
      if (!cluster.ended_at || *cluster.ended_at > due)
        out.push_back(base::Cat(cluster.name, " lived on after ", ToString(act), " (I1)"));
    }
  }
  return out;
}

}  // namespace simulation
