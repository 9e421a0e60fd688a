#pragma once

// The shadow ledger: every cluster that EMR's model ever made and every dollar of it, with what its
// Name says about whom it belongs to. It reads EMR's truth and the Name alone, never the product's
// tables.
//
// Money is instance hours at one price: who pays for what matters here, not how much.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/emulator.h"
#include "model/rows.h"

namespace simulation {

// What stands in a Name behind the token: "<dag> <run> <job> try N". Views into it.
struct NameParts {
  std::string_view head;     // "sbx-<deployment>-<incarnation>-<token>"
  std::string_view run;      // "<dag> <run>"
  std::string_view job;      // "<dag> <run> <job>"
  std::string_view attempt;  // "<dag> <run> <job> try N"
  int n = 0;
};
// Nothing stands in a Name that is not of this form.
NameParts ReadName(std::string_view name);
// Its parts, as they are in a Name.
std::string LabelOf(const model::RunKey& run);
std::string LabelOf(const model::JobKey& job);
std::string LabelOf(const model::AttemptKey& attempt);

struct LedgerEntry {
  const emulator::Cluster* cluster = nullptr;
  NameParts name;
  bool ours = false;  // it has this database's prefix
  bool worked = false;
  bool settled = false;  // ended, and counted
};

// All its steps are COMPLETED, whatever became of it then.
bool HasDoneItsWork(const emulator::Cluster& cluster);
// And it ended by itself.
bool Succeeded(const emulator::Cluster& cluster);

struct Bill {
  double useful_hours = 0;   // of clusters that ran their steps well
  double retried_hours = 0;  // of those that did not
  double strange_hours = 0;  // of those that are not ours
};

class Ledger {
 public:
  // `prefix`: "sbx-<deployment>-<first 6 of incarnation>-".
  Ledger(const emulator::Emulator& emr, std::string prefix);

  // Takes up what EMR has made since, and what has ended. `on_news` is called for each entry that
  // began, began to work, or ended.
  template <typename OnNews>
  void Follow(OnNews on_news) {
    const auto& clusters = emr_.clusters();
    while (entries_.size() < clusters.size()) {
      Add(clusters[entries_.size()]);
      live_.push_back(entries_.size() - 1);
      on_news(entries_.back());
    }
    size_t kept = 0;
    for (size_t index : live_) {
      LedgerEntry& entry = entries_[index];
      if (Update(entry))
        on_news(entry);
      if (!entry.settled)
        live_[kept++] = index;
    }
    live_.resize(kept);
  }

  const std::vector<LedgerEntry>& entries() const { return entries_; }
  const std::vector<size_t>& live() const { return live_; }  // places in entries()
  const LedgerEntry* Find(std::string_view cluster_id) const;
  const std::string& prefix() const { return prefix_; }
  Bill Count(base::Time now) const;

 private:
  void Add(const emulator::Cluster& cluster);
  // True where it began to work or ended.
  bool Update(LedgerEntry& entry);

  const emulator::Emulator& emr_;
  const std::string prefix_;
  std::vector<LedgerEntry> entries_;
  std::vector<size_t> live_;
  std::map<std::string, size_t, std::less<>> by_id_;
};

}  // namespace simulation
