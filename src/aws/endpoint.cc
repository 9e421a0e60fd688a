#include "aws/endpoint.h"

#include <algorithm>

#include "base/text.h"

namespace aws {
namespace {

struct Partition {
  std::string_view region_prefix;
  std::string_view dns_suffix;
};
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn"},
    {"eusc-", "amazonaws.eu"},
    {"us-iso-", "c2s.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov"},
    {"eu-isoe-", "cloud.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov"},
};

std::string_view DnsSuffix(std::string_view region) {
  for (const Partition& partition : kPartitions) {
    if (region.starts_with(partition.region_prefix))
      return partition.dns_suffix;
  }
  return "amazonaws.com";
}

// It becomes part of a host name.
bool IsRegionName(std::string_view region) {
  return std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

base::Result<http::Url> ParseNamed(std::string_view url, std::string_view origin) {
  base::Result<http::Url> parsed = http::ParseUrl(url);
  if (!parsed)
    return base::Fail(parsed.error().code, base::Cat(origin, ": ", parsed.error().message));
  return parsed;
}

}  // namespace

base::Result<std::string> ResolveRegion(const Environment& environment,
                                        std::string_view configured) {
  std::string region(configured);
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (region.empty())
      region = environment(name).value_or("");
  }
  if (region.empty()) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "no AWS region: set AWS_REGION or name one in the configuration");
  }
  if (!IsRegionName(region)) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat('"', region, "\" is not an AWS region such as \"eu-central-1\""));
  }
  return region;
}

base::Result<http::Url> ResolveEndpoint(const Environment& environment,
                                        const Service& service,
                                        std::string_view region,
                                        std::string_view configured) {
  std::string ignore = environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("");
  if (base::ToLower(ignore) != "true") {
    for (const std::string& name : {base::Cat("AWS_ENDPOINT_URL_", service.variable_suffix),
                                    std::string("AWS_ENDPOINT_URL")}) {
      if (std::optional<std::string> url = environment(name))
        return ParseNamed(*url, name);
    }
    if (!configured.empty())
      return ParseNamed(configured, "the configured endpoint");
  }
  return http::ParseUrl(
      base::Cat("https://", service.host_prefix, '.', region, '.', DnsSuffix(region)));
}

}  // namespace aws
