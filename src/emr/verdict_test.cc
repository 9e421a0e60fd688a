#include "emr/verdict.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/text.h"
#include "emr/verdict_rules.h"

namespace emr {
namespace {

using model::ClusterPhase;
using model::StepState;
using model::VerdictClass;

constexpr VerdictClass kInfra = VerdictClass::kInfrastructure;
constexpr VerdictClass kApp = VerdictClass::kApplication;
constexpr VerdictClass kConfig = VerdictClass::kConfiguration;

// Steps by a letter each: C completed, F failed, X cancelled, I interrupted, R running, P pending.
std::vector<model::StepView> Steps(std::string_view letters, std::string failure = "") {
  std::vector<model::StepView> steps;
  for (char letter : letters) {
    StepState state = letter == 'C'   ? StepState::kCompleted
                      : letter == 'F' ? StepState::kFailed
                      : letter == 'X' ? StepState::kCancelled
                      : letter == 'I' ? StepState::kInterrupted
                      : letter == 'R' ? StepState::kRunning
                                      : StepState::kPending;
    std::string why = letter == 'F' ? failure : "";
    steps.push_back({base::Cat("s-", steps.size() + 1), "label", state, why, {}, {}});
  }
  return steps;
}

ClusterEnd End(ClusterPhase phase,
               std::string code,
               std::string message,
               std::string_view steps,
               std::string error = "") {
  ClusterEnd end;
  end.phase = phase;
  end.reason_code = std::move(code);
  end.reason_message = std::move(message);
  end.steps = Steps(steps);
  if (!error.empty())
    end.errors.push_back({std::move(error), "", "", ""});
  return end;
}

char Letter(VerdictClass verdict) {
  switch (verdict) {
    case VerdictClass::kSuccess:
      return 'S';
    case VerdictClass::kInfrastructure:
      return 'I';
    case VerdictClass::kApplication:
      return 'A';
    case VerdictClass::kConfiguration:
      return 'C';
    case VerdictClass::kUser:
      return 'U';
  }
  return '?';
}

const ClusterPhase kPhases[] = {
    ClusterPhase::kTerminated, ClusterPhase::kTerminatedWithErrors, ClusterPhase::kLost};
const char* const kStepPatterns[] = {"", "C", "CC", "CF", "FX", "X", "CX", "I", "CR", "P"};

// Each reason code over kStepPatterns, for a cluster in TERMINATED and in TERMINATED_WITH_ERRORS.
struct MatrixRow {
  std::string code, terminated, with_errors;
};
const MatrixRow kMatrix[] = {
    {"ALL_STEPS_COMPLETED", "ISSAAIIIII", "IIIAAIIIII"},
    {"", "ISSAAIIIII", "IIIAAIIIII"},
    {"USER_REQUEST", "USSAAUUUUU", "UIIAAUUUUU"},
    {"STEP_FAILURE", "AAAAAAAAAA", "AAAAAAAAAA"},
    {"INSTANCE_FAILURE", "IIIIIIIIII", "IIIIIIIIII"},
    {"INSTANCE_FLEET_TIMEOUT", "IIIIIIIIII", "IIIIIIIIII"},
    {"BOOTSTRAP_FAILURE", "IIIIIIIIII", "IIIIIIIIII"},
    {"INTERNAL_ERROR", "IIIIIIIIII", "IIIIIIIIII"},
    {"VALIDATION_ERROR", "CCCCCCCCCC", "CCCCCCCCCC"},
    {"NO_SLAVE_LEFT", "IIIIIIIIII", "IIIIIIIIII"},
    {"BRAND_NEW", "ISSAAIIIII", "IIIAAIIIII"},
};

struct ErrorRow {
  std::string code;
  VerdictClass wanted;
};
const ErrorRow kErrors[] = {
    {"INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", kInfra},
    {"INTERNAL_ERROR_SPOT_PRICE_INCREASE_PRIMARY", kInfra},
    {"INTERNAL_ERROR_SPOT_NO_CAPACITY_PRIMARY", kInfra},
    {"INTERNAL_ERROR_BRAND_NEW", kInfra},
    {"BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE", kInfra},
    {"BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY", kInfra},
    {"BOOTSTRAP_FAILURE_FILE_NOT_FOUND_PRIMARY", kConfig},
    {"BOOTSTRAP_FAILURE_INSUFFICIENT_DISK_SPACE_PRIMARY", kConfig},
    {"BOOTSTRAP_FAILURE_INSUFFICIENT_DISK_SPACE_WORKER", kConfig},
    {"BOOTSTRAP_FAILURE_HIVE_METASTORE_CONNECTION_ERROR_PRIMARY", kInfra},
    {"BOOTSTRAP_FAILURE_HIVE_METASTORE_CONNECTION_ERROR_WORKER", kInfra},
    {"BOOTSTRAP_FAILURE_BRAND_NEW", kInfra},
    {"VALIDATION_ERROR_SUBNET_NOT_FROM_ONE_VPC", kConfig},
    {"VALIDATION_ERROR_SECURITY_GROUP_NOT_FROM_ONE_VPC", kConfig},
    {"VALIDATION_ERROR_INVALID_SSH_KEY_NAME", kConfig},
    {"VALIDATION_ERROR_INSTANCE_TYPE_NOT_SUPPORTED", kConfig},
    {"VALIDATION_ERROR_BRAND_NEW", kConfig},
};

// Texts of real clusters, with what they mean where no step ran.
struct TextRow {
  std::string code, message;
  VerdictClass wanted;
  std::string says;  // in the sentence
};
const TextRow kTexts[] = {
    {"BOOTSTRAP_FAILURE",
     "On the master instance (i-0a1), bootstrap action 1 returned a non-zero return code",
     kInfra,
     "bootstrap action failed"},
    {"BOOTSTRAP_FAILURE",
     "On 2 slave instances (including i-0a1 and i-0a2), bootstrap action 1 returned a non-zero "
     "return code",
     kInfra,
     "bootstrap action failed"},
    {"BOOTSTRAP_FAILURE",
     "Master instance (i-0a1) failed attempting to download bootstrap action 1 file from S3",
     kInfra,
     "could not be downloaded"},
    {"BOOTSTRAP_FAILURE",
     "On the master instance (i-0a1), bootstrap action 1 timed out executing",
     kInfra,
     "took too long"},
    {"BOOTSTRAP_FAILURE",
     "On the master instance (i-0a1), after bootstrap actions were run Hadoop failed to launch",
     kInfra,
     "did not start"},
    {"BOOTSTRAP_FAILURE",
     "On the master instance (i-0a1), application provisioning failed",
     kInfra,
     "did not start"},
    {"BOOTSTRAP_FAILURE", "Bootstrap action 2: no such file", kConfig, "does not exist"},
    {"INTERNAL_ERROR",
     "The request to create the EMR cluster or add EC2 instances to it failed. The number of vCPUs "
     "for instance type r5.4xlarge exceeds the EC2 service quota for that type",
     kInfra,
     "quota is used up"},
    {"INTERNAL_ERROR",
     "EC2 is out of capacity for r5.4xlarge in availability zone eu-west-1a",
     kInfra,
     "no capacity"},
    {"INTERNAL_ERROR", "Throttled from Amazon EC2 while launching cluster", kInfra, "throttled"},
    {"INTERNAL_ERROR",
     "Failed to provision instances due to throttling from Amazon EC2",
     kInfra,
     "throttled"},
    {"INTERNAL_ERROR",
     "Failed to start the job flow due to an internal error",
     kInfra,
     "could not start"},
    {"VALIDATION_ERROR",
     "The subnet configuration was invalid: No route to any external sources detected in Route "
     "Table rtb-1 for Subnet subnet-1",
     kConfig,
     "no way out"},
    {"VALIDATION_ERROR", "EMR service role x is invalid", kConfig, "roles"},
    {"VALIDATION_ERROR", "Invalid InstanceProfile: x; the instance profile", kConfig, "roles"},
    {"VALIDATION_ERROR", "The security group 'sg-1' does not exist", kConfig, "configuration"},
    {"VALIDATION_ERROR",
     "The subnet is not large enough: requested 12 addresses",
     kInfra,
     "too few free addresses"},
    {"VALIDATION_ERROR", "The EBS volume limit was exceeded", kInfra, "EBS quota"},
    // Want of capacity, quota, addresses, or throttling, in the words of EC2 and EMR.
    {"VALIDATION_ERROR",
     "Your quota allows for 0 more running instance(s). You requested at least 1",
     kInfra,
     "EC2 quota"},
    {"VALIDATION_ERROR", "EC2 QUOTA EXCEEDED", kInfra, "EC2 quota"},
    {"VALIDATION_ERROR",
     "You have requested more vCPU capacity than your current vCPU limit of 1000 allows for the "
     "instance bucket that the specified instance type belongs to.",
     kInfra,
     "EC2 quota"},
    {"VALIDATION_ERROR",
     "You have requested more instances (25) than your current instance limit of 20 allows for the "
     "specified instance type.",
     kInfra,
     "EC2 quota"},
    {"VALIDATION_ERROR", "Max spot instance count exceeded", kInfra, "EC2 quota"},
    {"VALIDATION_ERROR",
     "MaxSpotInstanceCountExceeded: Max spot instance count exceeded",
     kInfra,
     "EC2 quota"},
    {"VALIDATION_ERROR", "Maximum number of active clusters reached", kInfra, "EC2 quota"},
    {"VALIDATION_ERROR",
     "There are not enough free addresses in subnet 'subnet-0a' to satisfy the requested number of "
     "instances.",
     kInfra,
     "too few free addresses"},
    {"VALIDATION_ERROR",
     "The VPC/subnet configuration was invalid: insufficient free addresses in subnet subnet-0a",
     kInfra,
     "too few free addresses"},
    {"VALIDATION_ERROR",
     "The specified subnet does not have enough free addresses to satisfy the request.",
     kInfra,
     "too few free addresses"},
    {"VALIDATION_ERROR",
     "We currently do not have sufficient m5.24xlarge capacity in the Availability Zone you "
     "requested (us-east-1a).",
     kInfra,
     "no capacity"},
    {"VALIDATION_ERROR",
     "InsufficientInstanceCapacity: There is no Spot capacity available that matches your request.",
     kInfra,
     "no capacity"},
    {"VALIDATION_ERROR", "RequestLimitExceeded: Request limit exceeded.", kInfra, "throttled"},
    {"VALIDATION_ERROR",
     "Failed to provision instances due to throttling from Amazon EC2",
     kInfra,
     "throttled"},
    // Mistakes that share words with these.
    {"VALIDATION_ERROR",
     "Service role arn:aws:iam::1:role/x has insufficient EC2 permissions",
     kConfig,
     "roles"},
    {"VALIDATION_ERROR",
     "You are not authorized to perform this operation: service-quotas:GetServiceQuota",
     kConfig,
     "roles"},
    {"VALIDATION_ERROR",
     "The requested instance type m9.xlarge is not supported in the requested Availability Zone",
     kConfig,
     "does not support"},
    {"VALIDATION_ERROR", "A maximum of 256 steps is allowed", kConfig, "larger than EMR allows"},
    {"VALIDATION_ERROR",
     "The number of tags exceeds the limit of 50",
     kConfig,
     "larger than EMR allows"},
    {"VALIDATION_ERROR",
     "The target capacity of the core instance fleet must be greater than 0",
     kConfig,
     "larger than EMR allows"},
    {"VALIDATION_ERROR",
     "Subnet is required : The specified instance type m4.large can only be used in a VPC.",
     kConfig,
     "configuration"},
    {"VALIDATION_ERROR", "The moon is in the wrong house", kConfig, "no rule of Signalbox knows"},
    {"INSTANCE_FAILURE", "The master node was terminated. ", kInfra, "master node was lost"},
    {"INSTANCE_FAILURE", "All instances in the job flow are terminated", kInfra, "all nodes"},
    {"INSTANCE_FAILURE",
     "All slaves in the job flow were terminated due to Spot",
     kInfra,
     "lost to Spot"},
    {"INSTANCE_FAILURE", "All slaves in the job flow were terminated", kInfra, "all core nodes"},
    {"NO_SLAVE_LEFT", "", kInfra, "unhealthy"},
    {"NO_SLAVES_LEFT", "", kInfra, "unhealthy"},
    {"", "Cluster terminated: NO_SLAVE_LEFT", kInfra, "unhealthy"},
    {"USER_REQUEST", "Terminated by user request", VerdictClass::kUser, "someone terminated"},
    {"STEP_FAILURE", "Shut down as step failed", kApp, "step failed"},
    {"STEP_FAILURE", "Steps completed with errors", kApp, "step failed"},
    {"ALL_STEPS_COMPLETED", "Steps completed", kInfra, "without a step"},
    {"INSTANCE_FLEET_TIMEOUT", "", kInfra, "not provisioned in time"},
};

TEST(Verdict, W7_HasAnAnswerForEveryCodeAndStepPattern) {
  for (const MatrixRow& row : kMatrix) {
    std::string terminated, with_errors;
    for (const char* steps : kStepPatterns) {
      terminated += Letter(Judge(End(ClusterPhase::kTerminated, row.code, "", steps)).verdict);
      with_errors +=
          Letter(Judge(End(ClusterPhase::kTerminatedWithErrors, row.code, "", steps)).verdict);
      EXPECT_EQ(Judge(End(ClusterPhase::kLost, row.code, "", steps)).verdict, kInfra);
    }
    EXPECT_EQ(terminated, row.terminated) << row.code;
    EXPECT_EQ(with_errors, row.with_errors) << row.code;
  }
}

TEST(Verdict, PutsErrorCodesBeforeReasonCodesAndTexts) {
  for (const ErrorRow& row : kErrors) {
    for (const MatrixRow& reason : kMatrix) {
      if (reason.code == "VALIDATION_ERROR" && row.code.ends_with("BRAND_NEW"))
        continue;  // an error code that says no more than the reason code
      Verdict verdict =
          Judge(End(ClusterPhase::kTerminatedWithErrors, reason.code, "", "X", row.code));
      EXPECT_EQ(verdict.verdict, row.wanted) << row.code << " " << reason.code;
      if (reason.code == "")
        EXPECT_NE(verdict.reason.find(row.code), std::string::npos) << verdict.reason;
    }
  }
}

TEST(Verdict, KnowsTheTextsOfRealClusters) {
  for (const TextRow& row : kTexts) {
    for (std::string message :
         {row.message, base::ToLower(row.message), base::ToUpper(row.message)}) {
      Verdict verdict = Judge(End(ClusterPhase::kTerminatedWithErrors, row.code, message, ""));
      EXPECT_EQ(verdict.verdict, row.wanted) << message;
      EXPECT_NE(verdict.reason.find(row.says), std::string::npos) << verdict.reason;
    }
  }
}

// Over every pair of everything above.
TEST(Verdict, SucceedsOnlyWhereEveryStepCompletedAndNothingSpeaksAgainstIt) {
  std::vector<std::string> messages{""}, errors{""};
  for (const TextRow& row : kTexts)
    messages.push_back(row.message);
  for (const ErrorRow& row : kErrors)
    errors.push_back(row.code);
  int successes = 0;
  for (ClusterPhase phase : kPhases) {
    for (const MatrixRow& row : kMatrix) {
      bool good_code = row.terminated[1] == 'S';
      for (const std::string& message : messages) {
        for (const std::string& error : errors) {
          for (std::string steps : kStepPatterns) {
            ClusterEnd end = End(phase, row.code, message, steps, error);
            Verdict verdict = Judge(end);
            ASSERT_GT(verdict.reason.size(), 10u);
            ASSERT_EQ(verdict.reason.find_first_of("{}"), std::string::npos) << verdict.reason;
            bool all_completed = steps == "C" || steps == "CC";
            bool success = verdict.verdict == VerdictClass::kSuccess;
            ASSERT_LE(success, phase == ClusterPhase::kTerminated && all_completed && good_code);
            if (phase == ClusterPhase::kTerminated && all_completed && good_code && error.empty())
              ASSERT_TRUE(success) << verdict.reason;
            successes += success;
            end.reason_message = base::ToUpper(message);
            ASSERT_EQ(Judge(end).verdict, verdict.verdict) << message;
          }
        }
      }
    }
  }
  EXPECT_GT(successes, 0);
}

TEST(Verdict, BlamesLostNodesForTheStepsTheyFail) {
  ClusterEnd end = End(ClusterPhase::kTerminatedWithErrors, "STEP_FAILURE", "", "CF");
  EXPECT_EQ(Judge(end).verdict, kApp);

  ClusterEnd by_text = end;
  by_text.steps = Steps("CF", "Container released on a *lost* node");
  EXPECT_EQ(Judge(by_text).verdict, kInfra);
  EXPECT_EQ(JudgeWaiting(by_text.steps)->verdict, kInfra);
  by_text.steps = Steps("CF", "ExecutorLostFailure: exceeding memory limits");
  EXPECT_EQ(Judge(by_text).verdict, kApp) << "an executor may be lost for the job's own fault";

  ClusterEnd by_message = end;
  by_message.reason_message = "Instance failure";
  EXPECT_EQ(Judge(by_message).verdict, kInfra);

  using model::FleetRole;
  end.fleets = {{"if-1", FleetRole::kMaster, "RUNNING", 1, 1},
                {"if-2", FleetRole::kCore, "RESIZING", 4, 0}};
  EXPECT_EQ(Judge(end).verdict, kInfra);
  EXPECT_EQ(Judge(end).reason, "step 'label' failed while nodes were lost");
  for (const char* state : {"TERMINATING", "TERMINATED", "ENDED"}) {
    end.fleets[1].state = state;
    EXPECT_EQ(Judge(end).verdict, kApp) << "a fleet that ends with its cluster says nothing";
  }
  end.fleets[1] = {"if-3", FleetRole::kTask, "SUSPENDED", 4, 0};
  EXPECT_EQ(Judge(end).verdict, kApp) << "task fleets never matter";
}

TEST(Verdict, KeepsTheWordsThatNoRuleKnows) {
  auto unclear = [](std::string_view code, std::string message, std::string steps = "X") {
    return Judge(End(ClusterPhase::kTerminatedWithErrors, std::string(code), message, steps))
        .unclear;
  };
  EXPECT_EQ(
      unclear("VALIDATION_ERROR", "The moon over subnet-0a1 and arn:aws:iam::x is 75 % full."),
      "The moon over * and * is * % full");
  EXPECT_EQ(unclear("VALIDATION_ERROR", ""), "");
  EXPECT_EQ(unclear("VALIDATION_ERROR", std::string(300, 'w'))->size(), 100u);
  EXPECT_EQ(unclear("VALIDATION_ERROR", "a \"b\"\n\xc3\xbc"), "a \"b\"   ");
  EXPECT_FALSE(unclear("VALIDATION_ERROR", "The moon", "F")) << "its steps ran";
  EXPECT_FALSE(unclear("VALIDATION_ERROR", "The key pair 'x' does not exist"));
  EXPECT_FALSE(unclear("INTERNAL_ERROR", "The moon"));
  EXPECT_EQ(Judge(End(ClusterPhase::kTerminatedWithErrors, "", "", "", "VALIDATION_ERROR_NEW"))
                .unclear.has_value(),
            true);
}

TEST(Verdict, TellsAWantFromAMistakeWhereRunJobFlowItselfRefuses) {
  struct {
    const char *code, *message;
    VerdictClass wanted;
  } rows[] = {
      {"ValidationException", "Your quota allows for 0 more running instance(s)", kInfra},
      {"VcpuLimitExceeded", "", kInfra},
      {"InstanceLimitExceeded", "", kInfra},
      {"InsufficientInstanceCapacity", "", kInfra},
      {"MaxSpotInstanceCountExceeded", "", kInfra},
      {"InsufficientFreeAddressesInSubnet", "", kInfra},
      {"ValidationException", "There are not enough free addresses in subnet 'x'", kInfra},
      {"ValidationException",
       "Invalid InstanceProfile: arn:aws:iam::0:instance-profile/x.",
       kConfig},
      {"ValidationException", "The supplied ecSubnetId is not valid.", kConfig},
      {"ValidationException", "A maximum of 256 steps is allowed", kConfig},
      {"ValidationException", "The moon is in the wrong house", kConfig},
  };
  for (const auto& row : rows) {
    Verdict verdict = JudgeRefusal(base::Cat(row.code, ": ", row.message));
    EXPECT_EQ(verdict.verdict, row.wanted) << row.code << " " << row.message;
    EXPECT_FALSE(verdict.unclear);
  }
}

TEST(Verdict, KeepsTheVerdictForWhichWeKilledTheCluster) {
  ClusterEnd end =
      End(ClusterPhase::kTerminated, "USER_REQUEST", "Terminated by user request", "X");
  end.own_kill = Verdict{kApp, "step 'label' ran longer than 2h"};
  EXPECT_EQ(Judge(end).verdict, kApp);
  EXPECT_EQ(Judge(end).reason, "step 'label' ran longer than 2h");
  end.steps = Steps("CF");
  EXPECT_EQ(Judge(end).reason, "step 'label' ran longer than 2h");

  end.steps = Steps("CC");
  EXPECT_EQ(Judge(end).verdict, VerdictClass::kSuccess) << "it was done before the kill came";
  end.phase = ClusterPhase::kTerminatedWithErrors;
  EXPECT_EQ(Judge(end).verdict, kApp);
  end.reason_code = "INSTANCE_FAILURE";
  EXPECT_EQ(Judge(end).verdict, kInfra) << "it died of something else";
  end.own_kill = Verdict{kInfra, "ZERO_CORE: no CORE node is running (target 4)"};
  EXPECT_EQ(Judge(end).reason, "ZERO_CORE: no CORE node is running (target 4)") << "it says more";
}

TEST(Verdict, SaysWhatHappenedWhereAndWhatToDo) {
  ClusterEnd end = End(ClusterPhase::kTerminatedWithErrors, "INTERNAL_ERROR", "", "X");
  end.errors.push_back({"INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ",
                        "EC2 is out of capacity.",
                        "r6i.4xlarge",
                        "eu-west-1a"});
  EXPECT_EQ(Judge(end).reason,
            "EC2 had no capacity for r6i.4xlarge in eu-west-1a "
            "(INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ): EC2 is out of capacity; list more "
            "instance types or subnets in its fleets");

  end = End(ClusterPhase::kTerminatedWithErrors, "STEP_FAILURE", "Shut down as step failed", "");
  end.steps = Steps("CFX", "Unknown Error; s3://logs/x.gz");
  end.steps[1].name = "train {message}";
  EXPECT_EQ(Judge(end).reason, "step 'train {message}' failed: Unknown Error; s3://logs/x.gz");
  EXPECT_EQ(Judge(End(ClusterPhase::kTerminated, "", "", "CX")).reason,
            "the cluster ended with step 'label' CANCELLED");
}

TEST(Verdict, AWaitingClusterIsJudgedOnlyWhenNoStepCanRun) {
  EXPECT_FALSE(JudgeWaiting({}));
  EXPECT_FALSE(JudgeWaiting(Steps("CR")));
  EXPECT_FALSE(JudgeWaiting(Steps("CP")));
  EXPECT_EQ(JudgeWaiting(Steps("C"))->verdict, VerdictClass::kSuccess);
  EXPECT_EQ(JudgeWaiting(Steps("CF"))->verdict, kApp);
  // Its fleets may be an old look's: its own words count.
  std::string_view lost = "Instance failure: all CORE instances were terminated.";
  EXPECT_EQ(JudgeWaiting(Steps("CF"), lost)->verdict, kInfra);
  EXPECT_EQ(JudgeWaiting(Steps("C"), lost)->verdict, VerdictClass::kSuccess);
  EXPECT_EQ(JudgeWaiting(Steps("X"))->verdict, kInfra);
}

TEST(VerdictRules, EverySentenceIsSpokenAndTheLastRuleTakesAll) {
  std::vector<std::string> sentences;
  auto note = [&](ClusterEnd end) { sentences.push_back(Judge(end).reason); };
  for (ClusterPhase phase : kPhases) {
    for (const char* steps : kStepPatterns) {
      for (const MatrixRow& row : kMatrix)
        note(End(phase, row.code, "", steps));
      for (const ErrorRow& row : kErrors)
        note(End(phase, "", "", steps, row.code));
      for (const TextRow& row : kTexts)
        note(End(phase, row.code, row.message, steps));
      note(End(phase, "", "instance failure", steps));
    }
  }
  for (const VerdictRule& rule : VerdictRules()) {
    std::string_view beginning = rule.sentence.substr(0, rule.sentence.find('{'));
    EXPECT_TRUE(std::ranges::any_of(sentences, [&](const std::string& each) {
      return each.starts_with(beginning);
    })) << rule.sentence;
  }
  const VerdictRule& last = VerdictRules().back();
  EXPECT_EQ(last.code, kAnyText);
  EXPECT_EQ(last.error, kAnyText);
  EXPECT_EQ(last.text, kAnyText);
  EXPECT_EQ(last.steps, kAnySteps);
  EXPECT_EQ(last.states, kAnyState);
  EXPECT_EQ(last.nodes, Nodes::kAny);
}

}  // namespace
}  // namespace emr
