// Airflow's lists that are asked for by a body: the same lists as those of the query, with members
// in place of parameters.

#include <map>
#include <string>
#include <utility>

#include "api/job_names.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/text.h"

namespace api {

namespace {

std::string_view ParamOf(std::string_view member) {
  static const std::map<std::string_view, std::string_view> kOthers{{"page_limit", "limit"},
                                                                    {"page_offset", "offset"},
                                                                    {"states", "state"},
                                                                    {"task_ids", "task_id"}};
  const auto found = kOthers.find(member);
  return found == kOthers.end() ? member : found->second;
}

base::Result<std::string> TextOf(std::string_view member, const json::value& value) {
  if (value.is_string())
    return std::string(value.get_string());
  if (value.is_null())  // a task without a state
    return std::string("none");
  if (value.is_number())
    return base::Serialize(value);
  return Invalid(base::Cat("'", member, "' must be a list of texts"));
}

base::Result<Exchange> AsQuery(const Exchange& exchange) {
  Exchange asked = exchange;
  asked.target.query.clear();
  for (const auto& member : exchange.body) {
    const std::string_view name = member.key();
    const std::string param(ParamOf(name));
    if (member.value().is_null())
      continue;
    if (const json::array* list = member.value().if_array()) {
      for (const json::value& each : *list) {
        ASSIGN_OR_RETURN(std::string text, TextOf(name, each));
        asked.target.query.emplace_back(param, std::move(text));
      }
      continue;
    }
    ASSIGN_OR_RETURN(std::string text, TextOf(name, member.value()));
    asked.target.query.emplace_back(param, std::move(text));
  }
  return asked;
}

}  // namespace

Answer ListRunsBatch(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const Exchange asked, AsQuery(exchange));
  RETURN_IF_ERROR(CheckQuery(asked.target, kRuns));
  return ListRuns(reading, asked);
}

base::Result<JobsRead> ListTaskInstancesBatch(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const Exchange asked, AsQuery(exchange));
  RETURN_IF_ERROR(CheckQuery(asked.target, kTaskInstances));
  return ListTaskInstances(reading, asked);
}

}  // namespace api
