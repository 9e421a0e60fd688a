#pragma once

// The process's environment as a value: what the AWS conventions, the SIGNALBOX__SECTION__KEY
// overrides and SIGNALBOX_HTTP_TIMEOUT are read from.

#include <map>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "base/result.h"
#include "base/time.h"
#include "dagfile/project.h"

namespace runtime {

using Environment = std::map<std::string, std::string>;

Environment ReadEnvironment();

aws::Environment ForAws(const Environment& environment);
// The SIGNALBOX__SECTION__KEY variables alone.
dagfile::Environment Overrides(const Environment& environment);
std::string ZoneDirectory(const Environment& environment);
// SIGNALBOX_HTTP_TIMEOUT ("5s"), of one EMR call, in wall time; 10 s without it.
base::Result<base::Duration> HttpTimeout(const Environment& environment);
// What the variable that sources.webhook.token_env names holds; "" where it names none.
base::Result<std::string> WebhookToken(const Environment& environment,
                                       const dagfile::Sources& sources);

}  // namespace runtime
