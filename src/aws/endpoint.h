#pragma once

// Which region and which URL a service's calls go to, by AWS's conventions. Pure.
//
// Facts: botocore's configprovider (precedence), partitions.json (DNS suffixes) and the services'
// endpoint rules (FIPS, dual-stack). The variable's suffix is the service's id,
// AWS_ENDPOINT_URL_EMR, while its host and signing name say elasticmapreduce.

#include <string>
#include <string_view>

#include "aws/config.h"
#include "base/result.h"
#include "http/message.h"

namespace aws {

struct Service {
  std::string_view id;  // the suffix of AWS_ENDPOINT_URL_…, in lower case the key in `services`
  std::string_view host_prefix;
  std::string_view signing_name;
  std::string_view target_prefix = "";  // of X-Amz-Target; "" outside the JSON protocols
  std::string_view json_version = "";   // "1.0" or "1.1"
};

inline constexpr Service kEmr = {.id = "EMR",
                                 .host_prefix = "elasticmapreduce",
                                 .signing_name = "elasticmapreduce",
                                 .target_prefix = "ElasticMapReduce",
                                 .json_version = "1.1"};
inline constexpr Service kDynamoDb = {.id = "DYNAMODB",
                                      .host_prefix = "dynamodb",
                                      .signing_name = "dynamodb",
                                      .target_prefix = "DynamoDB_20120810",
                                      .json_version = "1.0"};
inline constexpr Service kSqs = {.id = "SQS",
                                 .host_prefix = "sqs",
                                 .signing_name = "sqs",
                                 .target_prefix = "AmazonSQS",
                                 .json_version = "1.0"};
inline constexpr Service kSts = {.id = "STS", .host_prefix = "sts", .signing_name = "sts"};
inline constexpr Service kSsoPortal = {
    .id = "SSO", .host_prefix = "portal.sso", .signing_name = "awsssoportal"};

// `configured`, else AWS_REGION, else AWS_DEFAULT_REGION, else the profile's. What names the region
// outright wins, as in the SDKs: a stray variable must not move a deployment. kInvalidArgument
// where there is none.
base::Result<std::string> ResolveRegion(const Config& config, std::string_view configured);

// AWS_ENDPOINT_URL_<SERVICE>, else AWS_ENDPOINT_URL, else `configured`, else the endpoint_url of
// the service in the profile's `services` section, else the profile's own, else AWS's own host
// (with -fips, dual-stack where asked for); with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true always
// the last.
base::Result<http::Url> ResolveEndpoint(const Config& config,
                                        const Service& service,
                                        std::string_view region,
                                        std::string_view configured = "");

}  // namespace aws
