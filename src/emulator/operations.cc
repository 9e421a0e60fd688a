// Emulator: the operations.

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/draw.h"
#include "base/hash.h"
#include "base/text.h"
#include "emulator/call.h"
#include "emulator/emulator.h"
#include "emulator/run_job_flow.h"

namespace emulator {

namespace {

constexpr size_t kPageSize = 50;
constexpr size_t kTerminateIdsMax = 10;
constexpr size_t kStepIdsMax = 10;
constexpr size_t kReleaseLabelsMax = 100;
constexpr base::Duration kInstanceRetention = base::hours(30 * 24);
constexpr uint64_t kMarkerMask = 0x5b1e7c93;

// Newest first; without the patch releases.
std::vector<std::string> ReleaseLabels(std::string_view prefix) {
  constexpr struct {
    int major;
    int last_minor;
  } kSeries[] = {{7, 8}, {6, 15}, {5, 36}};
  std::vector<std::string> labels;
  for (const auto& series : kSeries) {
    for (int minor = series.last_minor; minor >= 0; --minor) {
      std::string label = base::Cat("emr-", series.major, ".", minor, ".0");
      if (label.starts_with(prefix))
        labels.push_back(std::move(label));
    }
  }
  return labels;
}

std::set<std::string> TextSet(const json::array& values) {
  std::set<std::string> texts;
  for (const json::value& value : values)
    texts.emplace(std::string_view(value.get_string()));
  return texts;
}

// A list of clusters compares many with them.
std::set<ClusterState> StateSet(const json::array& values) {
  const std::set<std::string> texts = TextSet(values);
  std::set<ClusterState> states;
  for (auto state = ClusterState::kStarting; state <= ClusterState::kTerminatedWithErrors;
       state = static_cast<ClusterState>(static_cast<int>(state) + 1)) {
    if (texts.contains(std::string(Text(state))))
      states.insert(state);
  }
  return states;
}

}  // namespace

// --- Markers
// ----------------------------------------------------------------------------------------

// Opaque to callers: a position in `scope` (an action and what it lists), and a check that refuses
// markers that are made up or taken from another list.
std::string Emulator::MakeMarker(std::string_view scope, size_t position) const {
  uint64_t check = base::Draw(options_.seed, scope, position);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((position ^ kMarkerMask) >> shift);
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(check >> shift);
  return base::Hex(bytes);
}

std::optional<size_t> Emulator::ReadMarker(std::string_view scope, std::string_view marker) const {
  uint64_t masked = 0;
  std::string_view digits = marker.substr(0, 8);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), masked, 16);
  size_t position = masked ^ kMarkerMask;
  if (error != std::errc() || MakeMarker(scope, position) != marker)
    return std::nullopt;
  return position;
}

std::optional<Emulator::Page> Emulator::FindPage(const Call& call,
                                                 std::string_view scope,
                                                 size_t rows) const {
  size_t begin = 0;
  if (std::string marker = base::GetString(call.body(), "Marker"); !marker.empty()) {
    std::optional<size_t> position = ReadMarker(scope, marker);
    if (!position)
      return std::nullopt;
    begin = std::min(*position, rows);
  }
  return Page{.begin = begin, .end = std::min(begin + kPageSize, rows)};
}

// --- Writes
// -----------------------------------------------------------------------------------------

Reply Emulator::RunJobFlow(Call& call) {
  call.name = base::GetString(call.body(), "Name");
  if (std::optional<std::string> refusal = CheckRunJobFlow(call.body()))
    return Invalid(*refusal);
  const Cluster& cluster = lifecycle_.Create(call.body());
  call.cluster_id = cluster.id;
  return Success({{"JobFlowId", cluster.id}, {"ClusterArn", ClusterArn(cluster, place_)}});
}

