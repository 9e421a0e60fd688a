#include "emr/name.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace emr {

namespace {
constexpr size_t kNameMax = 256;  // RunJobFlowInput.Name, botocore emr/2009-03-31
constexpr size_t kIncarnationSize = 6;
constexpr size_t kTokenSize = 20;
constexpr std::string_view kPrefix = "sbx-";

// Keeps the end, which tells apart ids that begin alike.
std::string Shorten(const std::string& text, size_t size) {
  if (text.size() <= size)
    return text;
  return size < 3 ? text.substr(text.size() - size) : "~" + text.substr(text.size() - size + 1);
}
}  // namespace

model::LaunchToken ComputeToken(std::string_view incarnation,
                                const model::AttemptKey& attempt,
                                int launch_no,
                                int64_t deletions) {
  return model::LaunchToken(model::TokenOf(incarnation, attempt, launch_no, deletions));
}

std::string ClusterName(const LaunchIdentity& id) {
  const model::JobKey& job = id.attempt.job;
  std::string front = base::Cat(
      kPrefix, id.deployment, "-", id.incarnation.substr(0, kIncarnationSize), "-", id.token.str());
  std::string back = base::Cat(" ", model::DisplayName(job), " try ", id.attempt.n);
  size_t room = kNameMax - std::min(kNameMax, front.size() + back.size() + 2);
  std::string dag = job.run.dag.str(), run = job.run.run.str();
  if (dag.size() + run.size() > room) {
    run = Shorten(run, std::max(room / 2, room - std::min(room, dag.size())));
    dag = Shorten(dag, room - std::min(room, run.size()));
  }
  return base::Cat(front, " ", dag, " ", run, back);
}

std::optional<ParsedName> ParseClusterName(std::string_view name) {
  if (!name.starts_with(kPrefix))
    return std::nullopt;
  std::vector<std::string> parts =
      base::Split(name.substr(kPrefix.size(), name.find(' ') - kPrefix.size()), '-');
  if (parts.size() != 3 || parts[0].empty() || parts[1].size() != kIncarnationSize ||
      parts[2].size() != kTokenSize)
    return std::nullopt;
  return ParsedName{parts[0], parts[1], model::LaunchToken(parts[2])};
}

bool IsOurs(const ParsedName& name, std::string_view deployment, std::string_view incarnation) {
  return name.deployment == deployment &&
         name.incarnation == incarnation.substr(0, kIncarnationSize);
}

}  // namespace emr
