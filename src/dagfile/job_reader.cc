#include "dagfile/job_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dagfile/airflow_tasks.h"
#include "dagfile/commands.h"
#include "dagfile/deadline_reader.h"
#include "dagfile/former_names.h"
#include "dagfile/ids.h"
#include "dagfile/triggers.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::array<std::string_view, 6> kLaterTypes = {
    "python", "http", "sensor", "branch", "emr_serverless", "sql"};
constexpr std::string_view kTypeNames[] = {
    "emr_job", "command", "trigger_dag_run", model::kAirflowTaskType, "empty"};

constexpr std::string_view kTypes = "emr_job, command, trigger_dag_run, airflow_task or empty";

std::string NoSuchType(const std::string& type) {
  const bool is_shell = type == "shell" || type == "bash";
  const auto near = is_shell
                        ? std::optional<std::string>("command")
                        : base::DidYouMean(type, {std::begin(kTypeNames), std::end(kTypeNames)});
  return Cat(
      "there is no job type '",
      type,
      "'; ",
      near ? Cat("did you mean '", *near, "'?")
           : std::string("there are emr_job, command, trigger_dag_run, airflow_task and empty"));
}

class JobReader {
 public:
  JobReader(const yaml::Member& member, const Surroundings& around, yaml::Diagnostics* errors)
      : member_(member),
        around_(around),
        errors_(errors),
        reader_(member.value, Cat("the job '", member.key, "'"), errors) {}

  JobDraft Run();

 private:
  std::optional<model::Work> ReadType();
  void ReadLanes();
  void ReadRole();
  void ReadTeardown(const yaml::Node& node);
  void ReadCluster();

  const yaml::Member& member_;
  const Surroundings& around_;
  yaml::Diagnostics* errors_;
  yaml::MapReader reader_;
  JobDraft job_;
};

JobDraft JobReader::Run() {
  job_.mark = member_.key_mark;
  job_.id = model::JobId(member_.key);
  job_.settings.group = around_.group;
  if (!IsJobId(member_.key))
    errors_->Add(member_.key_mark,
                 Cat("'",
                     member_.key,
                     "' is no job id: a letter, then at most 99 letters, digits, "
                     "'_' and '-'"));
  if (!reader_.is_map())
    return std::move(job_);
  const auto type = ReadType();
  const bool is_emr =
      type ? std::holds_alternative<model::EmrWork>(*type) : member_.value.Find("steps") != nullptr;
  const bool is_trigger = type && std::holds_alternative<model::TriggerWork>(*type);
  const bool is_process = type && std::holds_alternative<model::CommandWork>(*type);
  const bool is_airflow = is_process && std::get<model::CommandWork>(*type).airflow;
  const bool is_command = is_process && !is_airflow;
  if (is_emr)
    job_.settings.work.emplace<model::EmrWork>();
  if (is_trigger)
    job_.settings.work.emplace<model::TriggerWork>();
  if (is_process)
    job_.settings.work.emplace<model::CommandWork>();
  if (auto references = reader_.Optional<yaml::Node>("depends_on"))
    job_.references = ReadReferences(*references, errors_);
  ReadLanes();
  // Without a known type every key of an emr_job is read, so that its mistakes are told too.
  if (type && is_emr && member_.value.Find("cluster") == nullptr)
    errors_->Add(member_.key_mark, Cat("the job '", member_.key, "' needs the key 'cluster'"));
  Settle(ReadPolicy(reader_, errors_), around_.defaults, &job_);
  ReadRole();
  job_.settings.when = reader_.Optional<std::string>("when").value_or("");
  job_.when_mark = reader_.MarkOf("when");
  ReadMapping(reader_, errors_, &job_);
  if (const auto outlets = reader_.Optional<yaml::Node>("outlets"))
    job_.settings.outlets = ReadOutlets(*outlets, job_.assets, errors_);
  if (const auto inlets = reader_.Optional<yaml::Node>("inlets"))
    job_.settings.inlets = ReadInlets(*inlets, job_.assets, errors_);
  for (std::string& name : ReadFormerNames(reader_, job_.id.str(), IsJobId, errors_))
    job_.formerly.emplace_back(std::move(name));
  job_.settings.doc_md = reader_.Optional<std::string>("doc_md").value_or("");
  job_.settings.deadline = ReadDeadline(reader_, errors_);
  job_.deadline_mark = reader_.MarkOf("deadline");
  // Its own words come before those of `email`.
  if (auto rules = ReadNotifications(reader_, RulePlace::kJob, &job_.notifier_uses, errors_))
    job_.settings.notifications.insert(
        job_.settings.notifications.begin(), rules->begin(), rules->end());
  if (is_trigger)
    ReadTrigger(reader_, errors_, &job_);
  else
    RefuseTrigger(reader_);
  if (is_command)
    ReadCommand(reader_, errors_, &job_);
  else
    RefuseCommand(reader_);
  if (is_airflow)
    ReadAirflowTask(reader_, errors_, &job_);
  else
    RefuseAirflowTask(reader_);
  if (type && !is_emr) {
    RefuseClusterPolicy(reader_, is_process);
  } else {
    ReadCluster();
    ReadClusterPolicy(reader_, errors_, &job_);
  }
  NotYet(reader_);
  reader_.Later({"params", "pools", "owner"});
  reader_.Finish();
  return std::move(job_);
}

