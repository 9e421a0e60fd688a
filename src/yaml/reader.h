#pragma once

// MapReader: reads a map of known keys strictly. Every mistake becomes a diagnostic at its place,
// and reading goes on, so that a person sees all of them at once.
//
//   MapReader reader(node, "this lane", &diagnostics);
//   auto id = reader.Required<std::string>("id");            // nothing, with a diagnostic
//   int64_t retries = reader.Optional<int64_t>("retries").value_or(0);
//   reader.Later({"deadline"});
//   reader.Finish();                                          // keys nobody asked for are errors
//
// An empty value (`retries:`) is an error too: it is nearly always an unfinished line. The node and
// the diagnostics must outlive the reader.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "yaml/yaml.h"

namespace yaml {

// The typed reads; `name` names the value in the diagnostic ("'retries'"). A text may be written as
// a plain number too (`id: 1`; it is taken as written), but not as a plain true or false.
template <typename T>
std::optional<T> Read(const Node& node, std::string_view name, Diagnostics* diagnostics);

template <>
std::optional<Node> Read(const Node&, std::string_view, Diagnostics*);  // anything but null
template <>
std::optional<std::string> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<int64_t> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<double> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<bool> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<base::Duration> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<base::Time> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<std::vector<std::string>> Read(const Node&, std::string_view, Diagnostics*);
template <>
std::optional<std::vector<Node>> Read(const Node&, std::string_view, Diagnostics*);
// A map, with its values as JSON.
template <>
std::optional<json::object> Read(const Node&, std::string_view, Diagnostics*);

class MapReader {
 public:
  // `what` completes "unknown key 'x' in …". A node that is no map is reported here, and then every
  // read finds nothing without a further word.
  MapReader(const Node& node, std::string_view what, Diagnostics* diagnostics);

  bool is_map() const { return node_.is_map(); }
  const Node& node() const { return node_; }

  template <typename T>
  std::optional<T> Optional(std::string_view key) {
    const Node* value = Take(key);
    return value == nullptr ? std::nullopt : Read<T>(*value, Quote(key), diagnostics_);
  }

  template <typename T>
  std::optional<T> Required(std::string_view key) {
    const Node* value = Take(key);
    if (value == nullptr) {
      Missing(key);
      return std::nullopt;
    }
    return Read<T>(*value, Quote(key), diagnostics_);
  }

  // The value as it is, null too; nullptr where the key is absent.
  const Node* Take(std::string_view key);
  // The place of the key's value, or of the map where the key is absent.
  Mark MarkOf(std::string_view key) const;
  void Error(std::string_view key, std::string message) {
    diagnostics_->Add(MarkOf(key), std::move(message));
  }

  // Keys of the format that this version cannot do yet.
  void Later(std::initializer_list<std::string_view> keys);
  // Reports every key that was not asked for. Call it once, last.
  void Finish();

 private:
  static std::string Quote(std::string_view key);
  void Missing(std::string_view key);

  const Node& node_;
  std::string what_;
  Diagnostics* diagnostics_;
  std::vector<std::string> known_;
  std::vector<std::string> later_;
};

}  // namespace yaml
