#include "dagfile/sample.h"

#include "base/text.h"

namespace dagfile {

tmpl::Context SampleOf(const model::Dag& dag, const model::Job& instance) {
  tmpl::Context known;
  json::object& values = known.values;
  for (const char* name : {"ds", "ds_nodash", "ts", "run_id"})
    values[name] = nullptr;
  values["dag_id"] = dag.id.str();
  values["job_id"] = instance.id.str();
  values["try_number"] = 1;
  json::object params;
  for (const auto& param : dag.params)
    params[param.key()] = nullptr;
  values["params"] = std::move(params);
  if (!instance.lane.empty())
    values["lane"] = json::object{{"id", instance.lane.str()}, {"params", instance.lane_params}};
  values["deployment"] = json::object{{"id", nullptr}, {"region", nullptr}};
  for (const char* name : {"logical_date", "data_interval_start", "data_interval_end"})
    known.times[name] = dag.start_date.value_or(base::Time());
  return known;
}

std::string Where(const tmpl::Problem& problem) {
  const tmpl::Place& place = problem.place;
  return place.line > 1 ? base::Cat("line ", place.line, " column ", place.column)
                        : base::Cat("column ", place.column);
}

}  // namespace dagfile
