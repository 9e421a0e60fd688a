// One DAG file → DagDraft.

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "dagfile/caps.h"
#include "dagfile/deadline_reader.h"
#include "dagfile/draft.h"
#include "dagfile/former_names.h"
#include "dagfile/groups.h"
#include "dagfile/ids.h"
#include "dagfile/params.h"
#include "dagfile/policy.h"
#include "dagfile/schedule_reader.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

class DagReader {
 public:
  DagReader(const yaml::Node& root,
            FileReport* report,
            const ZoneLookup& zones,
            const Calendars& calendars)
      : root_(root), errors_(&report->errors), zones_(zones), calendars_(calendars) {
    draft_.report = report;
  }

  DagDraft Run();

 private:
  void ReadIdentity(yaml::MapReader& reader);
  void ReadAccess(yaml::MapReader& reader);
  void ReadLanes(yaml::MapReader& reader);
  LaneDraft ReadLane(const yaml::Node& node);
  void ReadDefaults(yaml::MapReader& reader);
  void ReadJobs(yaml::MapReader& reader);

  const yaml::Node& root_;
  yaml::Diagnostics* errors_;
  const ZoneLookup& zones_;
  const Calendars& calendars_;
  DagDraft draft_;
  Policy defaults_;
};

DagDraft DagReader::Run() {
  yaml::MapReader reader(root_, "the DAG", errors_);
  ReadIdentity(reader);
  draft_.broken = !ReadSchedule(reader, errors_, zones_, calendars_, &draft_.assets, &draft_.dag);
  ReadParams(reader, errors_, &draft_.dag);
  ReadDefaults(reader);
  ReadLanes(reader);
  ReadJobs(reader);
  NotYet(reader);
  reader.Later({"dagrun_timeout", "concurrency", "access_control"});
  reader.Finish();
  return std::move(draft_);
}

void DagReader::ReadIdentity(yaml::MapReader& reader) {
  model::Dag& dag = draft_.dag;
  if (auto id = reader.Required<std::string>("dag_id")) {
    draft_.mark = reader.MarkOf("dag_id");
    if (IsDagId(*id))
      dag.id = model::DagId(*id);
    else
      reader.Error("dag_id",
                   Cat("'", *id, "' is no dag_id: 1 to 250 letters, digits, '_', '-' and '.'"));
  }
  draft_.formerly_mark = reader.MarkOf("formerly");
  for (std::string& name : ReadFormerNames(reader, dag.id.str(), IsDagId, errors_))
    dag.formerly.emplace_back(std::move(name));
  dag.description = reader.Optional<std::string>("description").value_or("");
  dag.tags = reader.Optional<std::vector<std::string>>("tags").value_or(std::vector<std::string>());
  dag.doc_md = reader.Optional<std::string>("doc_md").value_or("");
  dag.owner = reader.Optional<std::string>("owner").value_or("");
  dag.is_paused_upon_creation = reader.Optional<bool>("is_paused_upon_creation").value_or(true);
  if (const auto most = ReadCount(reader, "max_active_tasks", 1))
    dag.max_active_tasks = static_cast<int>(*most);
  // Airflow's 0 is "any number".
  if (const auto most = ReadCount(reader, "max_consecutive_failed_dag_runs", 0); most && *most > 0)
    dag.max_consecutive_failed_dag_runs = static_cast<int>(*most);
  if (const auto limits = reader.Optional<yaml::Node>("limits"))
    dag.limits = ReadLimits(*limits, &draft_.limit_marks, errors_);
  dag.spend_cap = ReadSpendCap(reader, errors_);
  ReadAccess(reader);
  dag.deadline = ReadDeadline(reader, errors_);
  draft_.deadline_mark = reader.MarkOf("deadline");
  draft_.schedule_mark = reader.MarkOf("schedule");
  if (auto rules = ReadNotifications(reader, RulePlace::kDag, &draft_.notifier_uses, errors_)) {
    draft_.has_notifications = true;
    dag.notifications = *std::move(rules);
  }
}

void DagReader::ReadAccess(yaml::MapReader& reader) {
  constexpr size_t kMost = 20;
  const auto names = reader.Optional<std::vector<std::string>>("access");
  if (!names)
    return;
  if (names->empty() || names->size() > kMost)
    reader.Error("access",
                 Cat("'access' has ",
                     names->size(),
                     " names, and must have 1 to ",
                     kMost,
                     ": remove the key if no scope goes by it"));
  std::vector<std::string>& access = draft_.dag.access;
  for (const std::string& name : *names) {
    if (!IsLaneId(name))
      reader.Error("access",
                   Cat("'",
                       name,
                       "' is no name for access: 1 to 64 letters, digits, '_' and '-', such as "
                       "team_a; a user with the scope access:team_a sees this DAG"));
    else if (std::ranges::find(access, name) != access.end())
      reader.Error("access", Cat("'access' names '", name, "' twice"));
    else
      access.push_back(name);
  }
}

