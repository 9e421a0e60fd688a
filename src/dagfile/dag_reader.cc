// One DAG file → DagDraft.

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "dagfile/draft.h"
#include "dagfile/ids.h"
#include "dagfile/policy.h"
#include "dagfile/schedule_reader.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

class DagReader {
 public:
  DagReader(const yaml::Node& root, FileReport* report, const ZoneLookup& zones)
      : root_(root), errors_(&report->errors), zones_(zones) {
    draft_.report = report;
  }

  DagDraft Run();

 private:
  void ReadIdentity(yaml::MapReader& reader);
  void ReadLanes(yaml::MapReader& reader);
  LaneDraft ReadLane(const yaml::Node& node);
  void ReadDefaults(yaml::MapReader& reader);
  void ReadJobs(yaml::MapReader& reader);
  JobDraft ReadJob(const yaml::Member& member);
  std::optional<model::Work> ReadType(yaml::MapReader& reader, const yaml::Member& member);
  void ReadCluster(yaml::MapReader& reader, JobDraft* job);

  const yaml::Node& root_;
  yaml::Diagnostics* errors_;
  const ZoneLookup& zones_;
  DagDraft draft_;
  Policy defaults_;
};

// What the format will have; told apart from mistakes.
void Later(yaml::MapReader& reader) {
  reader.Later({"deadline",
                "trigger_rule",
                "notifications",
                "on_failure",
                "on_success",
                "on_failure_callback",
                "on_success_callback",
                "on_retry_callback",
                "sla",
                "pool_slots",
                "priority_weight",
                "weight_rule",
                "depends_on_past",
                "wait_for_downstream",
                "execution_timeout",
                "email",
                "email_on_failure",
                "email_on_retry",
                "budget",
                "doc_md"});
}

DagDraft DagReader::Run() {
  yaml::MapReader reader(root_, "the DAG", errors_);
  ReadIdentity(reader);
  ReadSchedule(reader, errors_, zones_, &draft_.dag);
  ReadDefaults(reader);
  ReadLanes(reader);
  ReadJobs(reader);
  Later(reader);
  reader.Later({"dagrun_timeout", "max_active_tasks", "concurrency", "access_control", "calendar"});
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
  dag.description = reader.Optional<std::string>("description").value_or("");
  dag.tags = reader.Optional<std::vector<std::string>>("tags").value_or(std::vector<std::string>());
  dag.owner = reader.Optional<std::string>("owner").value_or("");
  dag.params = reader.Optional<json::object>("params").value_or(json::object());
  dag.params_open = reader.Optional<bool>("params_open").value_or(false);
  dag.is_paused_upon_creation = reader.Optional<bool>("is_paused_upon_creation").value_or(true);
  dag.max_active_runs =
      static_cast<int>(ReadCount(reader, "max_active_runs", 1).value_or(dag.max_active_runs));
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
  Later(map);
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
  lane.params = map.Optional<json::object>("params").value_or(json::object());
  lane.overrides = map.Optional<yaml::Node>("overrides");
  map.Later({"pool", "retries", "description"});
  map.Finish();
  return lane;
}

void DagReader::ReadJobs(yaml::MapReader& reader) {
  auto tasks = reader.Required<yaml::Node>("tasks");
  if (!tasks)
    return;
  if (!tasks->is_map() || tasks->members().empty()) {
    reader.Error("tasks", "'tasks': expected a map of at least one job");
    return;
  }
  draft_.jobs_known = true;
  for (const yaml::Member& member : tasks->members())
    draft_.jobs.push_back(ReadJob(member));
}

