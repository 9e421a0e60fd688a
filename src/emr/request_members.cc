#include "emr/request_members.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/text.h"

namespace emr {
namespace {

// AWS's release guide, "Application versions in Amazon EMR" of the releases 4.0 to 7.12. EMR reads
// names without regard to case.
constexpr std::array<std::string_view, 33> kApplications = {"AmazonCloudWatchAgent",
                                                            "Delta",
                                                            "Flink",
                                                            "Ganglia",
                                                            "HBase",
                                                            "HCatalog",
                                                            "Hadoop",
                                                            "Hive",
                                                            "Hudi",
                                                            "Hue",
                                                            "Iceberg",
                                                            "JupyterEnterpriseGateway",
                                                            "JupyterHub",
                                                            "Livy",
                                                            "MXNet",
                                                            "Mahout",
                                                            "Oozie",
                                                            "Oozie-Sandbox",
                                                            "Phoenix",
                                                            "Pig",
                                                            "Presto",
                                                            "Presto-Sandbox",
                                                            "PrestoSQL",
                                                            "Spark",
                                                            "Sqoop",
                                                            "Sqoop-Sandbox",
                                                            "TensorFlow",
                                                            "Tez",
                                                            "Trino",
                                                            "Zeppelin",
                                                            "Zeppelin-Sandbox",
                                                            "ZooKeeper",
                                                            "ZooKeeper-Sandbox"};

bool SameWord(std::string_view a, std::string_view b) {
  return base::ToLower(a) == base::ToLower(b);
}

class Members {
 public:
  Members(const json::object& request, const std::optional<Release>& release, Findings& findings)
      : request_(request), release_(release), findings_(findings) {}

  void Check() {
    CheckRoles();
    CheckImages();
    CheckRootVolume();
    CheckTags();
    CheckApplications();
    CheckNone(json::value(request_), "", Strictness::kError);
  }

 private:
  // EMR: "ServiceRole is required", "InstanceProfile is required for creating cluster".
  void CheckRoles() {
    constexpr std::array<std::array<std::string_view, 2>, 2> kRoles = {
        {{"ServiceRole", "EMR_DefaultRole"}, {"JobFlowRole", "EMR_EC2_DefaultRole"}}};
    for (const auto& [role, usual] : kRoles) {
      if (!request_.contains(role) || KnownText(request_, role) == "")
        findings_.Error(
            std::string(role),
            base::Cat("EMR starts no cluster without it; AWS's default role is ", usual));
    }
    const bool has_scaling_role = request_.contains("AutoScalingRole");
    EachObject(request_,
               "Instances.InstanceGroups",
               [&](const std::string& path, const json::object& group) {
                 if (!group.contains("AutoScalingPolicy"))
                   return;
                 if (!has_scaling_role)
                   findings_.Error(base::Cat(path, ".AutoScalingPolicy"),
                                   "needs an AutoScalingRole in the request; AWS's default role is "
                                   "EMR_AutoScaling_DefaultRole");
                 if (request_.contains("ManagedScalingPolicy"))
                   findings_.Error(base::Cat(path, ".AutoScalingPolicy"),
                                   "cannot stand beside a ManagedScalingPolicy");
               });
  }

  // "ami-" and 8 or 17 hexadecimal digits.
  void CheckImageId(const std::string& path, const json::object& object) {
    const std::optional<std::string> id = KnownText(object, "CustomAmiId");
    if (!id)
      return;
    const std::string_view digits = std::string_view(*id).substr(std::min<size_t>(4, id->size()));
    const bool good = id->starts_with("ami-") && (digits.size() == 8 || digits.size() == 17) &&
                      std::ranges::all_of(digits, [](char c) {
                        return base::HexDigit(c) >= 0 && (c < 'A' || c > 'F');
                      });
    if (!good)
      findings_.Error(base::Cat(path, path.empty() ? "" : ".", "CustomAmiId"),
                      base::Cat('"', *id, "\" is no image id such as ami-0123456789abcdef0"));
  }

