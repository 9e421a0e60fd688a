#include "simulation/rules/live_rules.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"

namespace simulation {

using emulator::Cluster;

void LiveRules::BeforeCall(const SeenCall& call) {
  called_at_ = call.at;
  facts_.ledger.Follow([&](const LedgerEntry& entry) { OnNews(call.at, entry); });
}

void LiveRules::OnTurn(base::Time now) {
  const size_t begun = facts_.ledger.entries().size();
  facts_.ledger.Follow([&](const LedgerEntry& entry) { OnNews(now, entry); });
  if (facts_.ledger.entries().size() > begun)
    CheckPools(now);
  CheckLive(now);
}

void LiveRules::OnNews(base::Time now, const LedgerEntry& entry) {
  const Cluster& cluster = *entry.cluster;
  const bool is_new = cluster.ordinal >= facts_.attempt_of.size();
  if (is_new)
    facts_.attempt_of.push_back(nullptr);
  const std::string_view token =
      entry.ours ? entry.name.head.substr(facts_.ledger.prefix().size()) : std::string_view();
  if (!entry.ours || IsLost(entry, token) || facts_.deleted_tokens.contains(token))
    return;
  const auto found = facts_.attempts.find(entry.name.attempt);
  if (found == facts_.attempts.end()) {
    facts_.Breach(now,
                  base::Cat("I6: cluster ", cluster.name, " is of no attempt that was committed"));
    return;
  }
  Attempt& attempt = found->second;
  Job& job = facts_.jobs[std::string(entry.name.job)];
  if (is_new) {
    facts_.attempt_of.back() = &attempt;
    NoteLaunched(entry, attempt, job);
  }
  if (entry.worked && !facts_.IsOutOfBounds(cluster)) {
    if (attempt.worker.empty())
      attempt.worker = cluster.id;
    facts_.Check(attempt.worker == cluster.id, now, [&] {
      return base::Cat("I2: two clusters ran the steps of ", entry.name.attempt);
    });
  }
  const model::AttemptKey& key = facts_.intents.find(token)->second.attempt;
  // What was done before its group began again counts no more.
  const bool counts = key.n > job.attempts_before && !attempt.told_nothing;
  if (entry.settled && counts && Succeeded(cluster) && !facts_.IsOutOfBounds(cluster)) {
    facts_.Check(job.success.empty() || job.success == cluster.id || facts_.IsTouched(key.job.run),
                 now,
                 [&] { return base::Cat("I2: ", entry.name.job, " was done twice"); });
    job.success = cluster.id;
  }
}

void LiveRules::NoteLaunched(const LedgerEntry& entry, Attempt& attempt, Job& job) {
  const Cluster& cluster = *entry.cluster;
  ++launches_;
  attempt.clusters.push_back(&cluster);
  job.clusters.push_back(&cluster);
  constexpr base::Duration kSettle = base::minutes(15);  // launch_settle
  constexpr base::Duration kListLag = base::minutes(3);  // list_lag_max
  auto& [token, intent] =
      *facts_.intents.find(entry.name.head.substr(facts_.ledger.prefix().size()));
  // What a lost launch had made is an orphan; the launch that is made again may not know of it.
  for (const Cluster* older : intent.clusters) {
    if (!facts_.is_rewinding && !lost_.contains(token))
      facts_.twins.OnMade(*older, cluster);
  }
  intent.clusters.push_back(&cluster);
  // Lies add up: what lists lack for longer than list_lag_max is as if it was made so much later.
  const base::Duration beyond =
      std::max(base::Duration(0), cluster.list_lag + facts_.patience.unlisted - kListLag);
  if (intent.sent_at && cluster.created_at + beyond - *intent.sent_at > kSettle + kListLag)
    facts_.out_of_bounds.insert(&cluster);
  if (cluster.purged_after || facts_.lost_until(cluster))
    facts_.out_of_bounds.insert(&cluster);
  if (intent.clusters.size() > 1)
    facts_.out_of_bounds.insert(intent.clusters.begin(), intent.clusters.end());
}

void LiveRules::CheckLive(base::Time now) {
  std::vector<std::pair<const Attempt*, const Cluster*>> working;
  working.reserve(facts_.ledger.live().size());
  for (size_t place : facts_.ledger.live()) {
    const Attempt* attempt = facts_.attempt_of[place];
    if (attempt == nullptr)
      continue;
    const Cluster& cluster = *facts_.ledger.entries()[place].cluster;
    if (!cluster.Ending())
      working.emplace_back(attempt, &cluster);
    if (!attempt->closed_at)
      continue;
    const base::Time known_at = facts_.lost_until(cluster).value_or(cluster.created_at);
    facts_.Check(now - std::max(*attempt->closed_at, known_at) <= facts_.patience.kill, now, [&] {
      return base::Cat("I1: cluster ", cluster.name, " lives on after the end of its attempt");
    });
  }
  if (working.empty())
    called_at_ = now;
  facts_.Check(now - std::max(called_at_, facts_.alive_since) <= facts_.patience.silence, now, [&] {
    return base::Cat("I10: ", working.size(), " clusters work, and nothing is asked of EMR");
  });
  // By attempt, and the older cluster first: asked for at every turn, so without a map.
  std::sort(working.begin(), working.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? std::less<>()(a.first, b.first)
                              : a.second->ordinal < b.second->ordinal;
  });
  for (size_t i = 1; i < working.size(); ++i) {
    const Cluster& cluster = *working[i].second;
    facts_.Check(working[i].first != working[i - 1].first ||
                     now - cluster.created_at <= facts_.patience.second,
                 now,
                 [&] {
                   return base::Cat("I1: clusters ",
                                    working[i - 1].second->id,
                                    " and ",
                                    cluster.id,
                                    " of ",
                                    ReadName(cluster.name).attempt,
                                    " live on beside one another");
                 });
  }
}

