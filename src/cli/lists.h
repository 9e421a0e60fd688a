#pragma once

// Lists of REST objects on the terminal, and the paths of what they are of.

#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/output.h"
#include "http/message.h"

namespace cli {

// A column of a list: a member of the REST objects, shown under a title.
struct Field {
  std::string title;
  std::string path;
  bool is_state = false;
};

void PrintList(Format format, const json::array& items, const std::vector<Field>& fields);
const std::vector<Field>& RunFields();

// On a terminal a person is asked; a script must say --yes.
Outcome<void> Confirm(const std::string& question);

std::string DagPath(const std::string& dag);
std::string RunPath(const std::string& dag, const std::string& run);

}  // namespace cli
