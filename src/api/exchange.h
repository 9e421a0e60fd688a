#pragma once

// One request as a handler sees it, and the context that handlers share.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "model/dag.h"
#include "model/ids.h"
#include "runtime/runtime.h"

namespace api {

struct Exchange {
  http::Request request;
  http::Target target;
  std::vector<std::string> args;  // what the `*` segments of the route's pattern matched
  bool has_token = false;         // also where the route is open

  model::DagId dag() const { return model::DagId(args.at(0)); }
  model::RunKey run() const { return {dag(), model::RunId(args.at(1))}; }
};

class Context {
 public:
  Context(runtime::Runtime& on, std::string product_version)
      : runtime(on), version(std::move(product_version)) {}

  runtime::Runtime& runtime;
  const std::string version;
  const http::Server* server = nullptr;  // that hands requests in, where it is known

  // The DAG as it was in that version.
  base::Result<std::shared_ptr<const model::Dag>> Dag(const model::VersionId& version_id);

 private:
  std::map<model::VersionId, std::shared_ptr<const model::Dag>> dags_;  // content-addressed
};

struct Paging {
  int limit = 50;
  int offset = 0;
};

// Refuses query parameters that are not in the list: a filter that is silently ignored gives wrong
// answers.
base::Status CheckParams(const Exchange& exchange, const std::vector<std::string_view>& known);
// `limit` (50 unless told, at most 1000) and `offset`.
base::Result<Paging> ReadPaging(const Exchange& exchange);
base::Result<std::optional<bool>> ReadBool(const Exchange& exchange, std::string_view name);
base::Result<int64_t> ReadInt(const Exchange& exchange, std::string_view name, int64_t otherwise);
// Every value of a parameter that may be repeated.
std::vector<std::string> ReadAll(const Exchange& exchange, std::string_view name);

// The body as a JSON object whose members are all in the list.
base::Result<json::object> ReadBody(const Exchange& exchange,
                                    const std::vector<std::string_view>& known);

json::value TimeOrNull(const std::optional<base::Time>& time);
json::value TextOrNull(std::string_view text);
// In seconds; null while one of the ends is open.
json::value DurationOrNull(const std::optional<base::Time>& start,
                           const std::optional<base::Time>& end);

// The page of `all` that was asked for, under `name`, with total_entries.
json::object PageOf(std::string_view name, json::array all, const Paging& paging);

}  // namespace api
