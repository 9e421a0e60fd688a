#include "people.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"

namespace sim {

namespace {

// From a person's word to EMR's last: one look-up of a launch that is in doubt, a terminate that
// EMR ignores and its next issue, a restart of ours, shutting down.
constexpr base::Duration kDiesWithin = base::minutes(8);

model::ClusterId OldestLive(const engine::State& state) {
  const model::ClusterRow* oldest = nullptr;
  for (const auto& [id, cluster] : state.clusters) {
    if (!IsTerminal(cluster.phase) &&
        (oldest == nullptr || cluster.created_at < oldest->created_at))
      oldest = &cluster;
  }
  return oldest == nullptr ? model::ClusterId() : oldest->id;
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
    case Act::kAbort:
      return "abort";
    case Act::kTerminate:
      return "terminate";
  }
  return "";
}

People::People(const std::vector<Deed>& deeds,
               base::Time start,
               std::shared_ptr<const model::Dag> dag)
    : dag_(std::move(dag)) {
  for (const Deed& deed : deeds)
    requests_.push_back({deed, start + deed.after, {}, false, false, {}});
}

void People::Ask(driver::Driver& driver, store::Reader& reader, base::Time now) {
  for (Request& request : requests_) {
    if (request.answered || request.asked_at || request.due > now)
      continue;
    request.asked_at = now;
    auto event = EventFor(request, driver, reader);
    if (!event) {
      request.answered = true;
      continue;
    }
    driver.Post(std::move(*event), [&request](const driver::Outcome& outcome) {
      request.answered = true;
      request.accepted = outcome.has_value();
    });
  }
}

std::optional<decltype(model::Event::body)> People::EventFor(Request& request,
                                                             const driver::Driver& driver,
                                                             store::Reader& reader) const {
  if (request.deed.act == Act::kTerminate) {
    if (request.cluster.empty())
      request.cluster = OldestLive(driver.state());
    if (request.cluster.empty())
      return std::nullopt;
    return model::TerminateCluster{request.cluster, "ada"};
  }
  auto runs = reader.Runs({});
  if (runs->rows.empty())
    return std::nullopt;
  const model::RunKey& run = runs->rows.back().key;
  const model::Job& job = dag_->jobs[request.deed.job];
  model::RunRequest whole{run, {}, "ada", nullptr};
  if (!driver.state().runs.contains(run))
    whole.rows = std::make_shared<const model::Snapshot>(*store::ReadRun(reader, run));
  model::RunRequest one = whole;
  one.jobs = {{run, job.id, job.lane}};
  switch (request.deed.act) {
    case Act::kClear:
      return model::ClearJobs{one, false, false};
    case Act::kClearDownstream:
      return model::ClearJobs{one, true, false};
    case Act::kMarkSuccess:
      return model::MarkJobs{one, model::TaskState::kSuccess};
    case Act::kMarkFailed:
      return model::MarkJobs{one, model::TaskState::kFailed};
    case Act::kAbort:
      return model::MarkRun{whole, model::RunState::kFailed};
    case Act::kTerminate:
      break;
  }
  return std::nullopt;
}

void People::OnCrash() {
  for (Request& request : requests_) {
    if (!request.answered)
      request.asked_at = std::nullopt;
  }
}

std::optional<base::Time> People::NextDue() const {
  std::optional<base::Time> next;
  for (const Request& request : requests_) {
    if (!request.asked_at && (!next || request.due < *next))
      next = request.due;
  }
  return next;
}

bool People::AreDone() const {
  return std::all_of(
      requests_.begin(), requests_.end(), [](const Request& request) { return request.answered; });
}

std::vector<Deed> People::Accepted() const {
  std::vector<Deed> out;
  for (const Request& request : requests_) {
    if (request.accepted)
      out.push_back(request.deed);
  }
  return out;
}

bool People::IsOf(const Deed& deed, const emulator::ClusterTruth& cluster) const {
  const model::Job& job = dag_->jobs[deed.job];
  const std::string name = base::Cat(" ", model::DisplayName(job.id, job.lane), " try ");
  return deed.act == Act::kAbort || cluster.name.find(name) != std::string::npos;
}

bool People::Stops(const Request& request, const emulator::ClusterTruth& cluster) const {
  return request.deed.act == Act::kTerminate ? cluster.id == request.cluster.str()
                                             : IsOf(request.deed, cluster);
}

std::vector<std::string> People::Breaches(
    const std::vector<emulator::ClusterTruth>& clusters) const {
  std::vector<std::string> out;
  for (const Request& request : requests_) {
    if (!request.accepted)
      continue;
    const Act act = request.deed.act;
    const base::Time done = *request.asked_at;
    const bool is_final = act == Act::kAbort || act == Act::kMarkSuccess || act == Act::kMarkFailed;
    for (const emulator::ClusterTruth& cluster : clusters) {
      if (cluster.created_at <= done) {
        if (Stops(request, cluster) && (cluster.Live() || *cluster.ended_at > done + kDiesWithin))
          out.push_back(base::Cat(cluster.name, " lived on after ", ToString(act), " (I1)"));
      } else if (is_final && requests_.size() == 1 && IsOf(request.deed, cluster)) {
        out.push_back(base::Cat(cluster.name, " was launched after ", ToString(act)));
      }
    }
  }
  return out;
}

}  // namespace sim
