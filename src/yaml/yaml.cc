#include "yaml/yaml.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "yaml/node_data.h"

namespace yaml {

std::string Diagnostic::ToString() const {
  return base::Cat(file, ":", mark.line, ":", mark.column, ": ", message);
}

std::vector<Diagnostic> Diagnostics::Take() {
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
