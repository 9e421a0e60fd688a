#include "wire/shape.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/text.h"
#include "wire/emr_shapes.h"

namespace wire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Findings(std::string_view text, const ShapeOptions& options = {}) {
  std::vector<std::string> out;
  for (const ShapeFinding& each :
       CheckShape(kRunJobFlowInput, *base::ParseJson(text, "the request"), options))
    out.push_back(base::Cat(each.path, ": ", each.message));
  return out;
}

TEST(Shape, AcceptsARequestThatFits) {
  EXPECT_THAT(Findings(R"({"Name": "n", "Instances": {"InstanceFleets": [
                {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
                 "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "Priority": 0.5}]}]},
                "Configurations": [{"Classification": "a", "Configurations": [
                  {"Classification": "b", "Properties": {"k": "v"}}]}]})"),
              IsEmpty());
}

TEST(Shape, NamesTheNearestMember) {
  EXPECT_THAT(
      Findings(R"({"Name": "n", "Instances": {"InstanceFleet": []},
                          "release_label": "emr-7.0.0", "Qqqqqq": 1})"),
      ElementsAre(
          "Instances.InstanceFleet: is not a known member; did you mean \"InstanceFleets\"?",
          "release_label: is not a known member; did you mean \"ReleaseLabel\"?",
          "Qqqqqq: is not a known member"));
  EXPECT_THAT(Findings(R"({"Name": "n", "Instances": {}, "Qqqqqq": 1})", {.allow_unknown = true}),
              IsEmpty());
}

TEST(Shape, ReportsWhatIsMissingAtEveryLevel) {
  EXPECT_THAT(Findings(R"({"Steps": [{"Name": "s", "HadoopJarStep": {}}]})"),
              ElementsAre("Steps[0].HadoopJarStep.Jar: is required",
                          "Name: is required",
                          "Instances: is required"));
}

TEST(Shape, ReportsWrongTypes) {
  EXPECT_THAT(Findings(R"({"Name": 3, "Instances": [], "VisibleToAllUsers": "yes",
                           "StepConcurrencyLevel": 1.5, "EbsRootVolumeSize": 3000000000,
                           "LogUri": null,
                           "Configurations": [{"Properties": {"spark.cores": 4}}]})"),
              ElementsAre("Name: expected a string, got 3 (quote it)",
                          "Instances: expected a map, got a list",
                          "VisibleToAllUsers: expected true or false, got the string \"yes\"",
                          "StepConcurrencyLevel: expected an integer, got 1.5",
                          "EbsRootVolumeSize: 3000000000 does not fit into 32 bits",
                          "LogUri: expected a string, got null",
                          "Configurations[0].Properties.spark.cores: expected a string, got 4 "
                          "(quote it)"));
}

TEST(Shape, ReportsEnumerationsLengthsAndRanges) {
  std::string long_name = base::Cat(std::string(255, 'a'), "üü");
  EXPECT_THAT(
      Findings(base::Cat(R"({"Name": ")", long_name, R"(", "Instances": {},
                 "ScaleDownBehavior": "terminate_at_task_completion",
                 "StepExecutionRoleArn": "short",
                 "ManagedScalingPolicy": {"UtilizationPerformanceIndex": 101}})")),
      ElementsAre("Name: has 257 characters; at most 256 are allowed",
                  "ScaleDownBehavior: \"terminate_at_task_completion\" is not one of "
                  "TERMINATE_AT_INSTANCE_HOUR, TERMINATE_AT_TASK_COMPLETION; did you mean "
                  "\"TERMINATE_AT_TASK_COMPLETION\"?",
                  "StepExecutionRoleArn: has 5 characters; at least 20 are required",
                  "ManagedScalingPolicy.UtilizationPerformanceIndex: 101 is more than 100"));
}

TEST(Shape, LeavesUnrenderedTemplatesAlone) {
  std::string_view text = R"({"Name": "run {{ ds }}", "Instances": "{{ params.instances }}",
    "StepConcurrencyLevel": "{{ params.n }}", "ScaleDownBehavior": "TERMINATE_{{ x }}",
    "EbsRootVolumeSize": "{{ a }}{{ b }}"})";
  EXPECT_THAT(Findings(text, {.allow_templates = true}),
              ElementsAre("EbsRootVolumeSize: expected an integer, got the string "
                          "\"{{ a }}{{ b }}\""));
  EXPECT_EQ(Findings(text).size(), 4U);
}

// Compares a table with botocore's model of the same shape, member by member.
class ModelComparison {
 public:
  explicit ModelComparison(const json::object& shapes) : shapes_(shapes) {}

