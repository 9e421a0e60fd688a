#pragma once

// Keys of a role by IAM Identity Center (SSO): the token that `aws sso login` has left in
// ~/.aws/sso/cache, exchanged at the portal. Both kinds of profile: with an sso-session, and the
// older one with sso_start_url. Nothing is written to the cache and no token is renewed here: once
// it has expired a person has to log in again.
//
// Facts: botocore's SSOProvider; the file's name is the SHA-1 of the session's name or start URL.

#include <memory>
#include <string>

#include "aws/context.h"
#include "aws/credentials.h"

namespace aws {

std::unique_ptr<Provider> MakeSsoProvider(const Context& context, std::string profile);

}  // namespace aws
