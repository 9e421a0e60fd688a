#pragma once

// What the steps of a cluster and their Spark containers wrote, as EMR ships it to the request's
// LogUri: LOGURI/j-1/steps/s-1/stderr.gz, LOGURI/j-1/containers/APPLICATION/CONTAINER/stderr.gz.
// EMR ships every five minutes while a step runs, and once more at its end. And why a step failed:
// the driver's container says it best, for there the exception is; then the step's own streams,
// then its controller's log.
//
// Thread rule: the loop thread, but for what takes a Reader.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "emr/cause.h"
#include "model/rows.h"
#include "store/store.h"

namespace runtime {

struct Core;  // core.h

inline constexpr std::string_view kLogShipping =
    "EMR ships logs to S3 every five minutes, and once more when the step or the cluster ends";

struct StepLogs {
  std::string folder;  // "s3://logs/j-1/"
  std::vector<model::StepView> steps;
};
// kNotFound where its request has no LogUri.
base::Result<StepLogs> LogsOf(store::Reader& rows, const model::ClusterRow& cluster);

// The launch that made a cluster; nothing where we did not launch it.
base::Result<std::optional<model::LaunchRow>> LaunchOf(store::Reader& rows,
                                                       const model::ClusterRow& cluster);
// LogUri of the request, with the cluster's id: "s3://logs/j-1/"; "" where it has none.
base::Result<std::string> LogFolderOf(const model::LaunchRow& launch);

// What a command's process wrote, on this machine: one step without an id.
inline constexpr std::string_view kProcessScheme = "process:";
StepLogs LogsOf(const model::ProcessRow& process);

// "s3://logs/j-1/steps/s-1/stderr.gz", "process:TOKEN/stderr". `stream` is stdout, stderr, and of
// clusters' steps controller or syslog.
std::string LogUriOf(const StepLogs& logs, const std::string& step, std::string_view stream);

// The object's text, unpacked, without the secrets that clusters were given; UTF-8 without control
// characters but line feeds and tabs. kNotFound where it is not there (yet).
using OnLogText = std::function<void(base::Result<std::string>)>;
void ReadLogText(Core& core, const std::string& uri, OnLogText done);

struct StepCause {
  std::optional<emr::Cause> cause;
  std::vector<std::string> sources;  // that were read
  std::string note;                  // what could not be read, or why there is no cause
  bool is_whole = false;             // all that could tell it was there
};
using OnStepCause = std::function<void(base::Result<StepCause>)>;
void FindStepCause(Core& core, StepLogs logs, std::string step, OnStepCause done);

}  // namespace runtime
