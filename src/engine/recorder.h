#pragma once

// Collects what one event changes: each row once, as it stands at the end of the step, in the order
// in which rows were first touched.

#include <memory_resource>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <variant>
#include <vector>

#include "model/rows.h"

namespace engine {

class Recorder {
 public:
  // Numbers history rows from `last_seq` + 1; `by` asked for what happens, if somebody did.
  Recorder(int64_t last_seq, model::Principal by) : seq_(last_seq), by_(std::move(by)) {}

  // The row has changed or is new. It is copied at AppendTo: it must live until then at this
  // address.
  template <typename Row>
  void Put(const Row& row) {
    if (touched_.insert(&row).second)
      entries_.emplace_back(&row);
  }
  void Done(const model::CommandRow& command) {
    entries_.emplace_back(model::CommandDone{command.aggregate, command.sequence});
  }
  void Drop(const model::RecordKey& record) { entries_.emplace_back(model::RecordDropped{record}); }
  void Delete(model::Deleted deleted) { entries_.emplace_back(std::move(deleted)); }
  void Rename(model::DagId from, model::DagId to) {
    entries_.emplace_back(model::DagRenamed{std::move(from), std::move(to)});
  }
  void History(base::Time at,
               model::Subject subject,
               std::string_view from,
               std::string_view to,
               std::string_view cause) {
    entries_.emplace_back(std::in_place_type<model::HistoryRow>,
                          ++seq_,
                          at,
                          std::move(subject),
                          std::string(from),
                          std::string(to),
                          std::string(cause),
                          by_);
  }

  int64_t last_seq() const { return seq_; }
  void AppendTo(std::vector<model::Change>& changes);

 private:
  // Rows are pointed to until the end of the step; what has no row is held.
  template <typename Row>
  struct EntryOf {
    using type = const Row*;
  };
  template <typename Row>
  struct EntryOf<base::Boxed<Row>> {
    using type = const Row*;
  };
  template <typename Held>
    requires std::is_same_v<Held, model::CommandDone> || std::is_same_v<Held, model::DagRenamed> ||
             std::is_same_v<Held, model::RecordDropped> || std::is_same_v<Held, model::Deleted> ||
             std::is_same_v<Held, model::HistoryRow>
  struct EntryOf<Held> {
    using type = Held;
  };
  template <typename Change>
  struct Entries;
  template <typename... Rows>
  struct Entries<std::variant<Rows...>> {
    using type = std::variant<typename EntryOf<Rows>::type...>;
  };
  using Entry = Entries<model::Change>::type;
  int64_t seq_;
  const model::Principal by_;
  std::vector<Entry> entries_;
  std::pmr::monotonic_buffer_resource memory_;  // of touched_: for one event, given back at once
  std::pmr::unordered_set<const void*> touched_{&memory_};  // membership only: never iterated
};

}  // namespace engine
