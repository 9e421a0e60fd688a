#include "api/exchange.h"

#include <algorithm>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "model/dag_json.h"

namespace api {

namespace {

constexpr int kLimitMax = 1000;
constexpr size_t kDagsMax = 1000;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

bool Contains(const std::vector<std::string_view>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string Names(const std::vector<std::string_view>& list) {
  if (list.empty())
    return "there are none here";
  return base::Cat("known: ", base::Join({list.begin(), list.end()}, ", "));
}

}  // namespace

base::Result<std::shared_ptr<const model::Dag>> Context::Dag(const model::VersionId& version_id) {
  if (auto found = dags_.find(version_id); found != dags_.end())
    return found->second;
  ASSIGN_OR_RETURN(model::DagVersionRow row, runtime.reader().Version(version_id));
  ASSIGN_OR_RETURN(json::value value, base::ParseJson(row.resolved, "a stored DAG version"));
  if (!value.is_object())
    return base::Fail(base::ErrorCode::kCorrupt, "a stored DAG version is no object");
  ASSIGN_OR_RETURN(auto dag, model::DagFromJson(value.get_object()));
  if (dags_.size() >= kDagsMax)
    dags_.clear();
  dags_.emplace(version_id, dag);
  return dag;
}

base::Status CheckParams(const Exchange& exchange, const std::vector<std::string_view>& known) {
  for (const auto& [name, value] : exchange.target.query) {
    if (!Contains(known, name))
      return Invalid(base::Cat(
          "the query parameter '", base::Excerpt(name), "' is not supported; ", Names(known)));
  }
  return {};
}

namespace {

// Which one of two counts differs from server to server.
base::Result<std::optional<std::string>> ReadOne(const Exchange& exchange, std::string_view name) {
  std::vector<std::string> values = ReadAll(exchange, name);
  if (values.size() > 1)
    return Invalid(base::Cat("'", name, "' is given more than once"));
  if (values.empty())
    return std::nullopt;
  return std::move(values.front());
}

}  // namespace

base::Result<int64_t> ReadInt(const Exchange& exchange, std::string_view name, int64_t otherwise) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOne(exchange, name));
  if (!text)
    return otherwise;
  std::optional<int64_t> value = base::ParseInt(*text);
  if (!value || *value < 0 || *value > int64_t{1} << 53)
    return Invalid(base::Cat("'", name, "' must be a whole number that is not negative"));
  return *value;
}

base::Result<Paging> ReadPaging(const Exchange& exchange) {
  Paging paging;
  ASSIGN_OR_RETURN(int64_t limit, ReadInt(exchange, "limit", paging.limit));
  ASSIGN_OR_RETURN(int64_t offset, ReadInt(exchange, "offset", 0));
  paging.limit = static_cast<int>(std::min<int64_t>(limit, kLimitMax));
  paging.offset = static_cast<int>(std::min<int64_t>(offset, INT32_MAX));
  return paging;
}

base::Result<std::optional<bool>> ReadBool(const Exchange& exchange, std::string_view name) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOne(exchange, name));
  if (!text)
    return std::nullopt;
  std::string lower = base::ToLower(*text);
  if (lower == "true" || lower == "1")
    return true;
  if (lower == "false" || lower == "0")
    return false;
  return Invalid(base::Cat("'", name, "' must be true or false"));
}

std::vector<std::string> ReadAll(const Exchange& exchange, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : exchange.target.query) {
    if (key == name)
      values.push_back(value);
  }
  return values;
}

base::Result<json::object> ReadBody(const Exchange& exchange,
                                    const std::vector<std::string_view>& known) {
  ASSIGN_OR_RETURN(json::value value, base::ParseJson(exchange.request.body, "the body"));
  if (!value.is_object())
    return Invalid("the body must be a JSON object");
  for (const auto& member : value.get_object()) {
    if (!Contains(known, member.key()))
      return Invalid(base::Cat(
          "'", base::Excerpt(member.key()), "' in the body is not supported; ", Names(known)));
  }
  return std::move(value.get_object());
}

json::value TimeOrNull(const std::optional<base::Time>& time) {
  if (!time)
    return nullptr;
  return json::value(base::FormatRfc3339(*time));
}

json::value TextOrNull(std::string_view text) {
  if (text.empty())
    return nullptr;
  return json::value(text);
}

json::value DurationOrNull(const std::optional<base::Time>& start,
                           const std::optional<base::Time>& end) {
  if (!start || !end)
    return nullptr;
  return static_cast<double>((*end - *start).count()) / 1e6;
}

json::object PageOf(std::string_view name, json::array all, const Paging& paging) {
  json::array page;
  size_t end =
      std::min(all.size(), static_cast<size_t>(paging.offset) + static_cast<size_t>(paging.limit));
  for (size_t i = static_cast<size_t>(paging.offset); i < end; ++i)
    page.push_back(std::move(all[i]));
  return {{name, std::move(page)}, {"total_entries", all.size()}};
}

}  // namespace api
