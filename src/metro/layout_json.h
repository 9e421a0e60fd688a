#pragma once

// A layout as JSON, as GET /map/layout answers it, and read back. Pure.

#include "base/json.h"
#include "base/result.h"
#include "metro/layout.h"

namespace metro {

json::object ToJson(const Layout& layout);

}  // namespace metro
