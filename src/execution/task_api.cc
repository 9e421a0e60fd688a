#include "execution/task_api.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"

namespace execution {

namespace {

using base::Cat;

constexpr std::string_view kRoot = "execution";

std::string_view BearerIn(const std::string& header) {
  constexpr std::string_view kScheme = "bearer ";
  if (base::ToLower(std::string_view(header).substr(0, kScheme.size())) != kScheme)
    return "";
  return base::Trim(std::string_view(header).substr(kScheme.size()));
}

// What "{}" and "*" stand for; nothing where the path is another.
std::optional<std::vector<std::string>> Fit(std::string_view path,
                                            const std::vector<std::string>& segments) {
  std::vector<std::string> args;
  const std::vector<std::string> parts = base::Split(path, '/');
  size_t at = 1;
  for (const std::string& part : parts) {
    if (part == "*") {
      if (at >= segments.size())
        return std::nullopt;
      args.push_back(
          base::Join({segments.begin() + static_cast<std::ptrdiff_t>(at), segments.end()}, "/"));
      return args;
    }
    if (at >= segments.size() || (part != "{}" && part != segments[at]))
      return std::nullopt;
    if (part == "{}")
      args.push_back(segments[at]);
    ++at;
  }
  return at == segments.size() ? std::optional(args) : std::nullopt;
}

}  // namespace

struct TaskApi::Impl {
  World world;
  std::vector<Route> routes;
};

http::ServerOptions ServerBounds() {
  http::ServerOptions bounds;
  // Each task holds one connection, and shows its token with its first request.
  bounds.max_connections = 4096;
  bounds.max_strangers = 2048;
  bounds.max_strangers_per_peer = 2048;
  return bounds;
}

TaskApi::TaskApi(const runtime::Views& views,
                 const runtime::TaskViews& tasks,
                 runtime::Commands& commands)
    : impl_(std::make_unique<Impl>(Impl{.world = {views, tasks, commands}, .routes = {}})) {
  for (const auto& part :
       {TaskRoutes(), XcomRoutes(), SecretRoutes(), AssetRoutes(), StoreRoutes(), DagRunRoutes()})
    impl_->routes.insert(impl_->routes.end(), part.begin(), part.end());
}

TaskApi::~TaskApi() = default;

void TaskApi::Handle(http::Request request, http::Responder responder) {
  http::Target target = http::SplitTarget(request.target);
  if (target.segments.empty() || target.segments[0] != kRoot)
    return responder.Send(http::ErrorResponse(404, "there is nothing here but /execution"));
  const std::string header = request.headers.Get("Authorization").value_or("");
  auto task = impl_->world.tasks.Find(BearerIn(header));
  auto call = std::make_shared<Call>(Call{.world = impl_->world,
                                          .task = {},
                                          .request = std::move(request),
                                          .target = std::move(target),
                                          .args = {},
                                          .body = nullptr,
                                          .responder = responder});
  if (!task && task.error().code == base::ErrorCode::kPermission)
    return call->Refuse(401, "invalid_token", task.error().message);
  responder.Trust();
  if (!task)
    return call->Refuse(task.error());
  call->task = *std::move(task);
  if (!call->request.body.empty()) {
    auto body = base::ParseJson(call->request.body);
    if (!body)
      return call->Refuse(
          422, "invalid_request", Cat("the body is no JSON: ", body.error().message));
    call->body = *std::move(body);
  }
  bool is_path = false;
  for (const Route& route : impl_->routes) {
    auto args = Fit(route.path, call->target.segments);
    is_path = is_path || args;
    if (!args || route.method != call->request.method)
      continue;
    call->args = *std::move(args);
    return route.handler(call);
  }
  call->Refuse(is_path ? 405 : 404,
               "not_supported",
               Cat(call->request.method,
                   " ",
                   call->request.target.substr(0, call->request.target.find('?')),
                   ": Signalbox does not serve this part of Airflow's Task Execution API"));
}

}  // namespace execution
