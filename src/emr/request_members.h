#pragma once

// The rules for single members of a request: roles, tags, applications, images, root volumes, and
// texts that say None. Only request_check.cc uses it.

#include <optional>

#include "emr/release.h"
#include "emr/request_facts.h"

namespace emr {

void CheckMembers(const json::object& request,
                  const std::optional<Release>& release,
                  Findings& findings);

}  // namespace emr
