#pragma once

// What the steps of a cluster wrote (runtime/step_logs.h), for who asks.
//
// Thread rule: the loop thread.

#include <string>
#include <string_view>

#include "api/exchange.h"
#include "base/result.h"
#include "runtime/step_logs.h"

namespace api {

using runtime::kLogShipping;
using runtime::LaunchOf;
using runtime::LogFolderOf;
using runtime::LogsOf;
using runtime::LogUriOf;
using runtime::StepLogs;

bool IsStream(std::string_view text);
// Of the cluster of the path.
base::Result<StepLogs> ReadLogs(const Reading& reading, const Exchange& exchange);

// Why a log could not be read, for people.
base::Error WhyNoLog(const std::string& uri, base::Error error);

// The object's text, unpacked, without the secrets that clusters were given; UTF-8 without control
// characters but line feeds and tabs. `offset`: where the page that it is for begins; a later page
// is of the text that the pages before were of, while that is kept (log_texts.h).
void ReadLogText(Context& context,
                 const std::string& uri,
                 size_t offset,
                 std::function<void(base::Result<LogTexts::Text>)> done);

}  // namespace api
