#include "base/hash.h"
#include "base/text.h"
#include "model/ids.h"
#include "model/rows.h"

namespace model {

std::string DisplayName(const JobId& job, const LaneId& lane, int index) {
  const std::string name = lane.empty() ? job.str() : base::Cat(job.str(), "_", lane.str());
  return index < 0 ? name : base::Cat(name, "[", index, "]");
}

std::string DisplayName(const JobKey& key) {
  return DisplayName(key.job, key.lane, key.index);
}

std::string DisplayName(const GroupKey& key) {
  return key.lane.empty() ? key.group : base::Cat(key.group, " in lane ", key.lane.str());
}

std::string TokenOf(std::string_view incarnation,
                    const AttemptKey& attempt,
                    int number,
                    int64_t deletions) {
  constexpr size_t kTokenSize = 20;
  const JobKey& job = attempt.job;
  // Length-prefixed parts: no two keys give the same text.
  std::string text;
  std::vector<std::string> parts{std::string(incarnation),
                                 job.run.dag.str(),
                                 job.run.run.str(),
                                 job.job.str(),
                                 job.lane.str(),
                                 base::Cat(attempt.n),
                                 base::Cat(number)};
  if (job.index >= 0)
    parts.push_back(base::Cat(job.index));
  if (deletions > 0)
    parts.push_back(base::Cat("deletion ", deletions));
  for (const std::string& part : parts)
    text += base::Cat(part.size(), ":", part, ";");
  return base::Base32(base::AsText(base::Sha256(text))).substr(0, kTokenSize);
}

RunId NameOfDeleted(const RunId& run, int64_t number) {
  return RunId(base::Cat(run.str(), " (deleted ", number, ")"));
}

std::string ToString(const RunKey& key) {
  return base::Cat(key.dag.str(), "/", key.run.str());
}

std::string ToString(const JobKey& key) {
  return base::Cat(ToString(key.run), "/", DisplayName(key));
}

}  // namespace model
