#pragma once

// One request as a handler sees it, and what handlers on the loop thread share.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/identity.h"
#include "api/event_hub.h"
#include "api/gate.h"
#include "api/log_texts.h"
#include "api/login_desk.h"
#include "api/map_board.h"
#include "api/map_layouts.h"
#include "api/reading.h"
#include "api/refusal_log.h"
#include "api/sight.h"
#include "api/sso_desk.h"
#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "model/ids.h"
#include "runtime/commands.h"
#include "runtime/views.h"

namespace api {

struct Exchange {
  http::Request request;
  http::Target target;
  std::vector<std::string> args;  // what the `*` segments of the route's pattern matched
  bool has_token = false;         // it is known who asks; also where the route is open
  json::object body;              // where the route has a schema for it
  accounts::Identity identity;    // who asks, where it is known
  SightPtr sight;                 // what they see; null: everything
  std::string csrf;               // of a browser's session

  model::Principal principal() const { return identity.principal(); }
  // Whether the caller may know what this DAG is and does.
  bool MaySee(const model::DagId& dag) const { return api::MaySee(sight, dag); }
  bool MaySee(const model::HistoryRow& row) const { return api::MaySee(sight, row); }
  bool IsScoped() const { return api::IsScoped(sight); }
  model::DagId dag() const { return model::DagId(args.at(0)); }
  model::RunKey run() const { return {dag(), model::RunId(args.at(1))}; }
};

class Context {
 public:
  Context(const runtime::Views& on,
          runtime::Commands& for_people,
          std::string product_version,
          const EventLimits& limits,
          Gate at,
          IdentityProvider* provider,
          std::string map_file);

  const runtime::Views& views;
  runtime::Commands& commands;
  const ReadDesk desk;
  const std::string version;
  const std::shared_ptr<EventHub> events;
  const std::shared_ptr<MapBoard> map;
  const std::shared_ptr<MapLayouts> layouts;
  const Gate gate;
  const std::unique_ptr<SightBook> sights;
  const std::unique_ptr<LogTexts> log_texts = std::make_unique<LogTexts>();
  LoginDesk logins;
  SsoDesk sso;
  RefusalLog refusals;
  const http::Server* server = nullptr;  // that hands requests in, where it is known
  // What is due later holds this weakly.
  const std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);
};

// For what goes on after its answer began: what the caller sees by now; nothing where they are no
// longer let in (the token was revoked, the session has ended): it has to end, too.
std::optional<SightPtr> SightNow(const Context& context, const Exchange& exchange);

// Nothing where it is absent. Which of two counts differs from server to server: both are refused.
base::Result<std::optional<std::string>> ReadOne(const Exchange& exchange, std::string_view name);
base::Result<std::optional<bool>> ReadBool(const Exchange& exchange, std::string_view name);
base::Result<int64_t> ReadInt(const Exchange& exchange, std::string_view name, int64_t otherwise);
base::Result<std::optional<base::Time>> ReadMoment(const Exchange& exchange, std::string_view name);
// Every value of a parameter that may be repeated.
std::vector<std::string> ReadAll(const Exchange& exchange, std::string_view name);

json::value TimeOrNull(const std::optional<base::Time>& time);
json::value TextOrNull(std::string_view text);
json::value OptionalText(const std::optional<std::string>& text);
// In seconds; null while one of the ends is open.
json::value DurationOrNull(const std::optional<base::Time>& start,
                           const std::optional<base::Time>& end);

}  // namespace api
