#pragma once

// Which parts of the deployment are well: each part has a status, a sentence while it is not well,
// and since when. Pure; the Runtime reports, and callers read.

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace runtime {

struct Component {
  std::string name;     // "emr"
  std::string message;  // what is wrong and how to fix it; "" while it is healthy
  base::Time since;     // that it is so
  bool healthy() const { return message.empty(); }
};

class Health {
 public:
  // `trouble` is "" while the part is well. A change of the status is one log line.
  void Report(std::string_view name, std::string trouble, base::Time now);
  // In the order of their first report.
  const std::vector<Component>& components() const { return components_; }

 private:
  std::vector<Component> components_;
};

}  // namespace runtime
