#pragma once

// Why Spark failed, from what a step and its containers wrote: the deepest exception, the stage,
// lost executors, exit codes, in one paragraph for people. It decides nothing: verdicts rest on
// what EMR's API says (verdict.h). Pure.
//
// Facts: the texts of Spark's scheduler (TaskSetManager, DAGScheduler, YarnAllocator), of YARN's
// container exits, of Java's and Python's tracebacks.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emr {

struct Cause {
  // "java.lang.OutOfMemoryError: Java heap space", "ModuleNotFoundError: No module named 'x'"; ""
  // where the texts name none.
  std::string exception;
  std::string where;   // "train.py line 12, in main": the last place in the user's own Python
  std::string stage;   // "task 3 of stage 5.0 failed 4 times"
  std::string advice;  // how it is usually fixed; "" where no rule knows
  int lost_executors = 0;
  bool is_spot_notice = false;  // nodes were taken back while it ran
  std::optional<int> exit_code;
};

// Of texts in the order in which they count: a driver's streams before the step's, those before its
// controller's. Nothing where none of them says why.
std::optional<Cause> FindCause(const std::vector<std::string_view>& texts);

// One paragraph.
std::string ToText(const Cause& cause);

// The YARN applications that a step's stderr says it has submitted, in their order.
std::vector<std::string> ApplicationsIn(std::string_view stderr_text);

}  // namespace emr
