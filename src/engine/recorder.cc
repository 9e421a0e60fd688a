#include "engine/recorder.h"

#include <type_traits>

namespace engine {

void Recorder::AppendTo(std::vector<model::Change>& changes) {
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
}

}  // namespace engine
