#include "lineage/open_lineage.h"

#include <gtest/gtest.h>

#include "base/json_text.h"
#include "base/text.h"

namespace lineage {
namespace {

const Origin kOrigin{"box", "0123456789abcdef0123456789abcdef", "1.2"};

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

RunFacts Facts() {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("nightly");
  dag->description = "each night";
  dag->owner = "team:data";
  dag->tags = {"gpu", "team:a"};
  model::Job job;
  job.id = model::JobId("train");
  job.lane = model::LaneId("2");
  job.doc_md = "fits";
  job.inlets = {"raw", "plain"};
  job.outlets = {{"model", {}}};
  dag->jobs.push_back(job);
  RunFacts facts;
  facts.dag = dag;
  facts.run.key = {dag->id, model::RunId("r 1")};
  facts.run.version = model::VersionId("v1");
  facts.run.data_interval = {At("2026-01-04T00:00Z"), At("2026-01-05T00:00Z")};
  facts.run.deletions = 1;
  facts.round = 2;
  facts.fileloc = "dags/a b.yaml";
  facts.uris = {{"raw", "s3://lake/raw/x"}, {"plain", "plain"}, {"model", "s3://lake"}};
  return facts;
}

model::AttemptKey Attempt(int index = -1) {
  return {{Facts().run.key, model::JobId("train"), model::LaneId("2"), index}, 3};
}

// uuid.uuid5 of Python has made the ids here.
TEST(OpenLineage, ARunThatFailed) {
  const json::object event =
      RunEvent(kOrigin, Facts(), {EventType::kFail, At("2026-01-05T02:30Z"), "train failed"});
  EXPECT_EQ(
      base::Serialize(event),
      R"({"eventType":"FAIL","eventTime":"2026-01-05T02:30:00Z",)"
      R"("producer":"urn:signalbox:1.2",)"
      R"("schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",)"
      R"("run":{"runId":"88b807ab-ff40-5dd0-a864-92f97149fd22",)"
      R"("facets":{"nominalTime":{"nominalStartTime":"2026-01-04T00:00:00Z",)"
      R"("nominalEndTime":"2026-01-05T00:00:00Z","_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet"},)"
      R"("processing_engine":{"name":"signalbox","version":"1.2",)"
      R"("openlineageAdapterVersion":"1.2","_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet"},)"
      R"("errorMessage":{"message":"train failed","programmingLanguage":"UNKNOWN",)"
      R"("_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"},)"
      R"("tags":{"tags":[{"key":"dag_run_id","value":"r 1","source":"SIGNALBOX"},)"
      R"({"key":"run_type","value":"scheduled","source":"SIGNALBOX"}],)"
      R"("_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-0-0/TagsRunFacet.json#/$defs/TagsRunFacet"}}},)"
      R"("job":{"namespace":"box","name":"nightly",)"
      R"("facets":{"jobType":{"processingType":"BATCH","integration":"SIGNALBOX",)"
      R"("jobType":"DAG","_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"},)"
      R"("ownership":{"owners":[{"name":"team:data","type":"OWNER"}],)"
      R"("_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-0-1/OwnershipJobFacet.json#/$defs/OwnershipJobFacet"},)"
      R"("tags":{"tags":[{"key":"gpu","value":"gpu","source":"SIGNALBOX"},)"
      R"({"key":"team","value":"a","source":"SIGNALBOX"}],)"
      R"("_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-0-0/TagsJobFacet.json#/$defs/TagsJobFacet"},)"
      R"("sourceCodeLocation":{"type":"file","url":"file:dags/a%20b.yaml",)"
      R"("path":"dags/a b.yaml","version":"v1","_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet"},)"
      R"("documentation":{"description":"each night","_producer":"urn:signalbox:1.2",)"
      R"("_schemaURL":"https://openlineage.io/spec/facets/1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet"}}},)"
      R"("inputs":[],"outputs":[]})");
}

TEST(OpenLineage, AnAttemptNamesItsRunAndItsData) {
  const json::value begun = AttemptEvent(kOrigin,
                                         Facts(),
                                         Facts().dag->jobs[0],
                                         Attempt(7),
                                         {EventType::kStart, At("2026-01-05T02:00Z"), ""});
  EXPECT_EQ(begun.at_pointer("/run/runId"), "27d46d69-0a58-55a2-aad8-e2d517668ff1");
  EXPECT_EQ(begun.at_pointer("/run/facets/parent/run/runId"),
            "88b807ab-ff40-5dd0-a864-92f97149fd22");
  EXPECT_EQ(begun.at_pointer("/run/facets/parent/job/name"), "nightly");
  EXPECT_EQ(begun.at_pointer("/run/facets/tags/tags/2/value"), "7");
  EXPECT_EQ(begun.at_pointer("/job/name"), "nightly.train_2");
  EXPECT_EQ(begun.at_pointer("/job/facets/jobType/jobType"), "JOB");
  EXPECT_EQ(base::Serialize(begun.at("inputs")),
            R"([{"namespace":"s3://lake","name":"raw/x"},{"namespace":"box","name":"plain"}])");
  EXPECT_EQ(base::Serialize(begun.at("outputs")), R"([{"namespace":"s3://lake","name":"/"}])");
}

TEST(OpenLineage, WhatFailedHasMadeNothing) {
  const std::string cause = "ModuleNotFoundError: No module named 'x' (train.py line 12, in main)";
  const json::value failed = AttemptEvent(kOrigin,
                                          Facts(),
                                          Facts().dag->jobs[0],
                                          Attempt(),
                                          {EventType::kFail, At("2026-01-05T02:30Z"), cause});
  EXPECT_EQ(failed.at("outputs"), json::array());
  EXPECT_EQ(failed.at_pointer("/run/facets/errorMessage/message"), json::value(cause));
  EXPECT_EQ(failed.at_pointer("/run/facets/errorMessage/programmingLanguage"), "PYTHON");
}

TEST(OpenLineage, SparkIsToldItsParent) {
  EXPECT_EQ(
      base::Serialize(SparkParent("box", kOrigin.incarnation, Attempt(), 1)),
      base::Cat(R"({"spark.openlineage.parentJobNamespace":"box",)",
                R"("spark.openlineage.parentJobName":"nightly.train_2",)",
                R"("spark.openlineage.parentRunId":"351589b2-ff6f-5ba9-b2d4-13247307c6f9"})"));
}

}  // namespace
}  // namespace lineage
