#include "lineage/open_lineage.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"

namespace lineage {

namespace {

using base::Cat;

constexpr std::string_view kSpec = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
constexpr std::string_view kFacets = "https://openlineage.io/spec/facets/";
constexpr std::string_view kIntegration = "SIGNALBOX";

// As the path of a URI.
std::string PathOf(std::string_view path) {
  constexpr std::string_view kPlain = "-._~/";
  std::string out;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos;
    out +=
        is_plain ? std::string(1, c) : base::ToUpper(Cat("%", base::Hex(std::string_view(&c, 1))));
  }
  return out;
}

// Facets by their published version: the schema's name is in its URL.
std::string SchemaOf(std::string_view version, std::string_view name) {
  return Cat(kFacets, version, "/", name, ".json#/$defs/", name);
}

std::string ProducerOf(const Origin& origin) {
  return Cat("urn:signalbox:", origin.version);
}

class Facets {
 public:
  explicit Facets(const Origin& origin) : producer_(ProducerOf(origin)) {}

  void Add(std::string_view key,
           std::string_view version,
           std::string_view name,
           json::object members) {
    members["_producer"] = producer_;
    members["_schemaURL"] = SchemaOf(version, name);
    all_[key] = std::move(members);
  }
  json::object Take() { return std::move(all_); }

 private:
  const std::string producer_;
  json::object all_;
};

json::object Tag(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", value}, {"source", kIntegration}};
}

// "team:data" is the tag `team` with the value `data`, and "gpu" itself.
json::array TagsOf(const model::Dag& dag) {
  json::array tags;
  for (const std::string& tag : dag.tags) {
    const size_t colon = tag.find(':');
    tags.push_back(colon == std::string::npos ? Tag(tag, tag)
                                              : Tag(tag.substr(0, colon), tag.substr(colon + 1)));
  }
  return tags;
}

// In which language it was written, as far as the message tells.
std::string_view LanguageOf(std::string_view message) {
  for (const std::string_view java : {"java.", "org.apache.", "scala."}) {
    if (message.find(java) != std::string_view::npos)
      return "JAVA";
  }
  return message.find(".py line ") != std::string_view::npos ? "PYTHON" : "UNKNOWN";
}

// What both kinds of runs have.
Facets RunFacetsOf(const Origin& origin, const RunFacts& facts, const Moment& moment) {
  Facets out(origin);
  const base::Interval& interval = facts.run.data_interval;
  json::object nominal{{"nominalStartTime", base::FormatRfc3339(interval.start)}};
  if (interval.end > interval.start)
    nominal["nominalEndTime"] = base::FormatRfc3339(interval.end);
  out.Add("nominalTime", "1-0-1", "NominalTimeRunFacet", std::move(nominal));
  out.Add("processing_engine",
          "1-1-1",
          "ProcessingEngineRunFacet",
          {{"name", "signalbox"},
           {"version", origin.version},
           {"openlineageAdapterVersion", origin.version}});
  if (!moment.message.empty())
    out.Add("errorMessage",
            "1-0-1",
            "ErrorMessageRunFacet",
            {{"message", moment.message}, {"programmingLanguage", LanguageOf(moment.message)}});
  return out;
}

Facets JobFacetsOf(const Origin& origin, const RunFacts& facts, std::string_view type) {
  Facets out(origin);
  const model::Dag& dag = *facts.dag;
  out.Add("jobType",
          "2-0-4",
          "JobTypeJobFacet",
          {{"processingType", "BATCH"}, {"integration", kIntegration}, {"jobType", type}});
  if (!dag.owner.empty())
    out.Add("ownership",
            "1-0-1",
            "OwnershipJobFacet",
            {{"owners", json::array{json::object{{"name", dag.owner}, {"type", "OWNER"}}}}});
  if (!dag.tags.empty())
    out.Add("tags", "1-0-0", "TagsJobFacet", {{"tags", TagsOf(dag)}});
  if (!facts.fileloc.empty())
    out.Add("sourceCodeLocation",
            "1-1-0",
            "SourceCodeLocationJobFacet",
            {{"type", "file"},
             {"url", Cat("file:", PathOf(facts.fileloc))},
             {"path", facts.fileloc},
             {"version", facts.run.version.str()}});
  return out;
}

json::object Event(const Origin& origin,
                   const Moment& moment,
                   json::object run,
                   json::object job,
                   json::array inputs,
                   json::array outputs) {
  return {{"eventType", ToString(moment.type)},
          {"eventTime", base::FormatRfc3339(moment.at)},
          {"producer", ProducerOf(origin)},
          {"schemaURL", Cat(kSpec, "#/$defs/RunEvent")},
          {"run", std::move(run)},
          {"job", std::move(job)},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)}};
}

