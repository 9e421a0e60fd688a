#include "fault_finder/plan.h"

namespace fault_finder {

std::string_view ToString(Mode mode) {
  switch (mode) {
    case Mode::kRandom:
      return "random";
    case Mode::kLiveness:
      return "liveness";
  }
  return "";
}

}  // namespace fault_finder
