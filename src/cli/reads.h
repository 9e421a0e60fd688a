#pragma once

// Commands that do no more than show an answer of the API: a table of them (reads.cc), each with
// its path and its columns. What needs more thought is a command of its own (commands.h).

#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

struct Read {
  std::string_view group;  // "dags"; "": a command of its own
  std::string_view name;
  std::string_view about;
  // Below /api/v2; each part in braces is an argument of the command: "/dags/{DAG}/tasks".
  std::string_view path;
  std::string_view member;         // the answer's that is shown: "tasks"; "": the whole of it
  std::vector<Field> fields = {};  // of a list; none: an object, a line for each of its members
  bool has_pages = false;
  // Of a list: its items as people read them.
  json::array (*for_people)(json::array items) = nullptr;

  std::vector<std::string> Arguments() const;  // "DAG"
};
const std::vector<Read>& Reads();

struct ReadOptions {
  LiveOptions live;
  std::vector<std::string> arguments;
};
Outcome<void> Show(const Read& read, const ReadOptions& options);

}  // namespace cli
