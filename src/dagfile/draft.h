#pragma once

// What a DAG file says, before references are resolved and lanes are instantiated. Only for this
// folder. Nodes are cheap handles to the file's tree.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dagfile/assets.h"
#include "dagfile/calendars.h"
#include "dagfile/load.h"
#include "dagfile/notifications.h"
#include "model/dag.h"
#include "yaml/reader.h"
#include "yaml/yaml.h"

namespace dagfile {

// The diagnostics of one file. A file with an error gives no DAG, but for `endless` ones: where a
// wait for another DAG would never end, the job waits and says so, and the rest of its DAG goes on.
struct FileReport {
  explicit FileReport(const std::string& file) : errors(file), endless(file), warnings(file) {}

  yaml::Diagnostics errors;
  yaml::Diagnostics endless;
  yaml::Diagnostics warnings;
};

// One entry of depends_on, as written.
struct Reference {
  enum class Lanes { kSame, kAll, kOne };

  yaml::Mark mark;
  std::string text;
  std::optional<model::DagId> dag;  // none: this one
  model::JobId job;                 // "": the whole run of another DAG
  Lanes lanes = Lanes::kSame;
  model::LaneId lane;  // of kOne
  std::optional<model::Window> window;
  model::Missing missing = model::Missing::kWait;
  model::TriggerRule rule = model::TriggerRule::kAllSuccess;
  bool ends_job = false;
  base::Duration within{0};
  base::Duration offset{0};
  int intervals_back = 0;
};

struct LaneDraft {
  model::LaneId id;
  std::vector<model::LaneId> formerly;
  yaml::Mark mark;
  json::object params;
  std::optional<yaml::Node> overrides;
};

// One entry of on_retry.
struct RetryDraft {
  int from_try = 2;
  yaml::Node overrides;
};

struct GroupDraft {
  std::string path;  // "features.daily"
  yaml::Mark mark;
  model::Group settings;              // without its path
  std::vector<Reference> references;  // of the jobs with which it begins
};

struct JobDraft {
  model::JobId id;
  std::vector<model::JobId> formerly;
  yaml::Mark mark;
  bool laned = false;
  std::vector<Reference> references;
  std::vector<Reference> setups;   // of a teardown
  std::vector<NamedAsset> assets;  // of outlets and inlets
  // Of an emr_job.
  std::string cluster;
  yaml::Mark cluster_mark;
  std::vector<yaml::Node> overrides;  // the later win
  std::optional<yaml::Node> steps;
  std::vector<RetryDraft> on_retry;
  std::optional<base::Duration> expected_duration;  // of its only step
  yaml::Mark expected_duration_mark;
  // Of a command: its texts, each with the path at which it stands or begins ("env.", "").
  std::vector<std::pair<std::string, yaml::Node>> command_texts;
  // Of a trigger_dag_run: where its keys stand, and what stands in `conf`.
  std::map<std::string, yaml::Mark, std::less<>> trigger_marks;
  std::optional<yaml::Node> trigger_conf;
  model::Job settings;  // retries, delays, pool, and the kind of work with its caps
  std::vector<NotifierUse> notifier_uses;
  yaml::Mark deadline_mark;
  yaml::Mark pool_mark;
  yaml::Mark pool_slots_mark;
  yaml::Mark when_mark;
  yaml::Mark outputs_mark;
  yaml::Mark map_mark;    // of map_over's value
  std::string map_file;   // "lists/customers.yaml", until it is resolved; "": none
  yaml::Mark names_mark;  // of map_index_template
  size_t first = 0;       // its first instance in dag.jobs; one per lane, or one
};

// An instance waits for another one, perhaps of another DAG.
struct Edge {
  size_t dag = 0;  // among the drafts
  size_t job = 0;  // in that DAG's jobs
  yaml::Mark mark;
};

struct DagDraft {
  FileReport* report = nullptr;
  bool broken = false;  // by a mistake that stands in another file
  bool jobs_known = false;
  yaml::Mark mark;           // of dag_id
  yaml::Mark formerly_mark;  // of the DAG's former names
  yaml::Mark deadline_mark;
  yaml::Mark schedule_mark;
  std::vector<yaml::Mark> limit_marks;  // beside dag.limits
  bool has_notifications = false;       // of its own; otherwise those of signalbox.yaml count
  std::vector<NotifierUse> notifier_uses;
  model::Dag dag;                  // its jobs are filled in by Instantiate
  std::vector<NamedAsset> assets;  // of its schedule
  std::vector<LaneDraft> lanes;
  std::vector<GroupDraft> groups;  // outer ones first
  std::vector<JobDraft> jobs;
  std::vector<std::vector<Edge>> edges;  // beside dag.jobs

