#pragma once

// The driver's calls to Service::kMachine (driver/processes.h), carried out by machine/machine.h:
// secrets are put in on the way there and masked on the way back, and times become world time.
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "driver/world.h"
#include "http/loop.h"
#include "machine/machine.h"
#include "runtime/airflow_tasks.h"
#include "runtime/secret_filler.h"

namespace runtime {

class MachineCalls {
 public:
  // Exactly one of the two.
  using OnReply =
      std::function<void(std::optional<json::value> body, std::optional<wire::AwsError> error)>;

  // They must outlive this.
  MachineCalls(http::Loop& loop,
               const base::Clock& clock,
               SecretFiller& filler,
               AirflowTasks& airflow_tasks,
               machine::Options options);

  // Never answers from inside.
  void Submit(const driver::Call& call, OnReply done);
  // What a process tells while it runs (machine/told.h).
  using OnTold = std::function<void(base::Result<json::object>)>;
  void Tell(const std::string& token, json::object more, OnTold done);

 private:
  void Start(const json::object& body, const std::string& token, machine::Machine::Done done);
  machine::Machine::Done OnLoop(std::function<void(base::Result<json::object>)> done);
  void Answer(base::Result<json::object> answer, const OnReply& done);
  json::object InWorldTime(json::object answer) const;

  http::Loop& loop_;
  const base::Clock& clock_;
  SecretFiller& filler_;
  AirflowTasks& airflow_tasks_;
  // What is posted on the loop holds this weakly.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  machine::Machine machine_;
};

// What commands find of our own environment.
std::map<std::string, std::string> EnvironmentOfCommands(
    const std::map<std::string, std::string>& ours);

}  // namespace runtime
