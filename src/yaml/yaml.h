#pragma once

// Strict YAML: text in, an immutable tree with places and a list of diagnostics out.
//
// yaml-cpp does the scanning; this layer adds what it lets through: duplicate keys, merge keys
// (`<<`), unterminated quotes, several documents, bytes that are not text, alias bombs. It knows
// nothing of DAGs or templates. Nothing here throws, whatever the bytes. Values are immutable and
// may be read from any thread.
//
// Plain scalars are typed by YAML 1.2's core schema: true/false, null/~/empty, whole numbers (also
// 0o17 and 0x1f) and decimals. So `no`, `yes`, `on`, `off` are texts, and so are dates. Two rules
// are ours, because a loss nobody sees is worse than an error: digits with a leading zero (`007`)
// stay a text, and a number that no 64-bit type can hold, `.inf` and `.nan` are errors.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace yaml {

// Both count from 1; columns count bytes.
struct Mark {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Mark&, const Mark&) = default;
};

struct Diagnostic {
  std::string file;
  Mark mark;
  std::string message;

  std::string ToString() const;  // "dags/a.yaml:3:7: message"
  friend auto operator<=>(const Diagnostic&, const Diagnostic&) = default;
};

// Gathers the errors of one file.
class Diagnostics {
 public:
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  void Add(Mark mark, std::string message) { list_.push_back({file_, mark, std::move(message)}); }
  bool empty() const { return list_.empty(); }
  const std::string& file() const { return file_; }
  // In the order of the file, without repeats (an alias shows the same mistake more than once).
  std::vector<Diagnostic> Take();

 private:
  std::string file_;
  std::vector<Diagnostic> list_;
};

enum class Kind { kNull, kBool, kInt, kDouble, kString, kSequence, kMap };

// "a whole number", "a list": what a person calls it.
std::string_view Describe(Kind kind);

struct Member;

// A cheap handle: copies share the same immutable data, as do the uses of one anchor.
class Node {
 public:
  Node();  // null at 1:1

  Kind kind() const;
  Mark mark() const;  // of an alias: the place of what it stands for
  bool is_string() const { return kind() == Kind::kString; }
  bool is_sequence() const { return kind() == Kind::kSequence; }
  bool is_map() const { return kind() == Kind::kMap; }

  // REQUIRE the kind.
  bool bool_value() const;
  int64_t int_value() const;
  double double_value() const;  // an int reads as a double too
  // The text of a string, and of any other scalar as it was written ("1.10", "0x1f"); "" otherwise.
  const std::string& raw() const;
  // A scalar in quotes or in block style (`|`, `>`): a text whatever it looks like.
  bool quoted() const;

  // Empty for everything that is no list or no map.
  const std::vector<Node>& items() const;
  const std::vector<Member>& members() const;  // as written, then those that came by `<<`
  const Node* Find(std::string_view key) const;

 private:
  friend class Builder;
  struct Data;
  explicit Node(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

struct Member {
  std::string key;
  Mark key_mark;
  Node value;
};

inline constexpr size_t kMaxBytes = 8 << 20;         // of one file
inline constexpr int64_t kMaxNodes = 200'000;        // aliases written out: stops alias bombs
inline constexpr int64_t kMaxAliasBytes = 32 << 20;  // of the texts that aliases repeat
inline constexpr int kMaxDepth = 64;

struct Parsed {
  // There when the text could be read to its end, so that its other errors can be found too. With
  // any diagnostic the file is not to be used.
  std::optional<Node> root;
  std::vector<Diagnostic> diagnostics;
};

// `file` only names the text in diagnostics.
Parsed Parse(const std::string& file, std::string_view text);

json::value ToJson(const Node& node);

}  // namespace yaml
