#include "emr/release_rules.h"

#include "base/text.h"

namespace emr {
namespace {

// The releases that this was written with: AWS's release guide, "Amazon EMR release history". A
// series is closed where AWS has gone on with the next one.
struct Series {
  int64_t major;
  int64_t last_minor;
  bool closed;
};
constexpr Series kSeries[] = {
    {4, 9, true},
    {5, 36, false},
    {6, 15, true},
    {7, 12, false},
};

// What a release must be for a member to work. Each from the page of AWS's EMR management guide
// that its comment names.
struct ReleaseRule {
  std::string_view path;
  bool (*works)(const Release&);
  std::string_view needs;
};
constexpr bool From(const Release& release, Release first) {
  return release >= first;
}
constexpr ReleaseRule kReleaseRules[] = {
    // "Planning and configuring instance fleets".
    {"Instances.InstanceFleets", HasFleets, "emr-4.8.0 or later, but not emr-5.0.x"},
    // "Using an auto-termination policy".
    {"AutoTerminationPolicy", HasAutoTermination, "emr-5.30.0 or emr-6.1.0 or later"},
    // "Using managed scaling in Amazon EMR": 5.30.0 and later, except 6.0.0.
    {"ManagedScalingPolicy", HasManagedScaling, "emr-5.30.0 or emr-6.1.0 or later"},
    // "Advanced scaling for Amazon EMR".
    {"ManagedScalingPolicy.ScalingStrategy",
     [](const Release& r) { return From(r, {7, 0, 0}); },
     "emr-7.0.0 or later"},
    {"ManagedScalingPolicy.UtilizationPerformanceIndex",
     [](const Release& r) { return From(r, {7, 0, 0}); },
     "emr-7.0.0 or later"},
    // "Customizing the Amazon EBS root device volume".
    {"EbsRootVolumeIops", HasRootVolumeSpeed, "emr-6.15.0 or later"},
    {"EbsRootVolumeThroughput", HasRootVolumeSpeed, "emr-6.15.0 or later"},
    // "Using a custom AMI".
    {"CustomAmiId", [](const Release& r) { return From(r, {5, 7, 0}); }, "emr-5.7.0 or later"},
    // "Create a security configuration".
    {"SecurityConfiguration",
     [](const Release& r) { return From(r, {4, 8, 0}); },
     "emr-4.8.0 or later"},
    // "Use Kerberos for authentication".
    {"KerberosAttributes",
     [](const Release& r) { return From(r, {5, 10, 0}); },
     "emr-5.10.0 or later"},
    // "Amazon EMR integration with EC2 placement groups".
    {"PlacementGroupConfigs",
     [](const Release& r) { return From(r, {5, 23, 0}); },
     "emr-5.23.0 or later"},
    // "Configure cluster logging and debugging": 5.30.0 and later, except 6.0.0.
    {"LogEncryptionKmsKeyId", HasManagedScaling, "emr-5.30.0 or emr-6.1.0 or later"},
};

std::string Shown(const Release& release) {
  return base::Cat("emr-", release[0], '.', release[1], '.', release[2]);
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The label itself. A release that is newer than the table may exist: only a warning.
void CheckLabel(std::string_view label, const std::optional<Release>& release, Findings& findings) {
  constexpr char kPath[] = "ReleaseLabel";
  if (!release) {
    // AWS has other families of labels: emr-spark-8.0.0.
    if (label.starts_with("emr-") && label.size() > 4 && !IsDigit(label[4]))
      findings.Warn(kPath,
                    base::Cat('"', label, "\" is of a family of releases that is not known here"));
    else
      findings.Error(
          kPath,
          base::Cat('"', label, "\" is no release label; one looks like emr-7.1.0: three numbers"));
    return;
  }
  const auto& [major, minor, patch] = *release;
  if (major < kSeries[0].major || minor < 0 || patch < 0) {
    findings.Error(
        kPath, base::Cat("there is no release ", label, "; the first with a label is emr-4.0.0"));
    return;
  }
  constexpr int64_t kPatchesMax = 9;  // of all releases so far 6
  for (const Series& series : kSeries) {
    if (series.major != major)
      continue;
    const std::string last = base::Cat("emr-", major, '.', series.last_minor);
    if (minor > series.last_minor && series.closed)
      findings.Error(
          kPath, base::Cat("there is no release ", label, "; the last of its series is ", last));
    else if (minor > series.last_minor)
      findings.Warn(kPath, base::Cat(label, " is newer than ", last, ", the last one known here"));
    else if (patch > kPatchesMax)
      findings.Error(kPath, base::Cat("there is no release ", label));
    return;
  }
  findings.Warn(kPath,
                base::Cat(label,
                          " is newer than the releases known here (up to emr-",
                          kSeries[std::size(kSeries) - 1].major,
                          '.',
                          kSeries[std::size(kSeries) - 1].last_minor,
                          ")"));
}

// "Plan and configure primary nodes in your Amazon EMR cluster", "Launch an Amazon EMR cluster with
// multiple primary nodes".
void CheckThreeMasters(const json::object& request, const Release& release, Findings& findings) {
  EachObject(
      request, "Instances.InstanceGroups", [&](const std::string& path, const json::object& group) {
        if (KnownText(group, "InstanceRole") == "MASTER" && KnownInt(group, "InstanceCount") == 3 &&
            !HasThreeMasters(release))
          findings.Error(
              base::Cat(path, ".InstanceCount"),
              base::Cat("three masters need emr-5.23.0 or later; this is ", Shown(release)));
      });
  EachObject(
      request, "Instances.InstanceFleets", [&](const std::string& path, const json::object& fleet) {
        if (KnownText(fleet, "InstanceFleetType") == "MASTER" &&
            KnownInt(fleet, "TargetOnDemandCapacity") == 3 && !HasThreeMasterFleets(release))
          findings.Error(base::Cat(path, ".TargetOnDemandCapacity"),
                         base::Cat("three masters in a fleet need emr-6.12.0 or later, or one of "
                                   "emr-5.36.1, 6.8.1, 6.9.1, 6.10.1, 6.11.1 and their patches; "
                                   "this is ",
                                   Shown(release)));
      });
}

}  // namespace

std::optional<Release> CheckRelease(const json::object& request, Findings& findings) {
  std::optional<std::string> label = KnownText(request, "ReleaseLabel");
  if (!label)
    return std::nullopt;
  std::optional<Release> release = ParseRelease(*label);
  CheckLabel(*label, release, findings);
  if (!release)
    return std::nullopt;
  for (const ReleaseRule& rule : kReleaseRules) {
    if (base::Find(request, rule.path) != nullptr && !rule.works(*release))
      findings.Error(std::string(rule.path), base::Cat("needs ", rule.needs, "; this is ", *label));
  }
  // "Run multiple steps in parallel".
  if (KnownInt(request, "StepConcurrencyLevel").value_or(1) > 1 && !HasStepConcurrency(*release))
    findings.Error("StepConcurrencyLevel",
                   base::Cat("needs emr-5.28.0 or later; this is ", *label));
  CheckThreeMasters(request, *release, findings);
  return release;
}

}  // namespace emr
