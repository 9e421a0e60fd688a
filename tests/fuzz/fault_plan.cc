#include "emulator/fault_plan.h"

#include "base/check.h"
#include "targets.h"

namespace fuzz {

// A plan that is taken can be counted with.
void FuzzFaultPlan(std::string_view bytes) {
  const base::Result<emulator::FaultPlan> plan = emulator::ParseFaultPlan(bytes, "f.yaml");
  if (!plan) {
    CHECK(plan.error().message.starts_with("f.yaml"));
    return;
  }
  for (const emulator::Fault& fault : plan->faults) {
    CHECK(!emulator::Text(fault.kind).empty());
    CHECK(fault.nth == 0 || fault.Hits(fault.nth));
  }
}

}  // namespace fuzz
