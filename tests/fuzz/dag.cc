#include "base/check.h"
#include "dagfile/load.h"
#include "emr/request_check.h"
#include "model/dag_json.h"
#include "targets.h"

namespace fuzz {
namespace {

constexpr std::string_view kProject = "deployment: demo\npools: {clusters: 24}\n";
constexpr std::string_view kCluster =
    "ReleaseLabel: emr-7.1.0\n"
    "ServiceRole: s\n"
    "JobFlowRole: p\n"
    "Instances:\n"
    "  InstanceFleets:\n"
    "    - InstanceFleetType: MASTER\n"
    "      TargetOnDemandCapacity: 1\n"
    "      InstanceTypeConfigs: [{InstanceType: m5.xlarge}]\n";
constexpr std::string_view kOtherDag =
    "dag_id: other\n"
    "schedule: '@daily'\n"
    "start_date: 2026-01-01\n"
    "tasks:\n"
    "  base_table: {type: empty}\n";

std::shared_ptr<const schedule::TimeZone> FindZone(std::string_view name) {
  static const auto kUtc = std::make_shared<const schedule::TimeZone>(schedule::TimeZone::Utc());
  return name == "UTC" ? kUtc : nullptr;
}

bool IsTaken(const json::object& request) {
  return std::ranges::none_of(emr::CheckRunJobFlow(request), [](const emr::Finding& finding) {
    return finding.severity == emr::Severity::kError;
  });
}

// As it will be merged: the patches of on_retry one after the other.
void CheckEveryTry(const model::Job& job) {
  const model::EmrWork* work = model::EmrOf(job);
  if (work == nullptr)
    return;
  json::object request = work->request;
  request["Name"] = "sbx";
  CHECK(IsTaken(request));
  for (const model::RetryPatch& patch : work->on_retry) {
    base::DeepMerge(request, patch.overrides);
    CHECK(IsTaken(request));
    CHECK(!base::GetBool(request, "Instances.KeepJobFlowAliveWhenNoSteps"));
  }
}

}  // namespace

// One DAG file in a project that is otherwise good: its DAG or a reason, what was loaded survives
// being stored, and EMR would take the request of every try.
void FuzzDag(std::string_view bytes) {
  const dagfile::Loaded loaded =
      dagfile::LoadProject({{"signalbox.yaml", std::string(kProject)},
                            {"clusters/spot.yaml", std::string(kCluster)},
                            {"dags/a.yaml", std::string(bytes)},
                            {"dags/other.yaml", std::string(kOtherDag)}},
                           FindZone);
  CHECK(loaded.project.has_value());
  CHECK(loaded.dags.size() == 2 || !loaded.errors.empty());
  for (const auto& dag : loaded.dags) {
    const auto stored = model::DagFromJson(model::DagToJson(*dag));
    CHECK(stored.has_value());
    CHECK((*stored)->version == dag->version);
    for (const model::Job& job : dag->jobs)
      CheckEveryTry(job);
  }
}

}  // namespace fuzz
