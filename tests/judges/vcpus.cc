// {"type"}  →  {"vcpus"}: how many vCPUs an instance type has; null if that is not known.

#include "emr/vcpus.h"

#include "json_lines.h"

namespace {

base::Result<json::object> Count(const json::object& question) {
  const auto vcpus = emr::VcpusOfType(base::GetString(question, "type"));
  return json::object{{"vcpus", vcpus ? json::value(*vcpus) : json::value(nullptr)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Count);
}
