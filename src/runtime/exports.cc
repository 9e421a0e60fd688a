#include "runtime/exports.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/state.h"
#include "lineage/moments.h"
#include "runtime/core.h"
#include "runtime/lineage_rows.h"
#include "runtime/trace_rows.h"

namespace runtime {

namespace {

using base::Cat;

lineage::Origin OriginOf(const Core& core) {
  return {.space = SpaceOf(core.watch.project()),
          .incarnation = core.driver->state().identity.incarnation,
          .version = core.options.version};
}

// What a header says: one line.
base::Result<std::string> LineOf(Core& core, const std::string& reference) {
  auto secret = core.references.Read({reference});
  if (!secret)
    return base::Fail(base::ErrorCode::kInvalidArgument, secret.error().message);
  if (secret->find_first_of("\r\n") != std::string::npos)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("the secret in ", reference, " is more than one line"));
  return secret;
}

base::Result<http::ClientOptions> HttpFor(const Core& core, bool allow_private) {
  ASSIGN_OR_RETURN(http::ClientOptions options, core.session->context().config.ForHttp());
  options.addresses = allow_private ? http::Addresses::kAll : http::Addresses::kOfOthers;
  return options;
}

base::Result<std::unique_ptr<Exporter>> MakeLineage(Core& core) {
  const dagfile::OpenLineage& settings = core.watch.project().openlineage;
  Exporter::Receiver receiver{.name = "openlineage",
                              .url = {},
                              .headers = {},
                              .timeout = settings.timeout,
                              .wants = &lineage::MayTell};
  const bool has_slash = settings.url.ends_with('/') || settings.endpoint.starts_with('/');
  ASSIGN_OR_RETURN(receiver.url,
                   http::ParseUrl(Cat(settings.url, has_slash ? "" : "/", settings.endpoint)));
  receiver.headers.Set("Content-Type", "application/json");
  if (!settings.api_key.empty()) {
    ASSIGN_OR_RETURN(const std::string key, LineOf(core, settings.api_key));
    base::HideInLog("openlineage key", key);
    receiver.headers.Set("Authorization", Cat("Bearer ", key));
  }
  ASSIGN_OR_RETURN(receiver.http, HttpFor(core, settings.allow_private));
  const lineage::Origin origin = OriginOf(core);
  return std::make_unique<Exporter>(
      core.SourceOfFeeds(),
      [&core] { return core.world->Now(); },
      std::move(receiver),
      [origin](store::Reader& rows, const Feed::Rows& page) {
        return LineageOf(rows, origin, page);
      });
}

base::Result<std::unique_ptr<Exporter>> MakeTraces(Core& core) {
  const dagfile::Traces& settings = core.watch.project().traces;
  Exporter::Receiver receiver{
      .name = "traces", .url = {}, .headers = {}, .timeout = settings.timeout, .wants = &EndsRun};
  ASSIGN_OR_RETURN(
      receiver.url,
      http::ParseUrl(
          Cat(settings.endpoint, settings.endpoint.ends_with('/') ? "" : "/", "v1/traces")));
  for (const auto& [name, reference] : settings.headers) {
    ASSIGN_OR_RETURN(const std::string value, LineOf(core, reference));
    base::HideInLog(Cat("traces ", name), value);
    receiver.headers.Set(name, value);
  }
  receiver.headers.Set("Content-Type", "application/json");
  ASSIGN_OR_RETURN(receiver.http, HttpFor(core, settings.allow_private));
  return std::make_unique<Exporter>(
      core.SourceOfFeeds(),
      [&core] { return core.world->Now(); },
      std::move(receiver),
      [origin = OriginOf(core), deployment = core.driver->state().identity.deployment](
          store::Reader& rows, const Feed::Rows& page) {
        return TracesOf(rows, origin, deployment, page);
      });
}

}  // namespace

base::Result<std::vector<std::unique_ptr<Exporter>>> MakeExporters(Core& core) {
  std::vector<std::unique_ptr<Exporter>> all;
  if (!core.watch.project().openlineage.url.empty()) {
    ASSIGN_OR_RETURN(auto exporter, MakeLineage(core));
    all.push_back(std::move(exporter));
  }
  if (!core.watch.project().traces.endpoint.empty()) {
    ASSIGN_OR_RETURN(auto exporter, MakeTraces(core));
    all.push_back(std::move(exporter));
  }
  return all;
}

}  // namespace runtime
