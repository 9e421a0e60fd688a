#include "engine/recorder.h"

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace engine {

namespace {

// Rows are pointed to until the end of the step; what has no row is held.
template <typename Change>
struct HeldAs {
  using type = const Change*;
};
template <typename Row>
struct HeldAs<base::Boxed<Row>> {
  using type = const Row*;
};
template <typename Change>
  requires std::is_same_v<Change, model::CommandDone> ||
           std::is_same_v<Change, model::DagRenamed> ||
           std::is_same_v<Change, model::RecordDropped> || std::is_same_v<Change, model::Deleted> ||
           std::is_same_v<Change, model::HistoryRow>
struct HeldAs<Change> {
  using type = Change;
};

template <typename Changes>
struct AllHeldAs;
template <typename... Changes>
struct AllHeldAs<std::variant<Changes...>> {
  using type = std::variant<typename HeldAs<Changes>::type...>;
};

}  // namespace

struct Recorder::Entry {
  AllHeldAs<model::Change>::type held;
};

Recorder::Recorder(int64_t last_seq, model::Principal by) : seq_(last_seq), by_(std::move(by)) {}
Recorder::~Recorder() = default;

template <typename Row>
void Recorder::Put(const Row& row) {
  if (touched_.insert(&row).second)
    entries_.push_back({&row});
}

void Recorder::Done(const model::CommandRow& command) {
  entries_.push_back({model::CommandDone{command.aggregate, command.sequence}});
}
void Recorder::Drop(const model::RecordKey& record) {
  entries_.push_back({model::RecordDropped{record}});
}
void Recorder::Delete(model::Deleted deleted) {
  entries_.push_back({std::move(deleted)});
}
void Recorder::Rename(model::DagId from, model::DagId to) {
  entries_.push_back({model::DagRenamed{std::move(from), std::move(to)}});
}
void Recorder::History(base::Time at,
                       model::Subject subject,
                       std::string_view from,
                       std::string_view to,
                       std::string_view cause) {
  entries_.push_back({model::HistoryRow{++seq_,
                                        at,
                                        std::move(subject),
                                        std::string(from),
                                        std::string(to),
                                        std::string(cause),
                                        by_}});
}

void Recorder::AppendTo(std::vector<model::Change>& changes) {
  for (Entry& entry : entries_) {
    std::visit(
        [&](auto& held) {
          if constexpr (std::is_pointer_v<std::remove_reference_t<decltype(held)>>)
            changes.emplace_back(*held);
          else
            changes.emplace_back(std::move(held));
        },
        entry.held);
  }
  entries_.clear();
  touched_.clear();
}

// Put for the row of each change that has one; callers see its declaration alone.
template <typename Held>
constexpr auto PutOf() {
  if constexpr (std::is_pointer_v<Held>)
    return &Recorder::Put<std::remove_const_t<std::remove_pointer_t<Held>>>;
  else
    return nullptr;
}
template <typename Changes>
struct Puts;
template <typename... Changes>
struct Puts<std::variant<Changes...>> {
  static constexpr std::tuple kAll{PutOf<typename HeldAs<Changes>::type>()...};
};
template struct Puts<model::Change>;

}  // namespace engine