std::optional<Reply> Emulator::FindAll(Call& call, std::vector<Cluster*>* clusters) {
  const json::array& ids = base::GetArray(call.body(), "JobFlowIds");
  if (ids.empty())
    return Invalid("JobFlowIds must not be empty.");
  for (const json::value& value : ids) {
    std::string_view id = value.get_string();
    Cluster* cluster = lifecycle_.Find(id);
    if (call.cluster_id.empty()) {
      call.cluster_id = id;
      call.name = cluster == nullptr ? "" : cluster->name;
    }
    if (cluster == nullptr)
      return NoSuchJobFlow();
    clusters->push_back(cluster);
  }
  return std::nullopt;
}

// An unknown id stops the whole batch; a protected cluster does not save the others.
Reply Emulator::TerminateJobFlows(Call& call) {
  std::vector<Cluster*> clusters;
  if (std::optional<Reply> error = FindAll(call, &clusters))
    return *error;
  if (clusters.size() > kTerminateIdsMax)
    return Invalid(
        base::Cat("At most ", kTerminateIdsMax, " job flows can be terminated at once."));
  bool refused = false;
  for (Cluster* cluster : clusters) {
    if (cluster->termination_protected && !cluster->Ending())
      refused = true;
    else
      lifecycle_.Terminate(*cluster);
  }
  if (refused)
    return Invalid(
        "Could not shut down one or more job flows since they are termination protected.");
  return Done(call.action);
}

Reply Emulator::SetTerminationProtection(Call& call) {
  std::vector<Cluster*> clusters;
  if (std::optional<Reply> error = FindAll(call, &clusters))
    return *error;
  for (Cluster* cluster : clusters)
    lifecycle_.SetProtection(*cluster, base::GetBool(call.body(), "TerminationProtected"));
  return Done(call.action);
}

// --- Reads
// ------------------------------------------------------------------------------------------

Cluster* Emulator::FindOne(Call& call) {
  call.cluster_id = SubjectId(call.body());
  Cluster* cluster = lifecycle_.Find(call.cluster_id);
  if (cluster != nullptr)
    call.name = cluster->name;
  return cluster;
}

Reply Emulator::DescribeCluster(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  return Success({{"Cluster", ClusterDetail(*cluster, place_, lifecycle_.now())}});
}

Reply Emulator::ListClusters(Call& call) {
  const std::deque<Cluster>& clusters = lifecycle_.clusters();
  size_t end = clusters.size();  // the page begins below
  if (std::string marker = base::GetString(call.body(), "Marker"); !marker.empty()) {
    std::optional<size_t> position = ReadMarker("ListClusters", marker);
    if (!position || *position > clusters.size())
      return BadMarker(marker);
    end = *position;
  }
  std::optional<base::Time> after = base::GetEpoch(call.body(), "CreatedAfter");
  std::optional<base::Time> before = base::GetEpoch(call.body(), "CreatedBefore");
  const std::set<ClusterState> states = StateSet(base::GetArray(call.body(), "ClusterStates"));
  json::array page;
  json::object body;
  // Newest first. Where only live ones are wanted, those that have ended are not even looked at:
  // they are the many.
  const bool only_live = !states.empty() && *states.rbegin() < ClusterState::kTerminated;
  auto next = [&](size_t below) {  // the end of the next one; 0 where there is none
    if (!only_live)
      return below;
    auto older = lifecycle_.live().lower_bound(below);
    return older == lifecycle_.live().begin() ? 0 : *std::prev(older) + 1;
  };
  for (size_t i = next(end); i > 0; i = next(i - 1)) {
    const Cluster& cluster = clusters[i - 1];
    // Times have milliseconds on the wire: what a caller read must find the cluster again.
    base::Time created = std::chrono::floor<base::milliseconds>(cluster.created_at);
    if (after && created < *after)
      break;  // those before it are older
    if ((before && created > *before) || (!states.empty() && !states.contains(cluster.state)) ||
        cluster.created_at + cluster.list_lag > lifecycle_.now() ||
        cluster.Purged(lifecycle_.now()))
      continue;
    if (page.size() == kPageSize) {
      body["Marker"] = MakeMarker("ListClusters", i);
      break;
    }
    page.push_back(ClusterSummary(cluster, place_, lifecycle_.now()));
  }
  body["Clusters"] = std::move(page);
  return Success(std::move(body));
}