  void CheckImages() {
    CheckImageId("", request_);
    for (std::string_view list : {"Instances.InstanceGroups", "Instances.InstanceFleets"}) {
      EachObject(request_, list, [&](const std::string& path, const json::object& item) {
        CheckImageId(path, item);
        size_t index = 0;
        for (const json::value& config : base::GetArray(item, "InstanceTypeConfigs")) {
          if (const json::object* object = config.if_object())
            CheckImageId(base::Cat(path, ".InstanceTypeConfigs[", index, ']'), *object);
          ++index;
        }
      });
    }
    CheckAmiVersion();
  }

  // Before releases had labels, until 2015.
  void CheckAmiVersion() {
    if (!request_.contains("AmiVersion")) {
      if (!request_.contains("ReleaseLabel"))
        findings_.Error("ReleaseLabel", "is required, such as emr-7.1.0");
      return;
    }
    if (request_.contains("ReleaseLabel")) {
      findings_.Error("AmiVersion",
                      "cannot stand beside a ReleaseLabel: it is for releases before 4.0");
      return;
    }
    const std::optional<std::string> version = KnownText(request_, "AmiVersion");
    if (!version || *version == "latest")
      return;
    const std::vector<std::string> parts = base::Split(*version, '.');
    const bool numbers = parts.size() >= 2 && parts.size() <= 3 &&
                         std::ranges::all_of(parts, [](const std::string& part) {
                           return base::ParseInt(part).value_or(-1) >= 0;
                         });
    if (!numbers || *base::ParseInt(parts[0]) > 3)
      findings_.Error("AmiVersion",
                      base::Cat('"',
                                *version,
                                "\" is no version from 1.0 to 3.11.0; later releases are named by "
                                "ReleaseLabel"));
  }

