// What is known of DAGs beside themselves: their tags, how many runs they have, what is wrong with
// them, what their versions say.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr std::array kStates{model::RunState::kQueued,
                             model::RunState::kRunning,
                             model::RunState::kSuccess,
                             model::RunState::kFailed};

// The active DAGs, or those that are asked for.
base::Result<std::vector<model::DagRow>> DagsOf(const Reading& reading,
                                                const std::vector<std::string>& wanted) {
  ASSIGN_OR_RETURN(auto rows, reading.rows.Dags());
  std::erase_if(rows, [&](const model::DagRow& row) {
    return wanted.empty() ? !row.is_active
                          : std::ranges::find(wanted, row.dag.str()) == wanted.end();
  });
  return rows;
}

// JSON that a person reads. The resolved DAG is JSON, and so it is YAML as well.
void Write(const json::value& value, size_t depth, std::string& out) {
  const auto line = [&](size_t at) { out += base::Cat("\n", std::string(at * 2, ' ')); };
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  if ((object == nullptr || object->empty()) && (array == nullptr || array->empty())) {
    out += base::Serialize(value);
    return;
  }
  bool is_first = true;
  const auto next = [&] {
    out += is_first ? "" : ",";
    is_first = false;
    line(depth + 1);
  };
  out += object != nullptr ? '{' : '[';
  if (object != nullptr) {
    for (const auto& member : *object) {
      next();
      out += base::Cat(base::Serialize(json::value(member.key())), ": ");
      Write(member.value(), depth + 1, out);
    }
  } else {
    for (const json::value& item : *array) {
      next();
      Write(item, depth + 1, out);
    }
  }
  line(depth);
  out += object != nullptr ? '}' : ']';
}

// The jobs of each DAG whose pool is gone: they would wait for ever.
base::Result<json::array> WarningsOf(const Reading& reading,
                                     const std::vector<model::DagRow>& rows) {
  ASSIGN_OR_RETURN(const auto pool_rows, reading.rows.Pools());
  std::set<model::PoolId> pools;
  for (const model::PoolRow& pool : pool_rows)
    pools.insert(pool.id);
  json::array warnings;
  for (const model::DagRow& row : rows) {
    ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
    std::set<std::string> missing;
    for (const model::Job& job : dag->jobs) {
      if (!pools.contains(job.pool))
        missing.insert(base::Cat("'", job.pool.str(), "'"));
    }
    if (missing.empty())
      continue;
    const std::string names = base::Join({missing.begin(), missing.end()}, ", ");
    warnings.push_back(json::object{
        {"dag_id", row.dag.str()},
        {"dag_display_name", row.dag.str()},
        {"warning_type", "non-existent pool"},
        {"message", base::Cat("Dag '", row.dag.str(), "' references non-existent pools: ", names)},
        {"timestamp", TimeOrNull(reading.now.imported_at)}});
  }
  return warnings;
}

}  // namespace

Answer ListDagTags(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, {"name"});
  if (!order)
    return order.error();
  const auto patterns = ReadPatterns(exchange, "tag_name");
  ASSIGN_OR_RETURN(const auto rows, DagsOf(reading, {}));
  std::set<std::string> found;
  for (const model::DagRow& row : rows) {
    ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
    std::ranges::copy_if(dag->tags, std::inserter(found, found.end()), [&](const std::string& tag) {
      return FitsAll(patterns, tag);
    });
  }
  json::array tags(found.begin(), found.end());
  if (!order->empty() && order->front().is_descending)
    std::ranges::reverse(tags);
  return PageOf("tags", std::move(tags), *paging);
}

Answer ListDagStats(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto rows, DagsOf(reading, ReadAll(exchange, "dag_ids")));
  ASSIGN_OR_RETURN(const auto counts, reading.rows.CountRuns());
  std::map<std::pair<model::DagId, model::RunState>, int64_t> runs;
  for (const store::RunCount& count : counts)
    runs[{count.dag, count.state}] = count.runs;
  json::array dags;
  for (const model::DagRow& row : rows) {
    json::array stats;
    for (const model::RunState state : kStates)
      stats.push_back(json::object{{"state", ToString(state)}, {"count", runs[{row.dag, state}]}});
    dags.push_back(json::object{{"dag_id", row.dag.str()},
                                {"dag_display_name", row.dag.str()},
                                {"stats", std::move(stats)}});
  }
  const size_t total = dags.size();
  return json::object{{"dags", std::move(dags)}, {"total_entries", total}};
}

Answer ListDagWarnings(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, {"dag_id"});
  if (!order)
    return order.error();
  const std::string type = exchange.target.Param("warning_type").value_or("non-existent pool");
  if (type != "non-existent pool" && type != "asset conflict" && type != "runtime varying value")
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", base::Excerpt(type), "' is no type of a warning"));
  ASSIGN_OR_RETURN(const auto rows, DagsOf(reading, ReadAll(exchange, "dag_id")));
  ASSIGN_OR_RETURN(json::array warnings, WarningsOf(reading, rows));
  if (type != "non-existent pool")
    warnings.clear();
  if (!order->empty() && order->front().is_descending)
    std::ranges::reverse(warnings);
  return PageOf("dag_warnings", std::move(warnings), *paging);
}

Answer GetDagSource(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const model::DagRow row, FindDag(reading, exchange.dag()));
  ASSIGN_OR_RETURN(const auto versions, reading.rows.Versions(row.dag));
  const auto of = [&](const model::DagVersionRow& version) {
    return version.version == row.version;
  };
  auto found = std::ranges::find_if(versions, of);
  if (exchange.target.Param("version_number")) {
    ASSIGN_OR_RETURN(const int64_t number, ReadInt(exchange, "version_number", 0));
    found = number < 1 || number > std::ssize(versions) ? versions.end()
                                                        : versions.begin() + (number - 1);
  }
  if (found == versions.end())
    return base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("there is no such version of it: its versions are 1 to ", versions.size()));
  ASSIGN_OR_RETURN(const json::value resolved,
                   base::ParseJson(found->resolved, "a stored DAG version"));
  std::string content;
  Write(resolved, 0, content);
  return json::object{{"dag_id", row.dag.str()},
                      {"dag_display_name", row.dag.str()},
                      {"version_number", found - versions.begin() + 1},
                      {"content", content + "\n"}};
}

}  // namespace api
