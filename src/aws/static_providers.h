#pragma once

// Keys that stand somewhere as they are: the environment, the credentials file, the config file.

#include <memory>
#include <string>

#include "aws/context.h"
#include "aws/credentials.h"

namespace aws {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
std::unique_ptr<Provider> MakeEnvironmentProvider(const Context& context);
// aws_access_key_id, aws_secret_access_key and aws_session_token of a profile.
std::unique_ptr<Provider> MakeCredentialsFileProvider(const Context& context, std::string profile);
std::unique_ptr<Provider> MakeConfigFileProvider(const Context& context, std::string profile);

}  // namespace aws
