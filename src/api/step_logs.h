#pragma once

// What the steps of a cluster and their Spark containers wrote, as EMR ships it to the request's
// LogUri: LOGURI/j-1/steps/s-1/stderr.gz, LOGURI/j-1/containers/APPLICATION/CONTAINER/stderr.gz.
// EMR ships every five minutes while a step runs, and once more at its end.
//
// Thread rule: the loop thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "base/result.h"
#include "model/rows.h"

namespace api {

inline constexpr std::string_view kLogShipping =
    "EMR ships logs to S3 every five minutes, and once more when the step or the cluster ends";

struct StepLogs {
  std::string folder;  // "s3://logs/j-1/"
  std::vector<model::StepView> steps;
};
// kNotFound where its request has no LogUri.
base::Result<StepLogs> LogsOf(store::Reader& rows, const model::ClusterRow& cluster);

// "s3://logs/j-1/steps/s-1/stderr.gz". `stream` is stdout, stderr, controller or syslog.
std::string LogUriOf(const StepLogs& logs, const std::string& step, std::string_view stream);
bool IsStream(std::string_view text);
// Of the cluster of the path.
base::Result<StepLogs> ReadLogs(const Reading& reading, const Exchange& exchange);

// The object's text, unpacked, without the secrets that clusters were given; UTF-8 without control
// characters but line feeds and tabs. `offset`: where the page that it is for begins; a later page
// is of the text that the pages before were of, while that is kept (log_texts.h).
void ReadLogText(Context& context,
                 const std::string& uri,
                 size_t offset,
                 std::function<void(base::Result<LogTexts::Text>)> done);

}  // namespace api
