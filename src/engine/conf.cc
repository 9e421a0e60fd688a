#include "engine/conf.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/safe_text.h"
#include "base/text.h"

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

}  // namespace

base::Status CheckConf(const model::Dag& dag, const json::object& conf) {
  if (dag.params_open)
    return {};
  std::vector<std::string> params;
  for (const auto& param : dag.params)
    params.emplace_back(param.key());
  for (const auto& member : conf) {
    if (dag.params.contains(member.key()))
      continue;
    const std::string name(member.key());
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

}  // namespace engine