  void Compare(const Shape& ours, const std::string& name) {
    if (!seen_.insert(name).second)
      return;
    SCOPED_TRACE(name);
    const json::object& theirs = base::GetObject(shapes_, name);
    const std::string type = base::GetString(theirs, "type");
    EXPECT_EQ(TypeName(ours.kind), type);
    CompareLimits(ours, theirs);
    if (type == "list") {
      Compare(*ours.element, base::GetString(theirs, "member.shape"));
    } else if (type == "map") {
      Compare(*ours.key, base::GetString(theirs, "key.shape"));
      Compare(*ours.element, base::GetString(theirs, "value.shape"));
    } else if (type == "structure") {
      CompareMembers(ours, theirs);
    }
  }

  size_t seen() const { return seen_.size(); }

 private:
  static std::string TypeName(ShapeKind kind) {
    switch (kind) {
      case ShapeKind::kString:
        return "string";
      case ShapeKind::kInteger:
        return "integer";
      case ShapeKind::kLong:
        return "long";
      case ShapeKind::kDouble:
        return "double";
      case ShapeKind::kBoolean:
        return "boolean";
      case ShapeKind::kTimestamp:
        return "timestamp";
      case ShapeKind::kList:
        return "list";
      case ShapeKind::kMap:
        return "map";
      case ShapeKind::kStruct:
        return "structure";
    }
    return "";
  }

  static std::set<std::string> Texts(const json::array& array) {
    std::set<std::string> out;
    for (const json::value& each : array)
      out.emplace(each.as_string().c_str());
    return out;
  }

  static void CompareLimits(const Shape& ours, const json::object& theirs) {
    EXPECT_EQ(std::set<std::string>(ours.values.begin(), ours.values.end()),
              Texts(base::GetArray(theirs, "enum")));
    EXPECT_EQ(ours.min.has_value(), theirs.contains("min"));
    EXPECT_EQ(ours.max.has_value(), theirs.contains("max"));
    if (ours.min)
      EXPECT_EQ(static_cast<double>(*ours.min), base::GetDouble(theirs, "min"));
    if (ours.max)
      EXPECT_EQ(static_cast<double>(*ours.max), base::GetDouble(theirs, "max"));
  }

  void CompareMembers(const Shape& ours, const json::object& theirs) {
    std::set<std::string> names, required;
    for (const Member& member : ours.members) {
      names.emplace(member.name);
      if (member.presence == Presence::kRequired)
        required.emplace(member.name);
    }
    std::set<std::string> model_names;
    for (const auto& [name, member] : base::GetObject(theirs, "members"))
      model_names.emplace(name);
    EXPECT_EQ(names, model_names);
    EXPECT_EQ(required, Texts(base::GetArray(theirs, "required")));
    for (const Member& member : ours.members) {
      Compare(*member.shape, base::GetString(theirs, base::Cat("members.", member.name, ".shape")));
    }
  }

  const json::object& shapes_;
  std::set<std::string> seen_;
};

TEST(EmrShapes, AgreeWithBotocoresModel) {
  const char* path = std::getenv("SIGNALBOX_BOTOCORE_EMR_MODEL");
  if (path == nullptr)
    GTEST_SKIP() << "SKIPPED: SIGNALBOX_BOTOCORE_EMR_MODEL is not set";
  std::ifstream in(std::filesystem::path(SIGNALBOX_SOURCE_DIR) / path);
  std::stringstream text;
  text << in.rdbuf();
  base::Result<json::value> model = base::ParseJson(text.str(), path);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  ModelComparison comparison(base::GetObject(model->as_object(), "shapes"));
  comparison.Compare(kRunJobFlowInput, "RunJobFlowInput");
  EXPECT_GT(comparison.seen(), 90U);
}

TEST(Shape, ScalarsBecomeTextsOnlyWhereTextsAreWanted) {
  json::value request = base::ParseJson(R"({"Instances":{"InstanceCount":3},
      "Steps":[{"Name":"n","HadoopJarStep":{"Jar":"j","Args":["a",2,true,0.5]}}],
      "Configurations":[{"Properties":{"p":200}}],"Unknown":7})")
                            .value();
  WriteScalarsAsTexts(kRunJobFlowInput, request);
  EXPECT_EQ(base::Canonical(request.at("Steps").at(0).at("HadoopJarStep").at("Args").at(1)),
            "\"2\"");
  EXPECT_EQ(base::Canonical(request.at("Steps").at(0).at("HadoopJarStep").at("Args").at(2)),
            "\"True\"");
  EXPECT_EQ(base::Canonical(request.at("Steps").at(0).at("HadoopJarStep").at("Args").at(3)),
            "\"0.5\"");
  EXPECT_EQ(base::Canonical(request.at("Configurations").at(0).at("Properties").at("p")),
            "\"200\"");
  EXPECT_EQ(request.at("Instances").at("InstanceCount"), 3);
  EXPECT_EQ(request.at("Unknown"), 7);
}

}  // namespace
}  // namespace wire
