// Checks: what was promised, when the database has lost its last commits. Lost promises are
// forgotten; what was done for them in the world stays.

#include <utility>

#include "simulation/rules/checks.h"

namespace simulation {

// Everything is replayed, as if the lost commits had never been: so every rule goes on for
// what is left. What cannot hold, and is excused, concerns launches whose intents are lost:
//   I6  their clusters are of nobody (reaper.h judges what becomes of them);
//   I2  their attempts come again, under the same tokens, and launch beside them;
//   I12 they take slots that were given away;
//   I3  who waits for a run of another DAG that is lost may wait for ever.
void Checks::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  const auto intents = std::exchange(intents_, {});
  const auto attempts = std::exchange(attempts_, {});
  const int64_t launches = launches_;
  crossings_.GiveUp();
  since_.clear();
  holes_.clear();
  ticks_.clear();
  by_interval_.clear();
  paused_.clear();
  ever_paused_.clear();
  inactive_.clear();
  runs_.clear();
  fires_.clear();
  jobs_.clear();
  phases_.clear();
  steps_.clear();
  kills_.clear();
  killed_.clear();
  pools_.clear();
  def_of_.clear();
  running_.clear();
  attempt_of_.clear();

  has_loss_ = true;
  is_detached_ = false;
  is_rewinding_ = true;  // it was judged when it happened
  for (const Stored& commit : left)
    OnCommitted(commit.at, commit.batch);
  for (const auto& [token, intent] : intents) {
    const auto kept = intents_.find(token);
    if (kept == intents_.end())
      lost_.try_emplace(token);
    else
      kept->second.sent_at = intent.sent_at;
  }
  for (auto& [label, attempt] : attempts_) {
    if (const auto before = attempts.find(label); before != attempts.end())
      attempt.was_rejected = before->second.was_rejected;
  }
  for (auto& [token, clusters] : lost_)
    clusters.clear();
  for (const LedgerEntry& entry : ledger_.entries())
    OnNews(now, entry);
  is_rewinding_ = false;
  launches_ = launches;
}

// True for a cluster whose launch is lost: whose it is cannot be told.
bool Checks::IsLost(const LedgerEntry& entry, std::string_view token) {
  const auto lost = lost_.find(token);
  if (lost == lost_.end())
    return false;
  lost->second.push_back(entry.cluster);
  out_of_bounds_.insert(entry.cluster);
  return !intents_.contains(token);
}

// A lost launch was decided again, under its token: its clusters have an attempt.
void Checks::Reclaim() {
  for (auto& [token, clusters] : lost_) {
    const auto intent = intents_.find(token);
    if (intent == intents_.end())
      continue;
    for (const emulator::Cluster* cluster : std::exchange(clusters, {})) {
      const LedgerEntry& entry = *ledger_.Find(cluster->id);
      const auto attempt = attempts_.find(entry.name.attempt);
      if (attempt == attempts_.end() || attempt_of_[cluster->ordinal] != nullptr)
        continue;
      attempt_of_[cluster->ordinal] = &attempt->second;
      NoteLaunched(entry, attempt->second, jobs_[std::string(entry.name.job)]);
      --launches_;  // counted when it was made
    }
  }
}

}  // namespace simulation
