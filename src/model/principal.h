#pragma once

// Who asks for something: in every command, and in the history of all that follows from it.

#include <cstddef>
#include <string>
#include <utility>

namespace model {

struct Principal {
  Principal() = default;
  Principal(std::string who, std::string by_means = "", std::string from_where = "")
      : name(std::move(who)), means(std::move(by_means)), address(std::move(from_where)) {}
  Principal(const char* who) : name(who) {}
  Principal(std::nullptr_t) = delete;

  std::string name;     // "ada"; "" is Signalbox itself
  std::string means;    // "api"; the way by which it was asked
  std::string address;  // the peer's, as the server sees it; "" if there is none
  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace model
