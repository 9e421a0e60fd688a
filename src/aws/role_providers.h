#pragma once

// Keys of a role that another identity takes on: a profile's role_arn with a source of keys, or a
// web identity token (EKS, CI systems).
//
// Facts: botocore's AssumeRoleProvider and AssumeRoleWithWebIdentityProvider.

#include <memory>
#include <string>
#include <vector>

#include "aws/context.h"
#include "aws/credentials.h"

namespace aws {

// role_arn with source_profile (which may be such a profile itself) or credential_source,
// external_id, role_session_name, duration_seconds. `visited`: the profiles that led here.
std::unique_ptr<Provider> MakeAssumeRoleProvider(const Context& context,
                                                 std::string profile,
                                                 std::vector<std::string> visited = {});

enum class WebIdentityFrom { kEnvironmentAndProfile, kProfile };

// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME or the profile's
// web_identity_token_file, role_arn, role_session_name; the file is read each time, for it rotates.
std::unique_ptr<Provider> MakeWebIdentityProvider(const Context& context,
                                                  std::string profile,
                                                  WebIdentityFrom from);

}  // namespace aws
