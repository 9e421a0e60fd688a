#include "runtime/health.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace runtime {

void Health::Report(std::string_view name, std::string trouble, base::Time now) {
  auto found = std::find_if(components_.begin(), components_.end(), [&](const Component& part) {
    return part.name == name;
  });
  if (found == components_.end()) {
    components_.push_back({std::string(name), "", now});
    found = components_.end() - 1;
  }
  const bool was_healthy = found->healthy();
  const std::string before = std::exchange(found->message, std::move(trouble));
  if (found->healthy() == was_healthy)
    return;
  if (was_healthy)
    base::LogWarning("unhealthy", {{"component", name}, {"message", found->message}});
  else
    base::LogInfo("healthy_again",
                  {{"component", name},
                   {"unhealthy_since", base::FormatRfc3339(found->since)},
                   {"was", before}});
  found->since = now;
}

}  // namespace runtime