  // "Customizing the Amazon EBS root device volume".
  void CheckRootVolume() {
    const int64_t least = release_ && HasLargeRootVolume(*release_) ? 15 : 10;
    constexpr int64_t kMost = 100;
    const std::optional<int64_t> size = KnownInt(request_, "EbsRootVolumeSize");
    if (size && *size < least)
      findings_.Error("EbsRootVolumeSize",
                      base::Cat(*size,
                                " GiB is too small; at least ",
                                least,
                                least == 10 ? " are needed" : " are needed from emr-6.10.0 on"));
    else if (size && *size > kMost)
      findings_.Warn("EbsRootVolumeSize",
                     base::Cat(*size, " GiB is more than the ", kMost, " that EMR documents"));
    CheckRange("EbsRootVolumeIops", 3000, 16'000);
    CheckRange("EbsRootVolumeThroughput", 125, 1000);
    const int64_t iops = KnownInt(request_, "EbsRootVolumeIops").value_or(0);
    if (iops > 500 * size.value_or(least))
      findings_.Error("EbsRootVolumeIops",
                      base::Cat(iops, " are more than 500 for each GiB of the root volume"));
    const int64_t throughput = KnownInt(request_, "EbsRootVolumeThroughput").value_or(0);
    if (throughput * 4 > std::max<int64_t>(iops, 3000) && !HasUnknown("EbsRootVolumeIops"))
      findings_.Error("EbsRootVolumeThroughput",
                      base::Cat(throughput, " MiB/s are more than a quarter of its IOPS"));
  }

  bool HasUnknown(std::string_view path) const {
    return base::Find(request_, path) != nullptr && !KnownInt(request_, path);
  }

  void CheckRange(std::string_view path, int64_t min, int64_t max) {
    const std::optional<int64_t> value = KnownInt(request_, path);
    if (value && (*value < min || *value > max))
      findings_.Error(std::string(path), base::Cat(*value, " is not between ", min, " and ", max));
  }

  // "Tag and categorize Amazon EMR cluster resources"; seven are ours.
  void CheckTags() {
    constexpr size_t kTagsMax = 50;
    constexpr size_t kOurs = 8;
    constexpr std::string_view kOurPrefix = "signalbox:";
    std::set<std::string> seen;
    size_t theirs = 0;
    EachObject(request_, "Tags", [&](const std::string& path, const json::object& tag) {
      const std::optional<std::string> key = KnownText(tag, "Key");
      theirs += !key || !key->starts_with(kOurPrefix);
      const std::optional<std::string> value = KnownText(tag, "Value");
      if (value && wire::CharacterCount(*value) > 256)
        findings_.Error(base::Cat(path, ".Value"), "has more than 256 characters");
      if (!key) {
        if (!tag.contains("Key"))
          findings_.Error(path, "a tag needs a Key");
        return;
      }
      const std::string at = base::Cat(path, ".Key");
      if (key->empty() || wire::CharacterCount(*key) > 128)
        findings_.Error(at, "must have 1 to 128 characters");
      if (base::ToLower(*key).starts_with("aws:"))
        findings_.Error(at,
                        base::Cat('"', *key, "\": AWS keeps keys that begin with aws: to itself"));
      if (!seen.insert(*key).second)
        findings_.Error(at, base::Cat("a second tag ", *key, "; one is allowed"));
    });
    if (theirs > kTagsMax - kOurs)
      findings_.Error("Tags",
                      base::Cat(theirs,
                                " tags; at most ",
                                kTagsMax - kOurs,
                                " are allowed beside Signalbox's own ",
                                kOurs));
  }

  void CheckApplications() {
    std::vector<std::string> known(kApplications.begin(), kApplications.end());
    bool has_spark = false;
    bool all_known = true;
    EachObject(request_, "Applications", [&](const std::string& path, const json::object& app) {
      const std::optional<std::string> name = KnownText(app, "Name");
      all_known = all_known && name;
      if (!name)
        return;
      has_spark = has_spark || SameWord(*name, "Spark");
      if (std::ranges::any_of(known,
                              [&](const std::string& each) { return SameWord(each, *name); }))
        return;
      const std::string at = base::Cat(path, ".Name");
      if (auto near = base::DidYouMean(*name, known))
        findings_.Error(
            at,
            base::Cat("there is no application \"", *name, "\"; did you mean \"", *near, "\"?"));
      else
        findings_.Warn(at, base::Cat("the application \"", *name, "\" is not known here"));
    });
    const json::value* list = request_.if_contains("Applications");
    if (!has_spark && all_known && (list == nullptr || list->is_array()))
      CheckSparkSteps();
  }

  // Spark comes by name alone; an image or a bootstrap action may bring it all the same.
  void CheckSparkSteps() {
    const bool may_have_it =
        request_.contains("BootstrapActions") || request_.contains("CustomAmiId");
    const bool lists_others = !base::GetArray(request_, "Applications").empty();
    EachObject(request_, "Steps", [&](const std::string& path, const json::object& step) {
      const json::array& arguments = base::GetArray(step, "HadoopJarStep.Args");
      if (base::GetString(step, "HadoopJarStep.Jar") != "command-runner.jar" || arguments.empty() ||
          arguments[0] != "spark-submit")
        return;
      if (lists_others && !may_have_it)
        findings_.Error(path, "runs spark-submit, and Applications has no {Name: Spark}");
      else if (!lists_others)
        findings_.Warn("Applications",
                       "a step runs spark-submit: a cluster has Spark only where Applications has "
                       "{Name: Spark}");
    });
  }

  enum class Strictness { kError, kWarning };

  // Python's None in YAML is a text. What the job's own program or its files are told may be one.
  void CheckNone(const json::value& value, const std::string& path, Strictness strictness) {
    if (const json::string* text = value.if_string()) {
      const std::string_view word(*text);
      if (word != "None" && word != "null" && word != "NULL" && word != "Null")
        return;
      std::string message =
          base::Cat("is the text \"", word, "\"; leave the member out where it has no value");
      if (strictness == Strictness::kError)
        findings_.Error(path, std::move(message));
      else
        findings_.Warn(path, std::move(message));
    } else if (const json::array* list = value.if_array()) {
      for (size_t i = 0; i < list->size(); ++i)
        CheckNone((*list)[i], base::Cat(path, '[', i, ']'), strictness);
    } else if (const json::object* object = value.if_object()) {
      for (const auto& [key, member] : *object) {
        const std::string_view name(key);
        const bool free = name == "Args" || name == "Properties" || name == "Tags";
        CheckNone(member,
                  base::Cat(path, path.empty() ? "" : ".", name),
                  free ? Strictness::kWarning : strictness);
      }
    }
  }

  const json::object& request_;
  const std::optional<Release>& release_;
  Findings& findings_;
};

}  // namespace

void CheckMembers(const json::object& request,
                  const std::optional<Release>& release,
                  Findings& findings) {
  Members(request, release, findings).Check();
}

}  // namespace emr