// A slot is taken by a job with a live cluster, however many of them it has.
void LiveRules::CheckPools(base::Time now) {
  std::map<model::PoolId, std::map<std::string_view, int>> users;  // their slots
  for (size_t place : facts_.ledger.live()) {
    const LedgerEntry& entry = facts_.ledger.entries()[place];
    const auto def = facts_.def_of.find(entry.name.job);
    if (entry.ours && !facts_.IsOutOfBounds(*entry.cluster) && def != facts_.def_of.end() &&
        def->second != nullptr)
      users[def->second->pool][entry.name.job] = def->second->capacity.pool_slots;
  }
  for (const auto& [pool, jobs] : users) {
    const auto slots = pools_.find(pool);
    int used = 0;
    for (const auto& [job, taken] : jobs)
      used += taken;
    if (slots != pools_.end())
      facts_.Check(used <= slots->second, now, [&] {
        return base::Cat("I12: ",
                         jobs.size(),
                         " jobs have clusters for ",
                         used,
                         " slots in ",
                         pool.str(),
                         " with its ",
                         slots->second,
                         " slots");
      });
  }
}

void LiveRules::Rewind(base::Time now, const Promises& before) {
  for (const auto& [token, intent] : before.intents) {
    if (!facts_.intents.contains(token))
      lost_.try_emplace(token);
  }
  for (auto& [token, clusters] : lost_)
    clusters.clear();
  const int64_t launches = launches_;  // counted when they were made
  for (const LedgerEntry& entry : facts_.ledger.entries())
    OnNews(now, entry);
  launches_ = launches;
}

// True for a cluster whose launch is lost: whose it is cannot be told.
bool LiveRules::IsLost(const LedgerEntry& entry, std::string_view token) {
  const auto lost = lost_.find(token);
  if (lost == lost_.end())
    return false;
  lost->second.push_back(entry.cluster);
  facts_.out_of_bounds.insert(entry.cluster);
  return !facts_.intents.contains(token);
}

// A lost launch was decided again, under its token: its clusters have an attempt.
void LiveRules::OnCommitted() {
  if (facts_.is_rewinding)
    return;  // Rewind takes up all clusters
  for (auto& [token, clusters] : lost_) {
    const auto intent = facts_.intents.find(token);
    if (intent == facts_.intents.end())
      continue;
    for (const emulator::Cluster* cluster : std::exchange(clusters, {})) {
      const LedgerEntry& entry = *facts_.ledger.Find(cluster->id);
      const auto attempt = facts_.attempts.find(entry.name.attempt);
      if (attempt == facts_.attempts.end() || facts_.attempt_of[cluster->ordinal] != nullptr)
        continue;
      facts_.attempt_of[cluster->ordinal] = &attempt->second;
      NoteLaunched(entry, attempt->second, facts_.jobs[std::string(entry.name.job)]);
      --launches_;  // counted when it was made
    }
  }
}

}  // namespace simulation
