#pragma once

// Who is told what ran, as signalbox.yaml says: sets the exporters up.
//
// Thread rule: the loop's.

#include <memory>
#include <vector>

#include "runtime/exporter.h"

namespace runtime {

struct Core;  // core.h

// kInvalidArgument where a setting cannot be used: a secret that is not there, a URL.
base::Result<std::vector<std::unique_ptr<Exporter>>> MakeExporters(Core& core);

}  // namespace runtime
