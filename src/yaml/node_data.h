#pragma once

// What a Node points to. Only for this folder: parse.cc builds it, yaml.cc reads it.

#include "yaml/yaml.h"

namespace yaml {

struct Node::Data {
  Kind kind = Kind::kNull;
  Mark mark;
  bool quoted = false;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<Node> items;
  std::vector<Member> members;
  int64_t expanded = 1;  // nodes below and here, aliases written out
  int64_t bytes = 0;     // of the texts among them
  int height = 1;
};

}  // namespace yaml
