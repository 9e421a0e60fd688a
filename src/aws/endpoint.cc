#include "aws/endpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace aws {
namespace {

struct Partition {
  std::string_view region_prefix;
  std::string_view dns_suffix;
  std::string_view dual_stack_suffix;
};
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"", "amazonaws.com", "api.aws"},  // aws and aws-us-gov
};

const Partition& PartitionOf(std::string_view region) {
  return *std::ranges::find_if(kPartitions, [region](const Partition& partition) {
    return region.starts_with(partition.region_prefix);
  });
}

// It becomes part of a host name.
bool IsRegionName(std::string_view region) {
  return std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

struct NamedUrl {
  std::string url;
  std::string origin;
};

// The profile's `services = NAME` and [services NAME], with `emr =` and `endpoint_url` below it.
base::Result<std::optional<NamedUrl>> InServices(const Config& config, const Service& service) {
  auto name = config.InProfile("services");
  if (!name)
    return std::optional<NamedUrl>();
  const auto& all = config.profiles().services();
  auto section = all.find(*name);
  if (section == all.end()) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the profile '",
                                config.profile(),
                                "' names [services ",
                                *name,
                                "], which is not in ",
                                config.profiles().config_path()));
  }
  auto key = section->second.find(base::ToLower(service.id));
  if (key == section->second.end())
    return std::optional<NamedUrl>();
  auto url = key->second.block.find("endpoint_url");
  if (url == key->second.block.end())
    return std::optional<NamedUrl>();
  return std::optional(NamedUrl{url->second, base::Cat("endpoint_url in [services ", *name, "]")});
}

base::Result<std::optional<NamedUrl>> Override(const Config& config,
                                               const Service& service,
                                               std::string_view configured) {
  if (config.Flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
    return std::optional<NamedUrl>();
  for (const std::string& name :
       {base::Cat("AWS_ENDPOINT_URL_", service.id), std::string("AWS_ENDPOINT_URL")}) {
    if (auto url = config.environment()(name))
      return std::optional(NamedUrl{*url, name});
  }
  if (!configured.empty())
    return std::optional(NamedUrl{std::string(configured), "the configured endpoint"});
  ASSIGN_OR_RETURN(std::optional<NamedUrl> in_services, InServices(config, service));
  if (in_services)
    return in_services;
  if (auto url = config.InProfile("endpoint_url"))
    return std::optional(NamedUrl{*url, base::Cat("endpoint_url of profile ", config.profile())});
  return std::optional<NamedUrl>();
}

std::string OwnHost(const Config& config, const Service& service, std::string_view region) {
  const bool fips = config.Flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
  const bool dual = config.Flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  // In GovCloud the plain endpoints are FIPS' own.
  const bool marked = fips && (dual || !region.starts_with("us-gov-"));
  const Partition& partition = PartitionOf(region);
  return base::Cat(service.host_prefix,
                   marked ? "-fips." : ".",
                   region,
                   '.',
                   dual ? partition.dual_stack_suffix : partition.dns_suffix);
}

}  // namespace

base::Result<std::string> ResolveRegion(const Config& config, std::string_view configured) {
  std::string region(configured);
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (region.empty())
      region = config.environment()(name).value_or("");
  }
  if (region.empty())
    region = config.InProfile("region").value_or("");
  if (region.empty()) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("no AWS region: set AWS_REGION or name one in the configuration (",
                                "signalbox.yaml, or the profile '",
                                config.profile(),
                                "')"));
  }
  if (!IsRegionName(region)) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat('"', region, "\" is not an AWS region such as \"eu-central-1\""));
  }
  return region;
}

base::Result<http::Url> ResolveEndpoint(const Config& config,
                                        const Service& service,
                                        std::string_view region,
                                        std::string_view configured) {
  ASSIGN_OR_RETURN(const std::optional<NamedUrl> named, Override(config, service, configured));
  if (!named)
    return http::ParseUrl("https://" + OwnHost(config, service, region));
  auto parsed = http::ParseUrl(named->url);
  if (!parsed)
    return base::Fail(parsed.error().code, base::Cat(named->origin, ": ", parsed.error().message));
  return parsed;
}

}  // namespace aws
