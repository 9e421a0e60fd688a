#include "simulation/rules/facts.h"

#include "base/text.h"

namespace simulation {

Facts::Facts(const emulator::Emulator& its_emr, Ledger& its_ledger, const Patience& its_patience)
    : emr(its_emr), ledger(its_ledger), patience(its_patience) {}

void Facts::Breach(base::Time now, std::string sentence) {
  // The first one counts.
  if (!is_rewinding && breaches.size() < 10)
    breaches.push_back(base::Cat(sentence, " (", base::FormatRfc3339(now), ")"));
}

void Facts::ForgetRun(const model::RunKey& run) {
  runs.erase(run);
  touched.insert(run);
  for (auto& [interval, keys] : by_interval)
    std::erase(keys, run);
  std::erase_if(by_interval, [](const auto& item) { return item.second.empty(); });
  std::erase_if(wishes, [&](const auto& item) { return item.first.job.run == run; });
  for (const auto& [token, intent] : intents) {
    if (intent.attempt.job.run == run)
      deleted_tokens.insert(token);
  }
  const std::string prefix = base::Cat(run.dag.str(), " ", run.run.str(), " ");
  const auto is_of = [&](const auto& item) { return item.first.starts_with(prefix); };
  for (auto it = attempts.lower_bound(prefix); it != attempts.end() && is_of(*it);)
    deleted_attempts.push_back(attempts.extract(it++));
  std::erase_if(jobs, is_of);
}

Promises Facts::ForgetPromises() {
  return std::exchange(static_cast<Promises&>(*this), {});
}

bool Facts::IsTouched(const model::RunKey& run) const {
  return all_touched || touched.contains(run);
}

const model::Dag* Facts::DagOf(const model::RunKey& key) const {
  const auto run = runs.find(key);
  if (run == runs.end())
    return nullptr;
  const auto version = versions.find(run->second.version);
  return version == versions.end() ? nullptr : version->second.get();
}

const model::Job* Facts::DefOf(const model::JobKey& key) const {
  const model::Dag* dag = DagOf(key.run);
  if (dag == nullptr)
    return nullptr;
  for (const model::Job& job : dag->jobs) {
    if (job.id == key.job && job.lane == key.lane)
      return &job;
  }
  return nullptr;
}

std::vector<Promises::Job*> Facts::JobsOf(const model::RunKey& run, const model::Job& job) {
  std::vector<Job*> found;
  const std::string label = JobLabel(run, job);
  if (const auto own = jobs.find(label); own != jobs.end())
    found.push_back(&own->second);
  const std::string instances = base::Cat(label, "[");
  for (auto it = jobs.lower_bound(instances); it != jobs.end() && it->first.starts_with(instances);
       ++it)
    found.push_back(&it->second);
  return found;
}

bool Facts::IsOutOfBounds(const emulator::Cluster& cluster) const {
  return out_of_bounds.contains(&cluster);
}

bool AreTooMany(size_t gone, size_t all) {
  return gone > 0 && (gone >= all || (gone >= 4 && 3 * gone > all));
}

bool IsByPerson(const model::HistoryRow& row) {
  return !row.by.name.empty() && !row.cause.starts_with("note ");
}

std::string JobLabel(const model::RunKey& run, const model::Job& job) {
  return base::Cat(run.dag.str(), " ", run.run.str(), " ", model::DisplayName(job.id, job.lane));
}

}  // namespace simulation
