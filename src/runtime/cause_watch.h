#pragma once

// Looks for the cause of each attempt that ended with a failure of its application, once EMR has
// shipped the logs: a few times within a quarter of an hour, one attempt at a time. What is found
// is kept with the attempt. It decides nothing, and nothing waits for it.
//
// Thread rule: the loop's.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "http/loop.h"
#include "model/rows.h"

namespace runtime {

struct Core;  // core.h

class CauseWatch {
 public:
  explicit CauseWatch(Core& core) : core_(core) {}

  // Also looks for those of attempts that ended before this process began.
  void Start();
  void OnCommitted(const std::vector<model::Change>& committed);

  struct Counts {
    int64_t found = 0;
    int64_t not_found = 0;  // after the last look
    int64_t left_out = 0;   // too many failed at once
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Wanted {
    base::Time ended_at;
    size_t looks = 0;
    base::Time due;
  };
  struct Read;

  void Add(const model::AttemptKey& attempt, base::Time ended_at);
  void Arm();
  void LookAtNext();
  void OnRead(const model::AttemptKey& attempt, const Read& read);
  // Nothing more is to be found.
  void Forget(const model::AttemptKey& attempt);
  // Nothing was found: it is looked for later, or no more.
  void LookLater(const model::AttemptKey& attempt, const std::string& why);
  void Keep(const model::AttemptKey& attempt, int64_t deletions, std::string text);

  Core& core_;
  std::map<model::AttemptKey, Wanted> wanted_;
  bool is_looking_ = false;
  http::Timer timer_;
  Counts counts_;
  // What comes back later holds this weakly.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace runtime
