#include "aws/credentials.h"

namespace aws {

base::Result<wire::Credentials> EnvironmentCredentials::Current() const {
  std::optional<std::string> access_key = environment_("AWS_ACCESS_KEY_ID");
  std::optional<std::string> secret_key = environment_("AWS_SECRET_ACCESS_KEY");
  if (!access_key && !secret_key) {
    return base::Fail(base::ErrorCode::kPermission,
                      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
                      "AWS_SESSION_TOKEN for temporary keys)");
  }
  if (!access_key || !secret_key) {
    return base::Fail(base::ErrorCode::kPermission,
                      access_key ? "half of the AWS credentials: AWS_ACCESS_KEY_ID is set, "
                                   "AWS_SECRET_ACCESS_KEY is not"
                                 : "half of the AWS credentials: AWS_SECRET_ACCESS_KEY is set, "
                                   "AWS_ACCESS_KEY_ID is not");
  }
  return wire::Credentials{.access_key = *access_key,
                           .secret_key = *secret_key,
                           .session_token = environment_("AWS_SESSION_TOKEN").value_or("")};
}

}  // namespace aws
