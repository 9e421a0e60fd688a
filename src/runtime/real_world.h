#pragma once

// The driver's World on real sockets, processes and clocks: each call to AWS is one signed HTTP
// attempt.
//
// Thread rule: the loop thread.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "aws/json_client.h"
#include "base/clock.h"
#include "driver/world.h"
#include "driver/world_time.h"
#include "http/loop.h"
#include "runtime/call_health.h"
#include "runtime/machine_calls.h"
#include "runtime/secret_filler.h"
#include "wire/aws_error.h"

namespace runtime {

class RealWorld : public driver::World {
 public:
  using OnReply = std::function<void(uint64_t call, const driver::Reply& reply)>;

  // One for each service that is called. They must outlive this and drop their calls when they go;
  // `on_reply` is never called from inside Submit.
  using Clients = std::map<driver::Service, std::unique_ptr<aws::JsonClient>>;

  RealWorld(const Clients& clients,
            http::Loop& loop,
            const base::Clock& clock,
            base::Duration timeout,
            SecretFiller& filler,
            MachineCalls& machine,
            OnReply on_reply);

  base::Time Now() override;
  void StartNoEarlierThan(base::Time floor) override { time_.StartNoEarlierThan(floor); }
  base::Duration Ahead() override { return time_.Ahead(); }
  base::Duration Skipped(base::Duration span) override { return time_.Skipped(span); }
  void Submit(const driver::Call& call) override;
  // Of a service that is called.
  const CallHealth& health(driver::Service service) const { return health_.at(service); }

  // Wall time from now until world time is `due`, as things stand.
  base::Duration WaitFor(base::Time due);
  const std::optional<driver::WorldTime::SetBack>& set_back() const { return time_.set_back(); }

 private:
  void LogClock() const;
  // One line when an action begins to fail and one when it works again, not one a call.
  void LogTrouble(driver::Service service,
                  const std::string& action,
                  const std::optional<wire::AwsError>& error);

  void SubmitHere(const driver::Call& call);
  // It is refused cleanly: nothing was sent.
  void Refuse(uint64_t call, std::string message);

  const Clients& clients_;
  http::Loop& loop_;
  const base::Clock& clock_;
  const base::Duration timeout_;
  SecretFiller& filler_;
  MachineCalls& machine_;
  const OnReply on_reply_;
  // What is posted on the loop holds this weakly.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  driver::WorldTime time_;
  std::map<std::string, wire::ErrorClass> trouble_;  // by action
  std::map<driver::Service, CallHealth> health_;
};

}  // namespace runtime