json::array Datasets(const Origin& origin,
                     const RunFacts& facts,
                     const std::vector<std::string>& assets) {
  json::array out;
  for (const std::string& asset : assets) {
    const auto uri = facts.uris.find(asset);
    const DatasetName name = DatasetOf(origin, asset, uri == facts.uris.end() ? "" : uri->second);
    out.push_back(json::object{{"namespace", name.space}, {"name", name.name}});
  }
  return out;
}

}  // namespace

std::string_view ToString(EventType type) {
  switch (type) {
    case EventType::kStart:
      return "START";
    case EventType::kComplete:
      return "COMPLETE";
    case EventType::kFail:
      return "FAIL";
    case EventType::kAbort:
      return "ABORT";
    case EventType::kOther:
      return "OTHER";
  }
  return "";
}

std::string JobNameOf(const model::DagId& dag) {
  return dag.str();
}

std::string JobNameOf(const model::DagId& dag, const model::JobId& job, const model::LaneId& lane) {
  return Cat(dag.str(), ".", model::DisplayName(job, lane));
}

DatasetName DatasetOf(const Origin& origin, const std::string& asset, const std::string& uri) {
  const size_t scheme = uri.find("://");
  if (scheme == std::string::npos)
    return {origin.space, asset};
  const size_t path = std::min(uri.find('/', scheme + 3), uri.size());
  const std::string name = path < uri.size() ? uri.substr(path + 1) : "";
  return {uri.substr(0, path), name.empty() ? "/" : name};
}

json::object RunEvent(const Origin& origin, const RunFacts& facts, const Moment& moment) {
  const model::RunRow& row = facts.run;
  Facets run = RunFacetsOf(origin, facts, moment);
  run.Add(
      "tags",
      "1-0-0",
      "TagsRunFacet",
      {{"tags",
        json::array{Tag("dag_run_id", row.key.run.str()), Tag("run_type", ToString(row.type))}}});
  Facets job = JobFacetsOf(origin, facts, "DAG");
  const std::string& text =
      facts.dag->description.empty() ? facts.dag->doc_md : facts.dag->description;
  if (!text.empty())
    job.Add("documentation", "1-1-0", "DocumentationJobFacet", {{"description", text}});
  return Event(
      origin,
      moment,
      {{"runId", RunUuid(origin.incarnation, {row.key, row.deletions, facts.round})},
       {"facets", run.Take()}},
      {{"namespace", origin.space}, {"name", JobNameOf(row.key.dag)}, {"facets", job.Take()}},
      {},
      {});
}

json::object AttemptEvent(const Origin& origin,
                          const RunFacts& facts,
                          const model::Job& job,
                          const model::AttemptKey& attempt,
                          const Moment& moment) {
  const model::RunRow& row = facts.run;
  Facets run = RunFacetsOf(origin, facts, moment);
  const json::object parent_run{
      {"runId", RunUuid(origin.incarnation, {row.key, row.deletions, facts.round})}};
  const json::object parent_job{{"namespace", origin.space}, {"name", JobNameOf(row.key.dag)}};
  run.Add("parent",
          "1-2-0",
          "ParentRunFacet",
          {{"run", parent_run},
           {"job", parent_job},
           {"root", json::object{{"run", parent_run}, {"job", parent_job}}}});
  json::array tags{Tag("dag_run_id", row.key.run.str()), Tag("try_number", Cat(attempt.n))};
  if (attempt.job.index >= 0)
    tags.push_back(Tag("map_index", Cat(attempt.job.index)));
  run.Add("tags", "1-0-0", "TagsRunFacet", {{"tags", std::move(tags)}});
  Facets facets = JobFacetsOf(origin, facts, "JOB");
  if (!job.doc_md.empty())
    facets.Add("documentation", "1-1-0", "DocumentationJobFacet", {{"description", job.doc_md}});
  // What failed has made nothing.
  std::vector<std::string> outputs;
  if (moment.type == EventType::kStart || moment.type == EventType::kComplete) {
    for (const model::Outlet& outlet : job.outlets)
      outputs.push_back(outlet.asset);
  }
  return Event(
      origin,
      moment,
      {{"runId", AttemptUuid(origin.incarnation, attempt, row.deletions)}, {"facets", run.Take()}},
      {{"namespace", origin.space},
       {"name", JobNameOf(row.key.dag, attempt.job.job, attempt.job.lane)},
       {"facets", facets.Take()}},
      Datasets(origin, facts, job.inlets),
      Datasets(origin, facts, outputs));
}

json::object SparkParent(const std::string& space,
                         std::string_view incarnation,
                         const model::AttemptKey& attempt,
                         int64_t deletions) {
  const model::JobKey& job = attempt.job;
  return {{"spark.openlineage.parentJobNamespace", space},
          {"spark.openlineage.parentJobName", JobNameOf(job.run.dag, job.job, job.lane)},
          {"spark.openlineage.parentRunId", AttemptUuid(incarnation, attempt, deletions)}};
}

}  // namespace lineage
