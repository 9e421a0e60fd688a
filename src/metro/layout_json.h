#pragma once

// A layout as JSON, as GET /map/layout answers it, and what of it is read back. Pure.

#include "base/json.h"
#include "base/result.h"
#include "metro/layout.h"

namespace metro {

json::object ToJson(const Layout& layout);

// What a layout is continued from (LayOut's `former`): stations, assets, and the ways of edges. A
// text that was not written by ToJson is an error.
base::Result<Layout> FormerFromJson(const json::value& value);

}  // namespace metro
