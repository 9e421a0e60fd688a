#pragma once

// I4 and I13, of records: a change that was accepted is stored, as a whole and once, under the next
// revision, and is there after a restart; one that was refused had a reason, and changed nothing;
// each change that is not quiet has exactly one line of history, which names who asked for it and
// tells what was and what is.
//
// Who asks tells what it asks for, and what it is answered (fault_finder's clerk.h). No two
// requests write the same body.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "driver/driver.h"
#include "model/event.h"
#include "simulation/rules/checks.h"
#include "store/store.h"

namespace simulation {

class RecordRules : public Witness {
 public:
  explicit RecordRules(Checks& checks) : checks_(checks) {}

  // What the product believes.
  void AlsoAsk(std::function<const engine::Engine*()> engine) { engine_ = std::move(engine); }
  // Returns the request's number. Before it is posted.
  size_t OnAsked(const model::ChangeRecords& asked);
  void OnAnswered(base::Time now, size_t number, const driver::Outcome& outcome);
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnDeath(base::Time now) override;
  void OnTurn(base::Time now) override;
  // What the store shows is what it was given.
  void AtEnd(base::Time now, store::Reader& reader);

 private:
  using One = model::ChangeRecords::One;
  struct Asked {
    model::ChangeRecords what;
    std::set<model::RecordKey> done;  // those of its records that are written
    bool is_open = true;              // it may yet be done
  };
  struct Line {
    model::RecordKey record;
    std::string from, to, by;
    friend bool operator==(const Line&, const Line&) = default;
  };

  void OnRow(base::Time now, const model::RecordRow& row);
  void OnDropped(base::Time now, const model::RecordKey& record);
  // The open request that writes this body, or drops the record (null). Null: nobody asks for it.
  Asked* Find(const model::RecordKey& record, const std::string* body);
  void Take(base::Time now, Asked& asked, const model::RecordKey& record, bool is_put);
  void OnLine(base::Time now, const model::HistoryRow& row);
  // Something stands against it, before the turn's commits or after one of them.
  bool HasReason(const model::ChangeRecords& asked) const;
  int64_t RevisionOf(const model::RecordKey& record) const;
  void Breach(base::Time now, const model::RecordKey& record, std::string_view what);

  Checks& checks_;
  std::function<const engine::Engine*()> engine_ = [] { return nullptr; };
  std::map<model::RecordKey, model::RecordRow> records_;
  std::vector<Asked> asked_;
  size_t latest_ = 0;  // that is done: requests are done in their order
  std::map<model::RecordKey, std::set<int64_t>> revisions_;  // that it had in this turn
  std::vector<Line> owed_;                                   // of the batch
};

}  // namespace simulation
