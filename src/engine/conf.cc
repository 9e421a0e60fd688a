#include "engine/conf.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/json_schema.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/select.h"

namespace engine {

namespace {

using base::Cat;

// Of params that a message lists.
constexpr size_t kNamedMost = 20;

std::string Known(const std::vector<std::string>& params) {
  if (params.empty())
    return "it declares none";
  const auto end =
      params.begin() + static_cast<std::ptrdiff_t>(std::min(params.size(), kNamedMost));
  return Cat("it declares ",
             base::Join({params.begin(), end}, ", "),
             params.size() > kNamedMost ? ", …" : "");
}

base::Status CheckNames(const model::Dag& dag, const json::object& conf) {
  if (dag.params_open)
    return {};
  const std::vector<std::string> params = model::ParamNames(dag);
  for (const auto& member : conf) {
    const std::string name(member.key());
    if (std::ranges::find(params, name) != params.end())
      continue;
    const auto near = base::DidYouMean(name, params);
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("the DAG '",
                          dag.id.str(),
                          "' has no param '",
                          base::Excerpt(name, 60),
                          near ? Cat("'; did you mean '", *near, "'? (") : "' (",
                          Known(params),
                          "; `params_open: true` in its file lets a trigger set others)"));
  }
  return {};
}

}  // namespace

json::object ConfOf(const model::RunRow& run) {
  auto conf = base::ParseJson(run.conf);
  return conf && conf->is_object() ? std::move(conf->get_object()) : json::object();
}

json::object ParamsOf(const model::Dag& dag, const json::object& conf) {
  json::object params = dag.params;
  base::DeepMerge(params, conf);
  for (const auto& member : conf) {
    if (member.value().is_null() && dag.param_schemas.contains(member.key()))
      params[member.key()] = nullptr;
  }
  return params;
}

base::Status CheckConf(const model::Dag& dag, const json::object& conf) {
  RETURN_IF_ERROR(CheckNames(dag, conf));
  if (dag.param_schemas.empty())
    return {};
  const json::object params = ParamsOf(dag, conf);
  for (const auto& param : dag.param_schemas) {
    const json::value* value = params.if_contains(param.key());
    const base::Status fits = value == nullptr
                                  ? base::Fail(base::ErrorCode::kInvalidArgument,
                                               "No value passed and Param has no default value")
                                  : base::CheckAgainst(param.value().as_object(), *value);
    if (!fits)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        Cat("Invalid input for param ", param.key(), ": ", fits.error().message));
  }
  return {};
}

}  // namespace engine