std::optional<model::Work> JobReader::ReadType() {
  auto type = reader_.Optional<std::string>("type");
  if (!type) {
    if (member_.value.Find("type") != nullptr)
      return std::nullopt;  // it was no text, and that has been told
    if (member_.value.Find("cluster") != nullptr || member_.value.Find("steps") != nullptr)
      return model::EmrWork();
    errors_->Add(member_.key_mark, Cat("the job '", member_.key, "' needs a 'type': ", kTypes));
    return std::nullopt;
  }
  if (*type == "emr_job")
    return model::EmrWork();
  if (*type == "trigger_dag_run")
    return model::TriggerWork();
  if (*type == "command")
    return model::CommandWork();
  if (*type == model::kAirflowTaskType)
    return model::CommandWork{.airflow = model::AirflowTask()};
  if (*type == "empty")
    return model::EmptyWork();
  if (std::find(kLaterTypes.begin(), kLaterTypes.end(), *type) != kLaterTypes.end())
    reader_.Error("type", Cat("'type: ", *type, "' is not supported yet in this version"));
  else
    reader_.Error("type", NoSuchType(*type));
  return std::nullopt;
}

void JobReader::ReadLanes() {
  job_.laned = around_.has_lanes;
  if (auto lanes = reader_.Optional<yaml::Node>("lanes")) {
    if (lanes->raw() != "none")
      reader_.Error("lanes", "'lanes' of a job may only be none: the job runs once, for all lanes");
    job_.laned = false;
  }
}

// `setup: true`, `teardown: true`, or `teardown: {setups: […], on_failure_fail_dagrun: …}`.
void JobReader::ReadRole() {
  const bool is_setup = reader_.Optional<bool>("setup").value_or(false);
  if (is_setup)
    job_.settings.role = model::Role::kSetup;
  auto teardown = reader_.Optional<yaml::Node>("teardown");
  if (!teardown)
    return;
  ReadTeardown(*teardown);
  if (job_.settings.role != model::Role::kTeardown)
    return;
  if (is_setup)
    reader_.Error("setup", "a job is a setup or a teardown, not both");
  if (member_.value.Find("trigger_rule") != nullptr)
    reader_.Error("trigger_rule",
                  "a teardown has no 'trigger_rule': it runs once all before it are done and one "
                  "of its setups has succeeded");
  job_.settings.trigger_rule = model::TriggerRule::kAllDoneSetupSuccess;
}

void JobReader::ReadTeardown(const yaml::Node& node) {
  if (!node.is_map()) {
    if (yaml::Read<bool>(node, "'teardown'", errors_).value_or(false))
      job_.settings.role = model::Role::kTeardown;
    return;
  }
  job_.settings.role = model::Role::kTeardown;
  yaml::MapReader map(node, "'teardown'", errors_);
  if (auto setups = map.Optional<yaml::Node>("setups"))
    job_.setups = ReadReferences(*setups, errors_);
  for (const Reference& setup : job_.setups)
    if (setup.dag)
      errors_->Add(setup.mark, "a teardown's setups are jobs of its own DAG");
  job_.settings.on_failure_fail_dagrun =
      map.Optional<bool>("on_failure_fail_dagrun").value_or(false);
  map.Finish();
}

void JobReader::ReadCluster() {
  if (auto cluster = reader_.Optional<yaml::Node>("cluster")) {
    job_.cluster_mark = cluster->mark();
    if (cluster->is_map()) {
      yaml::MapReader map(*cluster, "'cluster'", errors_);
      job_.cluster = map.Required<std::string>("template").value_or("");
      job_.cluster_mark = map.MarkOf("template");
      if (auto overrides = map.Optional<yaml::Node>("overrides"))
        job_.overrides.push_back(*overrides);
      map.Finish();
    } else {
      job_.cluster = yaml::Read<std::string>(*cluster, "'cluster'", errors_).value_or("");
    }
  }
  if (auto overrides = reader_.Optional<yaml::Node>("overrides"))
    job_.overrides.push_back(*overrides);
  job_.steps = reader_.Optional<yaml::Node>("steps");
  if (auto outputs = reader_.Optional<std::string>("outputs")) {
    job_.outputs_mark = reader_.MarkOf("outputs");
    if (auto* work = std::get_if<model::EmrWork>(&job_.settings.work))
      work->outputs = *outputs;
  }
}

}  // namespace

void NotYet(yaml::MapReader& reader) {
  reader.Later({"on_failure",
                "on_success",
                "on_failure_callback",
                "on_success_callback",
                "on_retry_callback",
                "sla",
                "budget"});
}

JobDraft ReadJob(const yaml::Member& member,
                 const Surroundings& around,
                 yaml::Diagnostics* errors) {
  return JobReader(member, around, errors).Run();
}

}  // namespace dagfile
