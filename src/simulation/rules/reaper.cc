#include "simulation/rules/reaper.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

namespace {

constexpr int kFew = 2;  // may always go
constexpr int64_t kAskEvery = 40;
// How old what a pass shows can be, and how long it can take.
constexpr base::Duration kPass = base::minutes(10);

std::string_view TokenOf(const Ledger& ledger, const LedgerEntry& entry) {
  return entry.name.head.substr(ledger.prefix().size());
}

}  // namespace

ReaperRules::ReaperRules(Checks& checks, const Ledger& ledger, const Options& options)
    : checks_(checks), ledger_(ledger), options_(options) {}

bool ReaperRules::IsOrphan(const LedgerEntry& entry) const {
  return has_loss_ && entry.ours && !launches_.contains(TokenOf(ledger_, entry));
}

std::optional<base::Time> ReaperRules::FirstLaunch() const {
  std::optional<base::Time> first;
  for (const auto& [token, at] : launches_)
    first = std::min(first.value_or(at), at);
  return first;
}

// By our clock it may be earlier.
base::Time ReaperRules::DueAt(const LedgerEntry& orphan) const {
  return std::max(born_at_, orphan.cluster->created_at) + options_.reaper.grace;
}

bool ReaperRules::MayKeep(const LedgerEntry& entry) const {
  if (!IsOrphan(entry))
    return false;
  const std::optional<base::Time> first = FirstLaunch();
  // Whether too many look unclaimed depends on who else lives; a share of all is never too much.
  return !options_.reaper.armed || options_.reaper.max_ratio < 1 || !first ||
         entry.cluster->created_at < *first + options_.ahead;
}

void ReaperRules::Note(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change))
      launches_.try_emplace((*launch)->token.str(), now);
  }
}

void ReaperRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  has_loss_ = true;
  launches_.clear();
  doomed_.clear();
  for (const Stored& commit : left)
    Note(commit.at, commit.batch);
}

void ReaperRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Note(now, batch);
  if (!has_loss_)
    return;
  std::vector<const LedgerEntry*> decided;
  for (const model::Change& change : batch) {
    const auto* command = std::get_if<model::CommandRow>(&change);
    if (command == nullptr || command->kind != model::CommandKind::kTerminate)
      continue;
    const LedgerEntry* entry = ledger_.Find(command->aggregate);
    if (entry != nullptr && IsOrphan(*entry) && !doomed_.contains(entry->cluster->id))
      decided.push_back(entry);
  }
  if (decided.empty())
    return;
  JudgeShare(now);
  for (const LedgerEntry* orphan : decided)
    Judge(now, *orphan);
  if (static_cast<int>(decided.size()) > options_.reaper.max_per_pass)
    checks_.Breach(now,
                   base::Cat("I16: the reaper kills ", decided.size(), " orphans in one pass"));
  for (const LedgerEntry* orphan : decided)
    doomed_.insert(orphan->cluster->id);
}

void ReaperRules::Judge(base::Time now, const LedgerEntry& orphan) {
  const std::string& name = orphan.cluster->name;
  if (!options_.reaper.armed)
    checks_.Breach(now, base::Cat("I16: the reaper is not armed, and kills ", name));
  if (now + options_.ahead < DueAt(orphan))
    checks_.Breach(now, base::Cat("I16: the reaper kills ", name, " within its grace"));
  const std::optional<base::Time> first = FirstLaunch();
  if (!first || orphan.cluster->created_at < *first - options_.ahead)
    checks_.Breach(now,
                   base::Cat("I16: the reaper kills ", name, ", which is older than the database"));
}

// A pass saw at least those orphans that have been there for long, and of our clusters at most
// those that live or did so lately.
void ReaperRules::JudgeShare(base::Time now) {
  int unclaimed = 0;
  int ours = 0;
  for (const LedgerEntry& entry : ledger_.entries()) {
    const emulator::Cluster& cluster = *entry.cluster;
    if (!entry.ours || (cluster.ended_at && *cluster.ended_at < now - kPass))
      continue;
    ++ours;
    // A pass cannot count what no list shows.
    unclaimed += IsOrphan(entry) && !cluster.Ending() && cluster.created_at < now - kPass &&
                 !doomed_.contains(cluster.id) && !options_.is_hidden(cluster);
  }
  if (unclaimed > kFew && unclaimed > options_.reaper.max_ratio * ours)
    checks_.Breach(now,
                   base::Cat("I16: the reaper kills, and ",
                             unclaimed,
                             " of our ",
                             ours,
                             " clusters look unclaimed"));
}

void ReaperRules::OnTurn(base::Time now) {
  if (has_loss_ && ++turns_ % kAskEvery == 0)
    JudgeTheLiving(now);
}

void ReaperRules::JudgeTheLiving(base::Time now) {
  std::optional<std::set<std::string>> names;
  for (size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    const emulator::Cluster& cluster = *entry.cluster;
    if (!IsOrphan(entry) || cluster.Ending() || doomed_.contains(cluster.id))
      continue;
    if (now > std::max(born_at_, cluster.created_at) + options_.patience) {
      if (!names)
        names = names_();
      if (!names->contains(cluster.id))
        checks_.Breach(now, base::Cat("I1: the orphan ", cluster.name, " is not reported"));
    }
    const int others = static_cast<int>(ledger_.live().size());
    if (!MayKeep(entry) && others <= options_.reaper.max_per_pass &&
        now > DueAt(entry) + options_.patience)
      checks_.Breach(now, base::Cat("I1: the orphan ", cluster.name, " is not killed"));
  }
}

}  // namespace simulation
