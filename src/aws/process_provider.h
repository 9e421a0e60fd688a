#pragma once

// Keys that a program prints: a profile's credential_process. The program is started without a
// shell, its stderr is ours, and it has a minute. The loop goes on meanwhile.
//
// Facts: "Sourcing credentials with an external process"; botocore's ProcessProvider.

#include <memory>
#include <string>

#include "aws/context.h"
#include "aws/credentials.h"

namespace aws {

std::unique_ptr<Provider> MakeProcessProvider(const Context& context, std::string profile);

}  // namespace aws
