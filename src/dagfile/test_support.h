#pragma once

// What the tests of this folder share: a small good project, and loading as text.

#include <string>
#include <vector>

#include "base/text.h"
#include "dagfile/load.h"

namespace dagfile {

inline std::shared_ptr<const schedule::TimeZone> FindTestZone(std::string_view name) {
  static const auto kUtc = std::make_shared<const schedule::TimeZone>(schedule::TimeZone::Utc());
  return name == "UTC" || name == "Europe/Istanbul" ? kUtc : nullptr;
}

inline constexpr std::string_view kGoodProject =
    "deployment: demo\n"
    "pools: {clusters: 24}\n";

inline constexpr std::string_view kGoodTemplate =
    "ReleaseLabel: emr-7.1.0\n"
    "ServiceRole: s\n"
    "JobFlowRole: p\n"
    "Instances:\n"
    "  InstanceFleets:\n"
    "    - InstanceFleetType: MASTER\n"
    "      TargetOnDemandCapacity: 1\n"
    "      InstanceTypeConfigs: [{InstanceType: m5.xlarge}]\n"
    "Applications: [{Name: Spark}]\n";

inline constexpr std::string_view kStep = "[{name: s, spark_submit: {application: s3://b/x.py}}]";

// The files beside a good signalbox.yaml and a good clusters/spot.yaml, unless they bring their
// own.
inline Loaded Load(std::vector<SourceFile> files, const Environment& environment = {}) {
  auto has = [&](std::string_view path) {
    for (const SourceFile& file : files)
      if (file.path == path)
        return true;
    return false;
  };
  if (!has("signalbox.yaml"))
    files.push_back({"signalbox.yaml", std::string(kGoodProject)});
  if (!has("clusters/spot.yaml"))
    files.push_back({"clusters/spot.yaml", std::string(kGoodTemplate)});
  return LoadProject(std::move(files), FindTestZone, environment);
}

inline std::string Text(const std::vector<yaml::Diagnostic>& diagnostics) {
  std::string out;
  for (const yaml::Diagnostic& diagnostic : diagnostics)
    out += diagnostic.ToString() + "\n";
  return out;
}

}  // namespace dagfile
