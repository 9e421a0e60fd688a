#pragma once

// StrongId: a string that cannot be mistaken for another kind of string.
//
//   using DagId = base::StrongId<struct DagIdTag>;

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace base {

template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) {
    return out << id.value_;
  }

 private:
  std::string value_;
};

}  // namespace base

template <typename Tag>
struct std::hash<base::StrongId<Tag>> {
  std::size_t operator()(const base::StrongId<Tag>& id) const {
    return std::hash<std::string>()(id.str());
  }
};
