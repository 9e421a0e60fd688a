#pragma once

// Airflow's Task Execution API (Airflow 3.3, version 2026-06-30), which Airflow's Task SDK calls
// while it runs a task: what the task instance needs to know, and what has become of it. Its
// contract is `airflow/sdk/api/client.py` and `datamodels/_generated.py` of the package
// apache-airflow-task-sdk.
//
//   a task's process ──► /execution/… with its own token ──► TaskApi
//        states, XComs, skips ──► the process's record (machine/told.h); the engine learns them
//        when
//                                 the process has ended, in the event that says so
//
// It is served on loopback alone, beside the API for people (api/api.h): a token of the one is
// worth nothing at the other.
//
// Not here: the socket, processes (machine), what a report means (work/command/end.h).
//
// Thread rule: the loop thread.

#include <memory>

#include "http/message.h"
#include "http/server.h"
#include "runtime/commands.h"
#include "runtime/task_views.h"
#include "runtime/views.h"

namespace execution {

http::ServerOptions ServerBounds();

class TaskApi {
 public:
  // They must outlive this, and this the server that hands requests in.
  TaskApi(const runtime::Views& views,
          const runtime::TaskViews& tasks,
          runtime::Commands& commands);
  ~TaskApi();
  TaskApi(const TaskApi&) = delete;

  void Handle(http::Request request, http::Responder responder);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace execution
