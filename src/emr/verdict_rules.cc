#include "emr/verdict_rules.h"

namespace emr {
namespace {

using model::VerdictClass;
constexpr VerdictClass kSuccess = VerdictClass::kSuccess;
constexpr VerdictClass kInfra = VerdictClass::kInfrastructure;
constexpr VerdictClass kApp = VerdictClass::kApplication;
constexpr VerdictClass kConfig = VerdictClass::kConfiguration;

constexpr std::string_view kRefusalCode = "VALIDATION_ERROR";
constexpr std::string_view kLaunchCodes = "VALIDATION_ERROR|INTERNAL_ERROR|INSTANCE_FLEET_TIMEOUT";
constexpr std::string_view kListMore = "list more instance types or subnets in its fleets";
constexpr std::string_view kSpread = "start fewer clusters at once (pools)";
constexpr std::string_view kHigherQuota =
    "ask AWS for a higher one, or start fewer clusters at once (pools)";
constexpr std::string_view kBootstrapLogs =
    "its stderr is below LogUri in node/<instance>/bootstrap-actions";

// Key words. EC2's own error codes stand among them as EMR quotes them, in small letters.
constexpr std::string_view kPermissionWords =
    "permission|not authorized|unauthorized|not authorised|access denied|accessdenied|"
    "failed to authorize|unable to assume|cannot assume|could not assume|not have access";
constexpr std::string_view kRequestLimitWords =
    " tags+maximum| tags+limit| tags+exceed| tags+more than|steps+maximum|steps+limit|steps+exceed|"
    "bootstrap action+maximum|bootstrap action+limit|bootstrap action+exceed|characters|"
    "length+exceed|length+maximum|too long|volume size|per instance+maximum|"
    "must be between|must not exceed|must not be more|must be at most|must be less|must be greater|"
    "must be at least|must be exactly|must have a target";
constexpr std::string_view kThrottleWords =
    "throttl|rate exceeded|rate limit|request limit|requestlimitexceeded|too many requests|"
    "slow down|slowdown";
constexpr std::string_view kAddressWords =
    "free+address|enough+address|sufficient+address|address+exhaust|addresses+available|"
    "run out+address|ran out+address|out of+address|no more+address|address+limit|"
    "addresslimitexceeded|enough+ ips|enough ip|sufficient ip|enough private ip|available ip|"
    "free ip|free private ip|subnet+not large enough|subnet+exhausted|subnet+is full|"
    "networkinterfacelimitexceeded";
constexpr std::string_view kVolumeQuotaWords =
    "ebs+limit|ebs+quota|volume+limit|volume+quota|volumelimitexceeded|maxiopslimitexceeded|"
    "active volumes";
constexpr std::string_view kQuotaWords =
    "quota|limit exceeded|limitexceeded|countexceeded|count exceeded|limit+exceed|limit+reached|"
    "limit+allows|instance limit|vcpu+limit|vcpu+exceed|vcpus+exceed|vcpu+more|service limit|"
    "account limit|account's limit|account+maximum|running instances+more than|maximum+clusters|"
    "maximum+job flows|maximum number of+instances|too many+clusters|too many+instances";
constexpr std::string_view kCapacityWords =
    "out of capacity|no capacity|sufficient+capacity|sufficientinstancecapacity|enough+capacity|"
    "no spot capacity|no available+capacity|capacity+not available|capacity+unavailable|"
    "capacity+not+at this time|capacity+exhaust|capacity constraint|lack of+capacity|lack+capacity|"
    "unfulfillable|sufficient+instances|enough+instances|no instances+available|spot+not fulfilled|"
    "could not be fulfilled|cannot be fulfilled|spotpricetoolow|lower than the minimum required";
constexpr std::string_view kPassingWords =
    "internal error|internal failure|internal service error|internalerror|try "
    "again|temporarily|temporary error|temporary failure|"
    "service unavailable|service is unavailable|serviceunavailable|currently unavailable|"
    "unexpected error";
// What tells a mistake in the request: it would be refused again.
constexpr std::string_view kMistakeWords =
    "invalid|not valid|malformed|does not exist|do not exist|doesn't exist|not exist|not found|"
    "notfound|cannot find|could not find|couldn't find|no such|unknown|is required|are required|"
    "requires|missing|not specified|must be|must have|must specify|must not|must use|"
    "can only|only be used|cannot be|can not be|can't be|not allowed|not permitted|forbidden|"
    "incompatible|not compatible|conflict|mutually exclusive|duplicate|already exists|deprecated|"
    "no longer available|not available in|not enabled|disabled|expired|not match|mismatch|"
    "different vpc|same vpc|not belong|belongs to|not in the|not part of|not offered|misconfigured|"
    "not one of|no default vpc|opt in|optinrequired|not subscribed";

// Designated initialisers leave out what does not matter to a rule.
constexpr VerdictRule kRules[] = {
    {.verdict = kInfra, .sentence = "EMR does not know the cluster any more", .states = kLostState},
    // The codes with which a healthy cluster ends.
    {.verdict = kSuccess,
     .sentence = "all steps completed",
     .code = "ALL_STEPS_COMPLETED||USER_REQUEST",
     .steps = kAllCompleted,
     .states = kTerminatedWell},

    // Error codes, which AWS keeps more stable than texts.
    {.verdict = kInfra,
     .sentence = "EC2 had no capacity{where}{message}",
     .fix = kListMore,
     .error = "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY"},
    {.verdict = kInfra,
     .sentence = "EC2 had no Spot capacity for the master node{where}{message}",
     .fix = "let MASTER be on-demand",
     .error = "INTERNAL_ERROR_SPOT_NO_CAPACITY"},
    {.verdict = kInfra,
     .sentence = "the Spot price rose above the master node's bid{where}{message}",
     .fix = "let MASTER be on-demand",
     .error = "INTERNAL_ERROR_SPOT_PRICE_INCREASE"},
    {.verdict = kConfig,
     .sentence = "a file that a bootstrap action names does not exist{message}",
     .fix = "correct the paths in BootstrapActions",
     .error = "BOOTSTRAP_FAILURE_FILE_NOT_FOUND"},
    {.verdict = kConfig,
     .sentence = "a root volume was too small for the software{message}",
     .fix = "raise EbsRootVolumeSize",
     .error = "BOOTSTRAP_FAILURE_INSUFFICIENT_DISK_SPACE"},
    {.verdict = kInfra,
     .sentence = "the Hive metastore could not be reached{message}",
     .fix = "see that it runs and that its security group lets the cluster in",
     .error = "BOOTSTRAP_FAILURE_HIVE_METASTORE_CONNECTION_ERROR"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action could not be downloaded{message}",
     .fix = "see that the cluster's role may read it",
     .error = "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action failed{message}",
     .fix = kBootstrapLogs,
     .error = "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE"},
    {.verdict = kConfig,
     .sentence = "the subnets are not of one VPC{message}",
     .fix = "name subnets of one VPC",
     .error = "VALIDATION_ERROR_SUBNET_NOT_FROM_ONE_VPC"},
    {.verdict = kConfig,
     .sentence = "the security groups are not of the subnet's VPC{message}",
     .fix = "name security groups of one VPC",
     .error = "VALIDATION_ERROR_SECURITY_GROUP_NOT_FROM_ONE_VPC"},
    {.verdict = kConfig,
     .sentence = "the SSH key does not exist{message}",
     .fix = "correct Ec2KeyName",
     .error = "VALIDATION_ERROR_INVALID_SSH_KEY_NAME"},
    {.verdict = kConfig,
     .sentence = "EMR does not support the instance type{where}{message}",
     .fix = "choose one that the release and the zone have",
     .error = "VALIDATION_ERROR_INSTANCE_TYPE_NOT_SUPPORTED"},

    // What the words of a want have in common with mistakes: a role without permissions is not a
    // want of capacity, and a limit on one request (its tags, its steps) is no quota.
    {.verdict = kConfig,
     .sentence = "the cluster's roles may not do what EMR needs{message}",
     .fix = "correct ServiceRole, JobFlowRole and their policies",
     .code = kRefusalCode,
     .text = kPermissionWords},
    {.verdict = kConfig,
     .sentence = "EMR does not support this{where}{message}",
     .fix = "choose what the release, the region and the zone have",
     .code = kRefusalCode,
     .text = "not supported|unsupported|not support "},
    {.verdict = kConfig,
     .sentence = "the request is larger than EMR allows{message}",
     .code = kRefusalCode,
     .text = kRequestLimitWords},

    // Launches that fail for what passes by itself, whatever their code says.
    {.verdict = kInfra,
     .sentence = "EC2 throttled the launch{message}",
     .fix = kSpread,
     .code = kLaunchCodes,
     .text = kThrottleWords},
    {.verdict = kInfra,
     .sentence = "the subnet has too few free addresses{message}",
     .fix = "name a larger subnet or several",
     .code = kLaunchCodes,
     .text = kAddressWords},
    {.verdict = kInfra,
     .sentence = "the account's EBS quota is used up{message}",
     .fix = kHigherQuota,
     .code = kLaunchCodes,
     .text = kVolumeQuotaWords},
    {.verdict = kInfra,
     .sentence = "the account's EC2 quota is used up{where}{message}",
     .fix = kHigherQuota,
     .code = kLaunchCodes,
     .text = kQuotaWords},
    {.verdict = kInfra,
     .sentence = "EC2 had no capacity{where}{message}",
     .fix = kListMore,
     .code = kLaunchCodes,
     .text = kCapacityWords},
    {.verdict = kInfra,
     .sentence = "EMR could not start the cluster{message}",
     .code = kLaunchCodes,
     .text = kPassingWords},

    {.verdict = kConfig,
     .sentence = "the subnet has no way out{message}",
     .fix = "give its route table a gateway or endpoints",
     .code = kRefusalCode,
     .text = "no route to"},
    {.verdict = kConfig,
     .sentence = "EMR refused the cluster's roles{message}",
     .fix = "correct ServiceRole and JobFlowRole",
     .code = kRefusalCode,
     .text = "service role|instance profile|instanceprofile|jobflowrole|job flow role"},
    {.verdict = kConfig,
     .sentence = "EMR refused the cluster's configuration{message}",
     .code = kRefusalCode,
     .text = kMistakeWords},
    {.verdict = kConfig,
     .sentence = "EMR refused the cluster's configuration{message}",
     .code = kRefusalCode,
     .steps = kAllCompleted | kSomeFailed},
    {.verdict = kConfig,
     .sentence = "EMR refused the cluster in words that no rule of Signalbox knows{message}",
     .code = kRefusalCode,
     .clarity = Clarity::kUnclear},
    {.verdict = kConfig,
     .sentence = "EMR refused the cluster in words that no rule of Signalbox knows{message}",
     .error = kRefusalCode,
     .clarity = Clarity::kUnclear},
    {.verdict = kInfra,
     .sentence = "EMR could not start the cluster{message}",
     .code = "INTERNAL_ERROR"},
    {.verdict = kInfra,
     .sentence = "EMR could not start the cluster{message}",
     .error = "INTERNAL_ERROR"},
    {.verdict = kInfra,
     .sentence = "the fleets were not provisioned in time{message}",
     .fix = "list more instance types, or let TimeoutAction be SWITCH_TO_ON_DEMAND",
     .code = "INSTANCE_FLEET_TIMEOUT"},

    // A bootstrap action fails before any step, mostly for package mirrors and S3, and a second
    // cluster passes (field reports: about one launch in a hundred). So it costs an infrastructure
    // retry; one that always fails ends when those are used up.
    {.verdict = kConfig,
     .sentence = "a file that a bootstrap action names does not exist{message}",
     .fix = "correct the paths in BootstrapActions",
     .code = "BOOTSTRAP_FAILURE",
     .text = "file not found|does not exist|no such file|no such key"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action could not be downloaded{message}",
     .fix = "see that the cluster's role may read it",
     .code = "BOOTSTRAP_FAILURE",
     .text = "attempting to download"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action took too long{message}",
     .code = "BOOTSTRAP_FAILURE",
     .text = "timed out"},
    {.verdict = kInfra,
     .sentence = "Hadoop or another application did not start{message}",
     .code = "BOOTSTRAP_FAILURE",
     .text = "failed to launch|application provisioning failed"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action failed{message}",
     .fix = kBootstrapLogs,
     .code = "BOOTSTRAP_FAILURE"},
    {.verdict = kInfra,
     .sentence = "a bootstrap action failed{message}",
     .fix = kBootstrapLogs,
     .error = "BOOTSTRAP_FAILURE"},

    {.verdict = kInfra,
     .sentence = "every core node was unhealthy{message}",
     .fix = "look for full disks (more than 90 %) on core nodes",
     .text = "no_slave_left|no_slaves_left",
     .steps = kNoSteps | kSomeFailed | kUnfinished},
    {.verdict = kInfra,
     .sentence = "every core node was unhealthy{message}",
     .fix = "look for full disks (more than 90 %) on core nodes",
     .code = "NO_SLAVE_LEFT|NO_SLAVES_LEFT"},
    {.verdict = kInfra,
     .sentence = "the master node was lost{message}",
     .code = "INSTANCE_FAILURE",
     .text = "master"},
    {.verdict = kInfra,
     .sentence = "all core nodes were lost to Spot{message}",
     .fix = "let CORE be on-demand",
     .code = "INSTANCE_FAILURE",
     .text = "due to spot"},
    {.verdict = kInfra,
     .sentence = "all core nodes were lost{message}",
     .code = "INSTANCE_FAILURE",
     .text = "all slaves"},
    {.verdict = kInfra,
     .sentence = "all nodes were lost{message}",
     .code = "INSTANCE_FAILURE",
     .text = "all instances"},
    {.verdict = kInfra, .sentence = "instances were lost{message}", .code = "INSTANCE_FAILURE"},

    {.verdict = VerdictClass::kUser,
     .sentence = "someone terminated the cluster{message}",
     .code = "USER_REQUEST",
     .steps = kNoSteps | kUnfinished},
    // What the steps say. Nodes that go away fail steps too, and the job is not to blame.
    {.verdict = kInfra,
     .sentence = "step '{step}' failed while nodes were lost{failure}",
     .steps = kSomeFailed,
     .nodes = Nodes::kLost},
    {.verdict = kInfra,
     .sentence = "nodes were lost before step '{step}' was done{message}",
     .steps = kUnfinished,
     .nodes = Nodes::kLost},
    {.verdict = kApp, .sentence = "step '{step}' failed{failure}", .steps = kSomeFailed},
    {.verdict = kApp, .sentence = "a step failed{message}", .code = "STEP_FAILURE"},
    // A code that EMR did not have when this was written.
    {.verdict = kSuccess,
     .sentence = "all steps completed",
     .steps = kAllCompleted,
     .states = kTerminatedWell},
    {.verdict = kInfra,
     .sentence = "all steps completed, but the cluster ended with errors{message}",
     .steps = kAllCompleted},
    {.verdict = kInfra,
     .sentence = "the cluster ended with step '{step}' {state}{message}",
     .steps = kUnfinished},
    {.verdict = kInfra, .sentence = "the cluster ended without a step{message}"},
};

}  // namespace

std::span<const VerdictRule> VerdictRules() {
  return kRules;
}

}  // namespace emr
