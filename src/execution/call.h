#pragma once

// One call of a task instance, as its handlers see it. Only for this folder.
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "runtime/commands.h"
#include "runtime/task_views.h"
#include "runtime/views.h"
#include "store/store.h"

namespace execution {

struct World {
  const runtime::Views& views;
  const runtime::TaskViews& tasks;
  runtime::Commands& commands;
};

struct Call {
  World world;
  runtime::TaskView task;  // who calls
  http::Request request;
  http::Target target;
  std::vector<std::string> args;  // what "{}" and "*" of the route stand for
  json::value body;               // null: none
  http::Responder responder;

  model::Principal principal() const;
  // The value of a parameter that is a whole number.
  base::Result<std::optional<int64_t>> Number(std::string_view name) const;
  std::optional<std::string> Text(std::string_view name) const { return target.Param(name); }
  bool Flag(std::string_view name) const;
  std::vector<std::string> All(std::string_view name) const;

  void Send(const json::value& answer, int status = 200) const;
  void SendNothing() const;  // 204
  // {"detail": {"reason", "message"}}, as Airflow's.
  void Refuse(int status, std::string_view reason, std::string_view message) const;
  void Refuse(const base::Error& error) const;
};
using SharedCall = std::shared_ptr<const Call>;
using Handler = void (*)(const SharedCall& call);

// `read` runs on a thread for reads, `done` on the loop; an error is answered.
template <typename T>
void Read(const SharedCall& call,
          std::function<base::Result<T>(store::Reader&)> read,
          std::function<void(T)> done) {
  auto out = std::make_shared<base::Result<T>>();
  call->world.views.Read(
      runtime::ReadPool::Turn::kUsual,
      [out, read = std::move(read)](store::Reader& rows) { *out = read(rows); },
      [out, call, done = std::move(done)](const base::Status& status) {
        if (!status)
          call->Refuse(status.error());
        else if (!*out)
          call->Refuse(out->error());
        else
          done(*std::move(*out));
      });
}

struct Route {
  std::string_view method;
  std::string_view path;  // below /execution; "{}" is one segment, a "*" at the end one or more
  Handler handler;
};
// Each part of the table stands with its handlers.
std::vector<Route> TaskRoutes();    // task_instances.cc
std::vector<Route> XcomRoutes();    // xcoms.cc
std::vector<Route> SecretRoutes();  // secrets.cc
std::vector<Route> AssetRoutes();   // assets.cc
std::vector<Route> StoreRoutes();   // stores.cc
std::vector<Route> DagRunRoutes();  // dag_runs.cc

// Of another task of the DAG, by Airflow's id of it; null: there is none.
const model::Job* JobCalled(const model::Dag& dag, std::string_view task_id);
// Airflow's id of a job.
std::string TaskIdOf(const model::Job& job);

base::Result<std::shared_ptr<const model::Dag>> DagOf(store::Reader& rows,
                                                      const model::VersionId& version);

// The events of assets for which the run was made, as its tasks find them.
base::Result<json::array> ReadConsumed(store::Reader& rows, const model::RunRow& run);

json::object DagRunJson(const model::RunRow& run);
json::value TimeOrNull(const std::optional<base::Time>& time);

}  // namespace execution
