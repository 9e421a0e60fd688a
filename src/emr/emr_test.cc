#include <gtest/gtest.h>

#include "emr/health.h"
#include "emr/name.h"
#include "emr/replies.h"
#include "emr/request.h"
#include "emr/verdict.h"

namespace emr {
namespace {

using model::ClusterPhase;
using model::StepState;
using model::VerdictClass;

LaunchIdentity Identity(std::string dag = "d",
                        std::string run = "scheduled__2026-01-05",
                        std::string lane = "2") {
  LaunchIdentity id{"delphi", "0123456789abcdef0123456789abcdef", {}, {}};
  id.attempt.job = {
      {model::DagId(dag), model::RunId(run)}, model::JobId("training"), model::LaneId(lane)};
  id.attempt.n = 1;
  id.token = ComputeToken(id.incarnation, id.attempt, 0);
  return id;
}

TEST(ClusterName, CarriesTheTokenInFrontAndReadsBack) {
  LaunchIdentity id = Identity();
  std::string name = ClusterName(id);
  EXPECT_EQ(name,
            "sbx-delphi-012345-" + id.token.str() + " d scheduled__2026-01-05 training_2 try 1");
  auto parsed = ParseClusterName(name);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->token, id.token);
  EXPECT_TRUE(IsOurs(*parsed, "delphi", id.incarnation));
  EXPECT_FALSE(IsOurs(*parsed, "delphi", "ffffffffffffffffffffffffffffffff"));
  EXPECT_FALSE(IsOurs(*parsed, "other", id.incarnation));
}

TEST(ClusterName, L12_StaysWithin256AndKeepsTokenAndTry) {
  for (size_t dag = 1; dag <= 250; dag += 7) {
    for (size_t run = 1; run <= 250; run += 31) {
      std::string name = ClusterName(Identity(std::string(dag, 'd'), std::string(run, 'r')));
      EXPECT_LE(name.size(), 256u);
      EXPECT_TRUE(name.ends_with(" training_2 try 1")) << name;
      EXPECT_TRUE(ParseClusterName(name));
    }
  }
}

TEST(ClusterName, ForeignNamesAreNotOurs) {
  for (const char* name : {"", "nightly", "sbx-", "sbx-delphi-012345", "sbx-delphi-012345-short x"})
    EXPECT_FALSE(ParseClusterName(name)) << name;
}

TEST(Token, DiffersInEveryPart) {
  LaunchIdentity a = Identity(), b = Identity();
  b.attempt.n = 2;
  EXPECT_NE(a.token, ComputeToken(b.incarnation, b.attempt, 0));
  EXPECT_NE(a.token, ComputeToken(a.incarnation, a.attempt, 1));
  EXPECT_NE(a.token, ComputeToken("other", a.attempt, 0));
  EXPECT_EQ(a.token.str().size(), 20u);
}

TEST(Request, InsistsOnDyingByItself) {
  json::object in{{"Instances", json::object{{"KeepJobFlowAliveWhenNoSteps", true}}},
                  {"Name", "x"}};
  json::object out = BuildRunJobFlow(in, Identity());
  EXPECT_FALSE(base::GetBool(out, "Instances.KeepJobFlowAliveWhenNoSteps", true));
  EXPECT_TRUE(ParseClusterName(base::GetString(out, "Name")));
  EXPECT_EQ(base::GetArray(out, "Tags").size(), 7u);
}

TEST(Request, ArgumentsAreTextsWhateverTheTemplateGave) {
  json::object in =
      base::ParseJson(R"({"Steps":[{"HadoopJarStep":{"Args":["--try",2]}}]})")->as_object();
  json::value out = BuildRunJobFlow(in, Identity());
  EXPECT_EQ(base::Canonical(out.at("Steps").at(0).at("HadoopJarStep")),
            R"({"Args":["--try","2"]})");
}

TEST(Health, CountsRunningNodesOnlyWhereSomeAreWanted) {
  using model::FleetRole;
  auto fleet = [](FleetRole role, int target, int running) {
    return model::FleetView{"if-1", role, "RESIZING", target, running};
  };
  EXPECT_EQ(LookAtFleets({fleet(FleetRole::kMaster, 1, 1), fleet(FleetRole::kCore, 4, 0)}),
            model::ClusterHealth::kZeroCore);
  EXPECT_EQ(LookAtFleets({fleet(FleetRole::kMaster, 1, 0), fleet(FleetRole::kCore, 4, 0)}),
            model::ClusterHealth::kZeroMaster);
  EXPECT_EQ(LookAtFleets({fleet(FleetRole::kMaster, 1, 1), fleet(FleetRole::kCore, 0, 0)}),
            model::ClusterHealth::kOk);
  EXPECT_EQ(LookAtFleets({fleet(FleetRole::kMaster, 1, 1)}), model::ClusterHealth::kOk);
  EXPECT_EQ(LookAtFleets({}), model::ClusterHealth::kOk);
}

struct VerdictCase {
  ClusterPhase phase;
  std::string code, message;
  std::vector<StepState> steps;
  VerdictClass wanted;
};

TEST(Verdict, W7_ComesFromReasonAndStepsNeverFromTheStateAlone) {
  const ClusterPhase ok = ClusterPhase::kTerminated, bad = ClusterPhase::kTerminatedWithErrors;
  const StepState done = StepState::kCompleted, failed = StepState::kFailed;
  const StepState cancelled = StepState::kCancelled;
  const VerdictClass infra = VerdictClass::kInfrastructure, app = VerdictClass::kApplication;
  for (const VerdictCase& c : std::vector<VerdictCase>{
           {ok, "ALL_STEPS_COMPLETED", "Steps completed", {done, done}, VerdictClass::kSuccess},
           {ok, "", "", {done}, VerdictClass::kSuccess},
           {ok,
            "USER_REQUEST",
            "Terminated by user request",
            {done, cancelled},
            VerdictClass::kUser},
           {ok, "STEP_FAILURE", "Steps completed with errors", {done, failed}, app},
           {ok, "ALL_STEPS_COMPLETED", "", {done, failed}, app},
           {ok, "ALL_STEPS_COMPLETED", "", {done, cancelled}, infra},
           {ok, "", "", {}, infra},
           {bad, "STEP_FAILURE", "Shut down as step failed", {failed, cancelled}, app},
           {bad, "INSTANCE_FAILURE", "The master node was terminated", {cancelled}, infra},
           {bad, "INSTANCE_FAILURE", "All slaves …", {failed}, infra},
           {bad, "BOOTSTRAP_FAILURE", "", {cancelled}, infra},
           {bad, "INTERNAL_ERROR", "EC2 is out of capacity", {cancelled}, infra},
           {bad,
            "VALIDATION_ERROR",
            "EMR service role is invalid",
            {cancelled},
            VerdictClass::kConfiguration},
           {bad, "VALIDATION_ERROR", "The subnet is not large enough", {cancelled}, infra},
           {ClusterPhase::kLost, "", "", {done}, infra}}) {
    ClusterEnd end{c.phase, c.code, c.message, {}};
    for (StepState state : c.steps)
      end.steps.push_back({"s-1", "label", state, "", {}, {}});
    Verdict verdict = Judge(end);
    EXPECT_EQ(verdict.verdict, c.wanted) << c.code << " " << c.message << ": " << verdict.reason;
    EXPECT_FALSE(verdict.reason.empty());
  }
}

TEST(Verdict, AWaitingClusterIsJudgedOnlyWhenNoStepCanRun) {
  auto steps = [](std::vector<StepState> states) {
    std::vector<model::StepView> out;
    for (StepState state : states)
      out.push_back({"s", "n", state, "", {}, {}});
    return out;
  };
  EXPECT_FALSE(JudgeWaiting({}));
  EXPECT_FALSE(JudgeWaiting(steps({StepState::kCompleted, StepState::kRunning})));
  EXPECT_EQ(JudgeWaiting(steps({StepState::kCompleted}))->verdict, VerdictClass::kSuccess);
  EXPECT_EQ(JudgeWaiting(steps({StepState::kCompleted, StepState::kFailed}))->verdict,
            VerdictClass::kApplication);
  EXPECT_EQ(JudgeWaiting(steps({StepState::kCancelled}))->verdict, VerdictClass::kInfrastructure);
}

TEST(Replies, AreReadTolerantly) {
  auto reply = base::ParseJson(R"({"Clusters":[
      {"Id":"j-1","Name":"n","Status":{"State":"TERMINATED_WITH_ERRORS",
        "StateChangeReason":{"Code":"STEP_FAILURE","Message":"m"},
        "Timeline":{"CreationDateTime":1767571200.5}}},
      {"Id":"j-2","Status":{"State":"BRAND_NEW"}}],"Marker":"abc"})");
  auto page = ReadListClusters(*reply);
  EXPECT_EQ(page.marker, "abc");
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items[0].status->reason_code, "STEP_FAILURE");
  EXPECT_EQ(base::FormatRfc3339(*page.items[0].status->created_at), "2026-01-05T00:00:00.500Z");
  EXPECT_FALSE(page.items[1].status);
  EXPECT_TRUE(ReadListClusters(json::value(3)).items.empty());
  EXPECT_TRUE(ReadRunJobFlow(json::value(nullptr)).empty());
}

}  // namespace
}  // namespace emr
