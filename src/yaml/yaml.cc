#include "yaml/yaml.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/check.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "yaml/node_data.h"

namespace yaml {

namespace {

constexpr size_t kMessageMax = 1000;  // characters; no message of ours is so long by itself

bool IsWordAt(std::string_view text, size_t place) {
  if (place >= text.size())
    return false;
  const auto c = static_cast<unsigned char>(text[place]);
  return std::isalnum(c) != 0 || c >= 0x80;
}

// A file's texts stand in quotes in messages: of long ones the first characters are enough to find
// them. The quotes of "can't" are none.
std::string Shortened(const std::string& message) {
  if (message.size() <= base::kEchoMax)
    return message;
  std::string out;
  std::string_view rest = message;
  for (size_t open = 0; (open = rest.find('\'', open)) != std::string_view::npos;) {
    if (open > 0 && IsWordAt(rest, open - 1)) {
      ++open;
      continue;
    }
    size_t close = rest.find('\'', open + 1);
    while (close != std::string_view::npos && IsWordAt(rest, close + 1))
      close = rest.find('\'', close + 1);
    if (close == std::string_view::npos)
      break;
    out += rest.substr(0, open + 1);
    out += base::Excerpt(rest.substr(open + 1, close - open - 1));
    out += '\'';
    rest.remove_prefix(close + 1);
    open = 0;
  }
  return base::Excerpt(out.append(rest), kMessageMax);
}

}  // namespace

std::string Diagnostic::ToString() const {
  return base::Cat(file, ":", mark.line, ":", mark.column, ": ", message);
}

std::vector<Diagnostic> Diagnostics::Take() {
  for (Diagnostic& diagnostic : list_)
    diagnostic.message = Shortened(diagnostic.message);
  std::sort(list_.begin(), list_.end());
  list_.erase(std::unique(list_.begin(), list_.end()), list_.end());
  return std::exchange(list_, {});
}

std::string_view Describe(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kBool:
      return "true or false";
    case Kind::kInt:
      return "a whole number";
    case Kind::kDouble:
      return "a number";
    case Kind::kString:
      return "a text";
    case Kind::kSequence:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

Node::Node() : data_(std::make_shared<Data>()) {}

Kind Node::kind() const {
  return data_->kind;
}
Mark Node::mark() const {
  return data_->mark;
}
bool Node::quoted() const {
  return data_->quoted;
}
const std::string& Node::raw() const {
  return data_->text;
}
const std::vector<Node>& Node::items() const {
  return data_->items;
}
const std::vector<Member>& Node::members() const {
  return data_->members;
}

bool Node::bool_value() const {
  CHECK(kind() == Kind::kBool);
  return data_->boolean;
}

int64_t Node::int_value() const {
  CHECK(kind() == Kind::kInt);
  return data_->integer;
}

double Node::double_value() const {
  if (kind() == Kind::kInt)
    return static_cast<double>(data_->integer);
  CHECK(kind() == Kind::kDouble);
  return data_->number;
}

const Node* Node::Find(std::string_view key) const {
  for (const Member& member : members())
    if (member.key == key)
      return &member.value;
  return nullptr;
}

json::value ToJson(const Node& node) {
  switch (node.kind()) {
    case Kind::kNull:
      return nullptr;
    case Kind::kBool:
      return node.bool_value();
    case Kind::kInt:
      return node.int_value();
    case Kind::kDouble:
      return node.double_value();
    case Kind::kString:
      return json::string(node.raw());
    case Kind::kSequence: {
      json::array array;
      array.reserve(node.items().size());
      for (const Node& item : node.items())
        array.push_back(ToJson(item));
      return array;
    }
    case Kind::kMap: {
      json::object object;
      object.reserve(node.members().size());
      for (const Member& member : node.members())
        object[member.key] = ToJson(member.value);
      return object;
    }
  }
  return nullptr;
}

}  // namespace yaml