std::optional<model::Work> DagReader::ReadType(yaml::MapReader& reader,
                                               const yaml::Member& member) {
  auto type = reader.Optional<std::string>("type");
  if (!type) {
    if (member.value.Find("type") != nullptr)
      return std::nullopt;  // it was no text, and that has been told
    if (member.value.Find("cluster") != nullptr || member.value.Find("steps") != nullptr)
      return model::EmrWork();
    errors_->Add(member.key_mark,
                 Cat("the job '", member.key, "' needs a 'type': emr_job or empty"));
    return std::nullopt;
  }
  if (*type == "emr_job")
    return model::EmrWork();
  if (*type == "empty")
    return model::EmptyWork();
  constexpr std::array<std::string_view, 9> kLater = {"python",
                                                      "shell",
                                                      "bash",
                                                      "http",
                                                      "sensor",
                                                      "branch",
                                                      "emr_serverless",
                                                      "trigger_dag",
                                                      "sql"};
  if (std::find(kLater.begin(), kLater.end(), *type) != kLater.end())
    reader.Error("type", Cat("'type: ", *type, "' is not supported yet in this version"));
  else
    reader.Error("type", Cat("there is no job type '", *type, "'; there are emr_job and empty"));
  return std::nullopt;
}

JobDraft DagReader::ReadJob(const yaml::Member& member) {
  JobDraft job;
  job.mark = member.key_mark;
  job.id = model::JobId(member.key);
  if (!IsJobId(member.key))
    errors_->Add(member.key_mark,
                 Cat("'",
                     member.key,
                     "' is no job id: a letter, then at most 99 letters, digits, "
                     "'_' and '-'"));
  yaml::MapReader reader(member.value, Cat("the job '", member.key, "'"), errors_);
  if (!reader.is_map())
    return job;
  auto type = ReadType(reader, member);
  const bool is_emr =
      type ? std::holds_alternative<model::EmrWork>(*type) : member.value.Find("steps") != nullptr;
  if (is_emr)
    job.settings.work.emplace<model::EmrWork>();
  if (auto references = reader.Optional<yaml::Node>("depends_on"))
    job.references = ReadReferences(*references, errors_);
  job.laned = !draft_.lanes.empty();
  if (auto lanes = reader.Optional<yaml::Node>("lanes")) {
    if (lanes->raw() != "none")
      reader.Error("lanes", "'lanes' of a job may only be none: the job runs once, for all lanes");
    job.laned = false;
  }
  // Without a known type every key of an emr_job is read, so that its mistakes are told too.
  if (type && is_emr && member.value.Find("cluster") == nullptr)
    errors_->Add(member.key_mark, Cat("the job '", member.key, "' needs the key 'cluster'"));
  Settle(ReadPolicy(reader, errors_), defaults_, &job);
  if (type && !is_emr) {
    RefuseClusterPolicy(reader);
  } else {
    ReadCluster(reader, &job);
    ReadClusterPolicy(reader, errors_, &job);
  }
  Later(reader);
  reader.Later({"params", "pools", "env", "owner", "when", "outputs"});
  reader.Finish();
  return job;
}

void DagReader::ReadCluster(yaml::MapReader& reader, JobDraft* job) {
  if (auto cluster = reader.Optional<yaml::Node>("cluster")) {
    job->cluster_mark = cluster->mark();
    if (cluster->is_map()) {
      yaml::MapReader map(*cluster, "'cluster'", errors_);
      job->cluster = map.Required<std::string>("template").value_or("");
      job->cluster_mark = map.MarkOf("template");
      if (auto overrides = map.Optional<yaml::Node>("overrides"))
        job->overrides.push_back(*overrides);
      map.Finish();
    } else {
      job->cluster = yaml::Read<std::string>(*cluster, "'cluster'", errors_).value_or("");
    }
  }
  if (auto overrides = reader.Optional<yaml::Node>("overrides"))
    job->overrides.push_back(*overrides);
  job->steps = reader.Optional<yaml::Node>("steps");
}

}  // namespace

std::optional<size_t> DagDraft::FindLane(const model::LaneId& id) const {
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].id == id)
      return i;
  return std::nullopt;
}

DagDraft ReadDag(const yaml::Node& root, FileReport* report, const ZoneLookup& zones) {
  return DagReader(root, report, zones).Run();
}

void Instantiate(DagDraft* draft) {
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
}

}  // namespace dagfile
