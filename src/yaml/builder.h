#pragma once

// Builds the tree from yaml-cpp's events and finds what yaml-cpp lets through. Only for this
// folder.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "base/text.h"
#include "yaml/node_data.h"

namespace yaml {

// Thrown through yaml-cpp after a diagnostic that ends the reading; Parse catches it.
struct Stop {};

inline Mark ToMark(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}
inline std::string Place(Mark mark) {
  return base::Cat("line ", mark.line, " column ", mark.column);
}

class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, Diagnostics* diagnostics)
      : text_(text), diagnostics_(*diagnostics) {}

  const std::optional<Node>& root() const { return root_; }
  // The innermost `[` or `{` that is still open.
  std::optional<Mark> OpenBracket(char* bracket) const;
  // Where the innermost open map or list begins.
  std::optional<Mark> OpenCollection() const;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { EndCollection(); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  using Data = Node::Data;

  enum class KeyUse { kMember, kMerge, kDrop };

  struct Frame {
    std::shared_ptr<Data> data;
    YAML::anchor_t anchor = 0;
    size_t pos = 0;
    // Of a map: the key that waits for its value, the keys seen, and what `<<` named.
    std::optional<Member> key;
    KeyUse key_use = KeyUse::kMember;
    std::map<std::string, Mark, std::less<>> seen;
    std::vector<std::pair<Node, Mark>> merges;
  };

  [[noreturn]] void Fail(Mark mark, std::string message) {
    diagnostics_.Add(mark, std::move(message));
    throw Stop{};
  }
  void CheckTag(Mark mark, const std::string& tag, std::string_view allowed);
  void StartCollection(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void EndCollection();
  void Deliver(Node node, Mark mark, YAML::anchor_t anchor);
  void TakeKey(Frame& frame, const Node& node, Mark mark);
  void TakeValue(Frame& frame, Node node, Mark mark);
  void Merge(Data& map, const Node& from, std::map<std::string, Mark, std::less<>>& seen);
  void Count(int64_t nodes, int height, Mark mark);

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  int64_t nodes_ = 0;
  int64_t alias_bytes_ = 0;
};

}  // namespace yaml
