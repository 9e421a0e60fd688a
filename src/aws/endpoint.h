#pragma once

// Which region and which URL a service's calls go to, by AWS's conventions. Pure but for the
// environment that is passed in.
//
// Facts: botocore's configprovider (precedence), partitions.json (DNS suffixes). The variable's
// suffix is the service's id, AWS_ENDPOINT_URL_EMR, while its host and signing name say
// elasticmapreduce.

#include <string>
#include <string_view>

#include "aws/environment.h"
#include "base/result.h"
#include "http/message.h"

namespace aws {

// A service of the AWS JSON protocols.
struct Service {
  std::string_view variable_suffix;  // of AWS_ENDPOINT_URL_…
  std::string_view host_prefix;
  std::string_view signing_name;
  std::string_view target_prefix;  // of X-Amz-Target
  std::string_view json_version;   // "1.0" or "1.1"
};

inline constexpr Service kEmr = {.variable_suffix = "EMR",
                                 .host_prefix = "elasticmapreduce",
                                 .signing_name = "elasticmapreduce",
                                 .target_prefix = "ElasticMapReduce",
                                 .json_version = "1.1"};

// `configured`, else AWS_REGION, else AWS_DEFAULT_REGION. What names the region outright wins, as
// in the SDKs: a stray variable must not move a deployment. kInvalidArgument where there is none.
base::Result<std::string> ResolveRegion(const Environment& environment,
                                        std::string_view configured);

// AWS_ENDPOINT_URL_<SERVICE>, else AWS_ENDPOINT_URL, else `configured`, else AWS's own host; with
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true always the last.
base::Result<http::Url> ResolveEndpoint(const Environment& environment,
                                        const Service& service,
                                        std::string_view region,
                                        std::string_view configured);

}  // namespace aws
