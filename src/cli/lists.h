#pragma once

// Lists of REST objects on the terminal, the paths of what they are of, and the question before
// something is ended or repeated.

#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/output.h"
#include "cli/server_client.h"
#include "http/message.h"

namespace cli {

// A column of a list: a member of the REST objects, shown under a title.
struct Field {
  std::string title;
  std::string path;
  bool is_state = false;
  Table::Fit fit = Table::Fit::kKeep;
};

// "2026-01-05T00:00:33Z": people do not read the microseconds of a time. Other texts stay.
std::string WithoutFraction(std::string cell);

void PrintList(Format format, const json::array& items, const std::vector<Field>& fields);
// One thing: data alone, or a table with one line.
void PrintOne(Format format, const json::object& item, const std::vector<Field>& fields);
// And, on stderr, how many more there are.
void PrintList(Format format, const ServerClient::Items& list, const std::vector<Field>& fields);
const std::vector<Field>& RunFields();
const std::vector<Field>& TaskFields();
// And of which run they are, if they are not all of one.
std::vector<Field> TaskFieldsOf(const json::array& tasks);

// The task instances as people read them: "none" for those without a state, and "why": what a task
// failed of, and what it waits for.
json::array ForPeople(json::array tasks);

// What a command is about to end or to repeat.
struct Consequence {
  std::string question;  // "Abort the run?"
  json::array touched;
  const std::vector<Field>& fields;
};
// With `yes` at once. Else a person at a terminal is shown what is touched and is asked; where
// nobody can be asked it is refused.
Outcome<void> Confirm(const Consequence& consequence, bool yes);

// Of a list the one whose member is `name`, or none.
Outcome<json::array> FindListed(const ServerClient& server,
                                std::string_view path,
                                std::string_view list,
                                std::string_view member,
                                std::string_view name);

// "dag:a_*, tag:b", or "all"; lists that all have to let a DAG through: "dag:a_* and tag:b".
std::string ScopesText(const json::array& scopes);
// With their `scopes` so, for people.
json::array WithScopes(json::array items);

// "?state=a&state=b&dag_id=x", of those that are not empty.
class Query {
 public:
  Query& Add(std::string_view name, std::string_view value);
  Query& Add(std::string_view name, const std::vector<std::string>& values);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string DagPath(const std::string& dag);
std::string RunPath(const std::string& dag, const std::string& run);

}  // namespace cli
