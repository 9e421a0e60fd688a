#pragma once

// SNS' action Publish as a call of a JsonClient. Query protocol: parameters in, XML back.
//
// Facts: "Publish" and "Common Errors" in the SNS API reference.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/json_client.h"

namespace aws {

inline constexpr Service kSns = {.id = "SNS", .host_prefix = "sns", .signing_name = "sns"};

// The call's body is what SnsBody makes. The reply of Publish is {MessageId}.
const Protocol& SnsProtocol();
std::string SnsBody(std::string_view action,
                    const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace aws
