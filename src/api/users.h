#pragma once

// A user by name, as the records have them now. Thread rule: the loop thread.

#include <string>

#include "accounts/accounts.h"
#include "base/result.h"
#include "runtime/views.h"

namespace api {

// kNotFound: there is none; kCorrupt: their record cannot be read.
base::Result<accounts::User> UserNamed(const runtime::Views& views, const std::string& name);

}  // namespace api
