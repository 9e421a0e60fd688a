#include "engine/recorder.h"

#include <type_traits>

namespace engine {

std::vector<model::Change> Recorder::Take() {
  std::vector<model::Change> changes;
  changes.reserve(entries_.size());
  for (Entry& entry : entries_) {
    std::visit(
        [&](auto& held) {
          if constexpr (std::is_pointer_v<std::remove_reference_t<decltype(held)>>)
            changes.emplace_back(*held);
          else
            changes.emplace_back(std::move(held));
        },
        entry);
  }
  entries_.clear();
  touched_.clear();
  return changes;
}

}  // namespace engine
