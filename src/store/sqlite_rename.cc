#include "store/sqlite_rename.h"

#include <string>
#include <vector>

namespace store {

namespace {

// "UPDATE <table> SET <column>" for each that holds ids. Asked of the schema, so that none can be
// forgotten.
base::Result<std::vector<std::string>> UpdatesOfIds(sqlite::Database& database) {
  ASSIGN_OR_RETURN(
      sqlite::Statement read,
      database.Prepare("SELECT 'UPDATE ' || tables.name || ' SET ' || columns.name || "
                       "' = ?2 WHERE ' || columns.name || ' = ?1' FROM sqlite_schema AS tables "
                       "JOIN pragma_table_info(tables.name) AS columns "
                       "WHERE tables.type = 'table' AND columns.name IN ('dag', 'wanted_dag')"));
  std::vector<std::string> updates;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, read.Step());
    if (!found)
      return updates;
    updates.push_back(read.Text(0));
  }
}

base::Status Replace(sqlite::Database& database,
                     const std::string& sql,
                     const std::string& from,
                     const std::string& to) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, database.Prepare(sql));
  statement.BindText(from).BindText(to);
  return statement.Run();
}

}  // namespace

base::Status RenameDag(sqlite::Database& database, const model::DagRenamed& renamed) {
  const std::string& from = renamed.from.str();
  const std::string& to = renamed.to.str();
  ASSIGN_OR_RETURN(const std::vector<std::string> updates, UpdatesOfIds(database));
  for (const std::string& update : updates)
    RETURN_IF_ERROR(Replace(database, update, from, to));
  // As sqlite_rows.cc writes them; an id needs no escapes.
  RETURN_IF_ERROR(Replace(
      database,
      "UPDATE job SET waits_for = replace(waits_for, '{\"dag\":\"' || ?1 || '\",', "
      "'{\"dag\":\"' || ?2 || '\",') WHERE instr(waits_for, '{\"dag\":\"' || ?1 || '\",') > 0",
      from,
      to));
  RETURN_IF_ERROR(Replace(
      database, "UPDATE hold SET target = ?2 WHERE scope = 'dag' AND target = ?1", from, to));
  RETURN_IF_ERROR(Replace(
      database,
      "UPDATE record SET name = substr(name, 1, instr(name, '/')) || ?2 WHERE kind = 'favourite' "
      "AND substr(name, instr(name, '/') + 1) = ?1",
      from,
      to));
  return Replace(
      database,
      "UPDATE hold SET target = ?2 || substr(target, length(?1) + 1) WHERE scope = 'job' "
      "AND substr(target, 1, length(?1) + 1) = ?1 || '/'",
      from,
      to);
}

}  // namespace store
