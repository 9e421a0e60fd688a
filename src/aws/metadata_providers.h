#pragma once

// Keys that this machine's surroundings hand out over plain HTTP: a container's agent (ECS, EKS Pod
// Identity) and EC2's instance metadata service.
//
// Facts: botocore's ContainerProvider and InstanceMetadataFetcher: time-outs, tries, which hosts
// may be asked without TLS, when version 1 of the metadata service stands in for version 2, and
// that keys which it hands out expired or about to are used on (the service is in trouble then).

#include <memory>

#include "aws/context.h"
#include "aws/credentials.h"
#include "base/json.h"

namespace aws {

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI.
std::unique_ptr<Provider> MakeContainerProvider(const Context& context);
std::unique_ptr<Provider> MakeInstanceProvider(const Context& context);

// AccessKeyId, SecretAccessKey, `token` and Expiration of a JSON object; `what` names it in errors.
base::Result<Found> KeysFromJson(const json::object& object,
                                 std::string_view token,
                                 std::string_view what);

}  // namespace aws
