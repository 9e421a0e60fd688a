#pragma once

// What the commands of variables and connections have in common.

#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

// stdin, without the end of its last line, where the text is "-"; else the text.
Outcome<std::string> ValueOf(const std::string& text);

// One of Airflow's bulk actions on a list resource ("/variables"): the names that it was done for,
// or its first refusal.
struct BulkAction {
  std::string_view action;              // "create"
  std::string_view otherwise = "fail";  // for what is there already, or is not
  json::array entities = {};
};
Outcome<json::array> Change(const LiveOptions& options, std::string_view path, BulkAction action);

// The object of a file by name, each made into an entity.
using ToEntity = Outcome<json::object> (*)(const std::string& name, const json::value& value);
Outcome<void> ImportFile(const FileOptions& asked, std::string_view path, ToEntity to_entity);
// Refuses, and names them, if there are some that do not open: a file without their values would
// pass for a whole one.
Outcome<void> CheckAllOpen(const json::array& records, std::string_view name_member);
// One is removed, after a person has seen it. `fields`: how it is shown.
struct Removal {
  std::string_view path;         // "/variables"
  std::string_view list;         // the member of its answer
  std::string_view name_member;  // "key"
  std::string_view noun;         // "variable"
};
Outcome<void> Remove(const SecretOptions& asked,
                     const Removal& what,
                     const std::vector<Field>& fields);
// All of the list, by name.
Outcome<void> ExportFile(const FileOptions& asked, const json::object& by_name, size_t hidden);

}  // namespace cli
