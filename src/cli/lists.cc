#include "cli/lists.h"

#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace cli {

std::string DagPath(const std::string& dag) {
  return "/dags/" + http::PercentEncode(dag);
}

std::string RunPath(const std::string& dag, const std::string& run) {
  return base::Cat(DagPath(dag), "/dagRuns/", http::PercentEncode(run));
}

void PrintList(Format format, const json::array& items, const std::vector<Field>& fields) {
  if (format == Format::kJson) {
    Print(PrettyJson(items));
    return;
  }
  std::vector<Table::Column> columns;
  for (const Field& field : fields)
    columns.push_back({field.title, field.is_state});
  Table table(std::move(columns));
  for (const json::value& item : items) {
    if (!item.is_object())
      continue;
    std::vector<std::string> cells;
    for (const Field& field : fields)
      cells.push_back(Cell(item.get_object(), field.path));
    table.Add(std::move(cells));
  }
  Print(table.Render(Terminal::Of(STDOUT_FILENO)));
}

const std::vector<Field>& RunFields() {
  static const std::vector<Field> kFields = {{"DAG", "dag_id"},
                                             {"RUN", "dag_run_id"},
                                             {"STATE", "state", true},
                                             {"TYPE", "run_type"},
                                             {"LOGICAL DATE", "logical_date"},
                                             {"START", "start_date"},
                                             {"END", "end_date"}};
  return kFields;
}

}  // namespace cli
