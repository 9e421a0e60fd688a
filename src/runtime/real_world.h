#pragma once

// The driver's World on real sockets and clocks: each call is one signed HTTP attempt.
//
// Thread rule: the loop thread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "aws/json_client.h"
#include "base/clock.h"
#include "driver/world.h"
#include "wire/aws_error.h"

namespace runtime {

class RealWorld : public driver::World {
 public:
  using OnReply = std::function<void(uint64_t call, const driver::Reply& reply)>;

  // One for each service that is called. They must outlive this and drop their calls when they go;
  // `on_reply` is never called from inside Submit.
  using Clients = std::map<driver::Service, std::unique_ptr<aws::JsonClient>>;

  RealWorld(const Clients& clients,
            const base::Clock& clock,
            base::Duration timeout,
            OnReply on_reply);

  base::Time Now() override;
  void Submit(const driver::Call& call) override;

 private:
  // One line when an action begins to fail and one when it works again, not one a call.
  void LogTrouble(driver::Service service,
                  const std::string& action,
                  const std::optional<wire::AwsError>& error);

  const Clients& clients_;
  const base::Clock& clock_;
  const base::Duration timeout_;
  const OnReply on_reply_;
  base::Time latest_ = base::Time::min();            // the wall clock may be set back
  std::map<std::string, wire::ErrorClass> trouble_;  // by action
};

}  // namespace runtime