// Newest first, unless steps are asked for by id or state.
Reply Emulator::ListSteps(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  std::set<std::string> states = TextSet(base::GetArray(call.body(), "StepStates"));
  std::set<std::string> ids = TextSet(base::GetArray(call.body(), "StepIds"));
  if (ids.size() > kStepIdsMax)
    return InvalidRequest(base::Cat("At most ", kStepIdsMax, " step ids can be given."));
  std::vector<const Step*> steps;
  for (const Step& step : cluster->steps)
    if ((states.empty() || states.contains(std::string(Text(step.state)))) &&
        (ids.empty() || ids.contains(step.id)))
      steps.push_back(&step);
  for (const std::string& id : ids)
    if (std::none_of(cluster->steps.begin(), cluster->steps.end(), [&](const Step& step) {
          return step.id == id;
        }))
      return InvalidRequest(base::Cat("Step id '", id, "' is not valid."));
  if (states.empty() && ids.empty())
    std::reverse(steps.begin(), steps.end());

  std::string scope = base::Cat("ListSteps ", cluster->id);
  std::optional<Page> page = FindPage(call, scope, steps.size());
  if (!page)
    return BadMarker(base::GetString(call.body(), "Marker"));
  json::array rows;
  for (size_t i = page->begin; i < page->end; ++i)
    rows.push_back(StepSummary(*steps[i]));
  json::object body = {{"Steps", std::move(rows)}};
  if (page->end < steps.size())
    body["Marker"] = MakeMarker(scope, page->end);
  return Success(std::move(body));
}

Reply Emulator::DescribeStep(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  std::string id = base::GetString(call.body(), "StepId");
  for (const Step& step : cluster->steps)
    if (step.id == id)
      return Success({{"Step", StepDetail(step)}});
  return InvalidRequest(base::Cat("Step id '", id, "' is not valid."));
}

Reply Emulator::ListInstanceFleets(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  if (!cluster->uses_fleets)
    return InvalidRequest(
        "Instance fleets and instance groups are mutually exclusive. The EMR cluster specified in "
        "the request uses instance groups. The ListInstanceFleets request does not support "
        "clusters "
        "that use instance groups. Use the ListInstanceGroups request instead.");
  if (std::string marker = base::GetString(call.body(), "Marker"); !marker.empty())
    return BadMarker(marker);  // three fleets at most: there is never a second page
  json::array fleets;
  for (const Fleet& fleet : cluster->fleets)
    fleets.push_back(FleetDetail(fleet));
  return Success({{"InstanceFleets", std::move(fleets)}});
}

Reply Emulator::ListInstanceGroups(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  if (cluster->uses_fleets)
    return InvalidRequest(
        "Instance fleets and instance groups are mutually exclusive. The EMR cluster specified in "
        "the request uses instance fleets. The ListInstanceGroups request does not support "
        "clusters that use instance fleets. Use the ListInstanceFleets request instead.");
  if (std::string marker = base::GetString(call.body(), "Marker"); !marker.empty())
    return BadMarker(marker);  // 50 groups at most: there is never a second page
  json::array groups;
  for (const Fleet& group : cluster->fleets)
    groups.push_back(GroupDetail(group));
  return Success({{"InstanceGroups", std::move(groups)}});
}

