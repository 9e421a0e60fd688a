#include "dagfile/sample.h"

#include "base/mask.h"
#include "base/text.h"
#include "dagfile/params.h"
#include "model/select.h"

namespace dagfile {

namespace {

using Members = std::map<std::string, tmpl::Looked, std::less<>>;

// What is not known yet but that it is a secret, by its name.
base::Result<tmpl::Looked> SampleOfVariable(std::string_view name, bool has_members) {
  if (base::IsSecretName(name))
    return tmpl::Secret{{"var", std::string(name)}, has_members};
  return json::value();
}

base::Result<tmpl::Looked> SampleOfConnection(std::string_view id) {
  const std::string name(id);
  Members members;
  for (const char* open :
       {"conn_id", "conn_type", "description", "host", "login", "schema", "port"})
    members.emplace(open, json::value());
  members.emplace("password", tmpl::Secret{{"conn", name, "password"}});
  members.emplace("extra", tmpl::Secret{{"conn", name, "extra"}});
  members.emplace("extra_dejson", tmpl::Secret{{"conn", name, "extra"}, true});
  return std::make_shared<const Members>(std::move(members));
}

void AddSecrets(tmpl::Context& known) {
  known.lookups["conn"] = SampleOfConnection;
  known.lookups["var.value"] = [](std::string_view name) { return SampleOfVariable(name, false); };
  known.lookups["var.json"] = [](std::string_view name) { return SampleOfVariable(name, true); };
}

}  // namespace

tmpl::Context SampleOf(const model::Dag& dag, const model::Job& instance) {
  tmpl::Context known;
  json::object& values = known.values;
  for (const char* name : {"ds",
                           "ds_nodash",
                           "ts",
                           "ts_nodash",
                           "ts_nodash_with_tz",
                           "run_id",
                           "prev_data_interval_end_success"})
    values[name] = nullptr;
  values["dag_run"] = json::object{{"run_id", nullptr}, {"conf", nullptr}};
  values["ti"] = json::object{{"try_number", 1}, {"map_index", -1}};
  values["map_index"] = -1;
  if (instance.map_over)
    values["item"] = nullptr;
  values["dag_id"] = dag.id.str();
  values["job_id"] = instance.id.str();
  values["try_number"] = 1;
  values["params"] = NullParams(dag);
  if (!instance.lane.empty())
    values["lane"] = json::object{{"id", instance.lane.str()}, {"params", instance.lane_params}};
  if (!dag.lanes.empty())
    values["lanes"] = nullptr;
  values["deployment"] = json::object{{"id", nullptr}, {"region", nullptr}};
  json::object outputs;
  for (const auto& [name, index] : model::OutputNames(dag, instance))
    outputs[name] = nullptr;
  values["outputs"] = std::move(outputs);
  json::object assets;
  for (std::string& name : dag.assets ? model::AssetsOf(*dag.assets) : std::vector<std::string>())
    assets[name] = nullptr;
  values["triggering_asset_events"] = std::move(assets);
  AddSecrets(known);
  known.samples = {"ti", "try_number", "map_index"};
  for (const char* name : {"logical_date", "data_interval_start", "data_interval_end"})
    for (const char* map : {"", "dag_run."})
      known.times[base::Cat(map, name)] = dag.start_date.value_or(base::Time());
  return known;
}

std::string Where(const tmpl::Problem& problem) {
  const tmpl::Place& place = problem.place;
  return place.line > 1 ? base::Cat("line ", place.line, " column ", place.column)
                        : base::Cat("column ", place.column);
}

}  // namespace dagfile
