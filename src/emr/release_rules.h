#pragma once

// What came with which release, and which releases there are: tables with their sources, and the
// check of a request against them. Only request_check.cc and tests use it.

#include <optional>
#include <string_view>

#include "emr/release.h"
#include "emr/request_facts.h"

namespace emr {

// Reports what the request's release does not have. Nothing where its label is not known before
// rendering, or names no release of the table's kind; the label itself is judged here too.
std::optional<Release> CheckRelease(const json::object& request, Findings& findings);

}  // namespace emr