  size_t InstanceCount(const JobDraft& job) const { return job.laned ? lanes.size() : 1; }
  std::optional<size_t> FindLane(const model::LaneId& id) const;
};

// A draft even where there are errors, so that others can refer to it. dag.id is "" where it cannot
// be read.
DagDraft ReadDag(const yaml::Node& root,
                 FileReport* report,
                 const ZoneLookup& zones,
                 const Calendars& calendars);

// depends_on's list.
std::vector<Reference> ReadReferences(const yaml::Node& list, yaml::Diagnostics* errors);

// Once the requests are there: warns of deadlines that are earlier than the earliest end.
void CheckDeadlines(DagDraft& draft, const ZoneLookup& zones);
// The same of those that DAGs share; `root` is that of signalbox.yaml. REQUIRES: no DAG has
// mistakes.
void CheckSharedDeadlines(const std::vector<DagDraft>& drafts,
                          const std::vector<model::SharedDeadline>& deadlines,
                          const yaml::Node& root,
                          const ZoneLookup& zones,
                          yaml::Diagnostics* warnings);

// "there is no DAG 'x' in this project", with one that is meant, or was called so before.
std::string NoSuchDag(const std::vector<DagDraft>& drafts, const std::string& dag);

// lists/*.yaml and lists/*.json, by path: what a job may be mapped over.
struct ListFile {
  json::array items;
  bool broken = false;  // by a mistake that is told in its file
};
using Lists = std::map<std::string, ListFile>;
ListFile ReadList(const yaml::Node& root, yaml::Diagnostics* errors);

// `map_over` and `map_index_template`.
void ReadMapping(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job);
// Takes the items of the files that jobs are mapped over, and reports lists that are too long.
void ResolveLists(DagDraft& draft, const Lists& lists);
// Reports mistakes in the expressions, and jobs that cannot be mapped.
void CheckMappings(DagDraft& draft);

// Reports DAGs that are larger than the limits once their lanes are written out, and takes their
// jobs away: those would not fit into memory.
void RefuseHuge(std::vector<DagDraft>& drafts, const Limits& limits);

// About what a value takes as text.
size_t SizeOf(const json::value& value);

// Fills in dag.jobs (not their requests and edges) and finds jobs that would be shown alike.
void Instantiate(DagDraft* draft);

// Fills in upstream, cross and edges. `all_readable`: there is no DAG file whose jobs are unknown.
struct ResolveOptions {
  bool all_readable = true;
};
void ResolveReferences(std::vector<DagDraft>& drafts, const ResolveOptions& options);

// Fills in Job::setups once upstream is there: which jobs stand between a setup and its teardowns.
void FindScopes(DagDraft& draft);

// Reports mistakes in `when`.
void CheckConditions(DagDraft& draft);

// Reports windows that find no run, in all or in some of the years ahead.
void CheckWindows(std::vector<DagDraft>& drafts, const ZoneLookup& zones);

// Reports groups whose jobs cannot be tried again together.
void CheckGroups(DagDraft& draft);

// Reports jobs that wait for each other, in one DAG or across several. The edges end there.
void ReportCycles(std::vector<DagDraft>& drafts);

}  // namespace dagfile
