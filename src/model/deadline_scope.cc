#include "model/deadline_scope.h"

#include <algorithm>

#include "base/text.h"

namespace model {

bool Concerns(const SharedDeadline& deadline, const Dag& dag) {
  const bool by_tag = std::ranges::any_of(dag.tags, [&](const std::string& tag) {
    return std::ranges::find(deadline.tags, tag) != deadline.tags.end();
  });
  return by_tag || std::ranges::any_of(deadline.dags, [&](const std::string& pattern) {
           return base::GlobMatch(pattern, dag.id.str());
         });
}

}  // namespace model
