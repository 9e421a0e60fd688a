#pragma once

// Collects what one event changes: each row once, as it stands at the end of the step, in the order
// in which rows were first touched.

#include <memory_resource>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/rows.h"

namespace engine {

class Recorder {
 public:
  // Numbers history rows from `last_seq` + 1; `by` asked for what happens, if somebody did.
  Recorder(int64_t last_seq, model::Principal by);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder();

  // The row has changed or is new. It is copied at AppendTo: it must live until then at this
  // address. Defined for each kind of row in recorder.cc.
  template <typename Row>
  void Put(const Row& row);
  void Done(const model::CommandRow& command);
  void Drop(const model::RecordKey& record);
  void Delete(model::Deleted deleted);
  void Rename(model::DagId from, model::DagId to);
  void History(base::Time at,
               model::Subject subject,
               std::string_view from,
               std::string_view to,
               std::string_view cause);

  int64_t last_seq() const { return seq_; }
  void AppendTo(std::vector<model::Change>& changes);

 private:
  struct Entry;

  int64_t seq_;
  const model::Principal by_;
  std::vector<Entry> entries_;
  std::pmr::monotonic_buffer_resource memory_;  // of touched_: for one event, given back at once
  std::pmr::unordered_set<const void*> touched_{&memory_};  // membership only: never iterated
};

}  // namespace engine
