#include "runtime/tail.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace runtime {

Tail::Tail(std::vector<model::HistoryRow> newest) {
  for (model::HistoryRow& row : newest)
    rows_.push_back(std::make_shared<const model::HistoryRow>(std::move(row)));
  if (!rows_.empty())
    newest_ = rows_.back()->seq;
  Trim();
}

void Tail::Add(const std::vector<model::Change>& committed) {
  const int64_t before = newest_;
  bool is_renamed = false;
  for (const model::Change& change : committed) {
    is_renamed = is_renamed || std::holds_alternative<model::DagRenamed>(change);
    const auto* row = std::get_if<model::HistoryRow>(&change);
    if (row == nullptr)
      continue;
    // A commit of unknown outcome has happened: nobody told us its rows.
    if (row->seq != newest_ + 1)
      rows_.clear();
    rows_.push_back(std::make_shared<const model::HistoryRow>(*row));
    newest_ = row->seq;
  }
  // The rows in the store name the DAG as it is called now, these do not.
  if (is_renamed)
    rows_.clear();
  if (newest_ == before)
    return;
  Trim();
  Tell();
}

void Tail::Tell() {
  std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
  const auto listeners = listeners_;  // one may bring others
  for (const auto& listener : listeners) {
    if (const auto call = listener.lock())
      (*call)();
  }
}

void Tail::Trim() {
  while (rows_.size() > kRows)
    rows_.pop_front();
}

bool Tail::Holds(int64_t after) const {
  return after >= newest_ || (!rows_.empty() && rows_.front()->seq <= after + 1);
}

std::vector<std::shared_ptr<const model::HistoryRow>> Tail::After(int64_t after) const {
  const auto first = std::ranges::upper_bound(
      rows_, after, {}, [](const auto& row) -> int64_t { return row->seq; });
  return {first, rows_.end()};
}

std::shared_ptr<const Tail::Listener> Tail::Listen(Listener fn) {
  auto listener = std::make_shared<const Listener>(std::move(fn));
  listeners_.push_back(listener);
  return listener;
}

}  // namespace runtime
