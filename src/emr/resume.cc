#include "emr/resume.h"

#include <numeric>

namespace emr {

json::object PatchedRequest(json::object request,
                            const std::vector<model::RetryPatch>& patches,
                            int try_number) {
  for (const model::RetryPatch& patch : patches) {
    if (try_number >= patch.from_try)
      base::DeepMerge(request, patch.overrides);
  }
  return request;
}

std::vector<size_t> StepsToRun(size_t step_count,
                               const std::vector<std::vector<model::StepView>>& earlier) {
  std::vector<size_t> left(step_count);
  std::iota(left.begin(), left.end(), size_t{0});
  for (const std::vector<model::StepView>& steps : earlier) {
    if (steps.size() != left.size())
      continue;
    std::vector<size_t> next;
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].state != model::StepState::kCompleted)
        next.push_back(left[i]);
    }
    if (!next.empty())
      left = std::move(next);
  }
  return left;
}

}  // namespace emr