void DagReader::ReadDefaults(yaml::MapReader& reader) {
  auto node = reader.Optional<yaml::Node>("default_args");
  if (!node)
    return;
  yaml::MapReader map(*node, "'default_args'", errors_);
  defaults_ = ReadPolicy(map, errors_);
  RefuseJobsOwnKeys(map);
  auto owner = map.Optional<std::string>("owner");
  if (owner && draft_.dag.owner.empty())
    draft_.dag.owner = *owner;
  NotYet(map);
  map.Later({"start_date", "end_date"});
  map.Finish();
}

void DagReader::ReadLanes(yaml::MapReader& reader) {
  auto nodes = reader.Optional<std::vector<yaml::Node>>("lanes");
  if (!nodes)
    return;
  if (nodes->empty())
    reader.Error("lanes", "'lanes' is empty; give at least one lane, or remove the key");
  std::map<model::LaneId, int> lines;
  for (const yaml::Node& node : *nodes) {
    LaneDraft lane = ReadLane(node);
    if (lane.id.empty())
      continue;
    auto [first, is_new] = lines.emplace(lane.id, lane.mark.line);
    if (!is_new)
      errors_->Add(
          lane.mark,
          Cat("the lane '", lane.id.str(), "' is there twice; first at line ", first->second));
    else
      draft_.lanes.push_back(std::move(lane));
  }
}

LaneDraft DagReader::ReadLane(const yaml::Node& node) {
  LaneDraft lane;
  yaml::MapReader map(node, "this lane", errors_);
  lane.mark = map.MarkOf("id");
  if (auto id = map.Required<std::string>("id")) {
    if (IsLaneId(*id))
      lane.id = model::LaneId(*id);
    else
      map.Error("id", Cat("'", *id, "' is no lane id: 1 to 64 letters, digits, '_' and '-'"));
  }
  for (std::string& name : ReadFormerNames(map, lane.id.str(), IsLaneId, errors_))
    lane.formerly.emplace_back(std::move(name));
  lane.params = map.Optional<json::object>("params").value_or(json::object());
  lane.overrides = map.Optional<yaml::Node>("overrides");
  map.Later({"pool", "retries", "description"});
  map.Finish();
  return lane;
}

void DagReader::ReadJobs(yaml::MapReader& reader) {
  const Surroundings around{!draft_.lanes.empty(), "", defaults_};
  auto groups = reader.Optional<yaml::Node>("groups");
  auto tasks = groups ? reader.Optional<yaml::Node>("tasks") : reader.Required<yaml::Node>("tasks");
  if (tasks)
    draft_.jobs_known = ReadTasks(*tasks, around, &draft_);
  if (groups)
    draft_.jobs_known = ReadGroups(*groups, around, &draft_) || draft_.jobs_known;
  ExpandGroups(&draft_);
}

}  // namespace

std::optional<size_t> DagDraft::FindLane(const model::LaneId& id) const {
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].id == id)
      return i;
  return std::nullopt;
}

DagDraft ReadDag(const yaml::Node& root,
                 FileReport* report,
                 const ZoneLookup& zones,
                 const Calendars& calendars) {
  return DagReader(root, report, zones, calendars).Run();
}

void Instantiate(DagDraft* draft) {
  const bool are_lanes_mapped = std::ranges::any_of(draft->jobs, [](const JobDraft& job) {
    return job.settings.map_over &&
           job.settings.map_over->expression.find("lanes") != std::string::npos;
  });
  for (const LaneDraft& lane : draft->lanes)
    if (are_lanes_mapped)
      draft->dag.lanes.push_back({lane.id, lane.params});
  std::map<std::string, std::string> shown;  // display name → job id
  for (JobDraft& job : draft->jobs) {
    job.first = draft->dag.jobs.size();
    for (size_t i = 0; i < draft->InstanceCount(job); ++i) {
      model::Job instance = job.settings;
      instance.id = job.id;
      if (job.laned) {
        instance.lane = draft->lanes[i].id;
        instance.lane_params = draft->lanes[i].params;
      }
      std::string name = model::DisplayName(instance.id, instance.lane);
      auto [other, is_new] = shown.emplace(name, job.id.str());
      if (!is_new)
        draft->report->errors.Add(job.mark,
                                  Cat("the jobs '",
                                      other->second,
                                      "' and '",
                                      job.id.str(),
                                      "' would both be shown as '",
                                      name,
                                      "'; rename one of them"));
      draft->dag.jobs.push_back(std::move(instance));
    }
  }
  NameFormerJobs(*draft);
}

}  // namespace dagfile