// The filters name fleets or groups, whichever the cluster has; one that ended long ago is gone.
Reply Emulator::ListInstances(Call& call) {
  const Cluster* cluster = FindOne(call);
  if (cluster == nullptr)
    return NoSuchCluster(call.cluster_id);
  const json::object& request = call.body();
  bool by_fleet = request.contains("InstanceFleetId") || request.contains("InstanceFleetType");
  bool by_group = request.contains("InstanceGroupId") || request.contains("InstanceGroupTypes");
  if (cluster->uses_fleets ? by_group : by_fleet)
    return InvalidRequest(base::Cat("The cluster uses instance ",
                                    cluster->uses_fleets ? "fleets" : "groups",
                                    ": its instances cannot be listed by instance ",
                                    cluster->uses_fleets ? "groups." : "fleets."));
  std::string id =
      base::GetString(request, cluster->uses_fleets ? "InstanceFleetId" : "InstanceGroupId");
  const std::vector<Fleet>& fleets = cluster->fleets;
  if (!id.empty() && std::none_of(fleets.begin(), fleets.end(), [&](const Fleet& fleet) {
        return fleet.id == id;
      }))
    return InvalidRequest(base::Cat("Instance fleet or group id '", id, "' is not valid."));
  std::set<std::string> types = TextSet(base::GetArray(request, "InstanceGroupTypes"));
  if (by_fleet && request.contains("InstanceFleetType"))
    types.insert(base::GetString(request, "InstanceFleetType"));
  std::set<std::string> states = TextSet(base::GetArray(request, "InstanceStates"));

  std::vector<Instance> instances = lifecycle_.Instances(*cluster);
  auto hidden = [&](const Instance& instance) {
    return (!id.empty() && instance.fleet->id != id) ||
           (!types.empty() && !types.contains(std::string(Text(instance.fleet->type)))) ||
           (!states.empty() && !states.contains(std::string(Text(instance.state)))) ||
           (instance.ended_at && *instance.ended_at + kInstanceRetention < lifecycle_.now());
  };
  instances.erase(std::remove_if(instances.begin(), instances.end(), hidden), instances.end());
  if (instances.size() > kInstancesListedMax)
    instances.erase(instances.begin() + kInstancesListedMax, instances.end());
  std::string scope = base::Cat("ListInstances ", cluster->id);
  std::optional<Page> page = FindPage(call, scope, instances.size());
  if (!page)
    return BadMarker(base::GetString(request, "Marker"));
  json::array rows;
  for (size_t i = page->begin; i < page->end; ++i)
    rows.push_back(InstanceDetail(instances[i], cluster->uses_fleets));
  json::object body = {{"Instances", std::move(rows)}};
  if (page->end < instances.size())
    body["Marker"] = MakeMarker(scope, page->end);
  return Success(std::move(body));
}

Reply Emulator::ListReleaseLabels(Call& call) {
  const json::object& request = call.body();
  auto most = static_cast<int64_t>(kReleaseLabelsMax);
  int64_t size = base::GetInt(request, "MaxResults", most);
  if (size < 1 || size > most)
    return Invalid(base::Cat("MaxResults must be between 1 and ", most, "."));
  if (base::Find(request, "Filters.Application") != nullptr)
    return InvalidRequest("Release labels can be filtered by Prefix only.");
  std::string prefix = base::GetString(request, "Filters.Prefix");
  std::vector<std::string> labels = ReleaseLabels(prefix);
  std::string scope = base::Cat("ListReleaseLabels ", prefix);
  size_t begin = 0;
  if (std::string token = base::GetString(request, "NextToken"); !token.empty()) {
    std::optional<size_t> position = ReadMarker(scope, token);
    if (!position)
      return InvalidRequest(base::Cat("NextToken '", token, "' is not valid."));
    begin = std::min(*position, labels.size());
  }
  size_t end = std::min(begin + static_cast<size_t>(size), labels.size());
  json::array rows;
  for (size_t i = begin; i < end; ++i)
    rows.emplace_back(labels[i]);
  json::object body = {{"ReleaseLabels", std::move(rows)}};
  if (end < labels.size())
    body["NextToken"] = MakeMarker(scope, end);
  return Success(std::move(body));
}

}  // namespace emulator
