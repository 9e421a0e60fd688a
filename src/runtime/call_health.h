#pragma once

// Whether an AWS service answers us. A refusal of one request is an answer; no connection, no
// credentials, no permission and errors of the service are none. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "driver/world.h"
#include "wire/aws_error.h"

namespace runtime {

// What helps against errors of this class; "" where nothing of ours does.
std::string_view FixFor(driver::Service service, wire::ErrorClass error_class);

class CallHealth {
 public:
  explicit CallHealth(driver::Service service) : service_(service) {}

  void OnReply(const std::string& action,
               const std::optional<wire::AwsError>& error,
               base::Time now);
  // A sentence: what fails, since when, the last good answer, and the fix; "" while all is well.
  std::string Trouble(base::Time now) const;
  std::optional<base::Time> last_good() const { return last_good_; }

 private:
  struct Failing {
    wire::AwsError error;
    base::Time since, last;
    int times = 0;
  };

  bool Counts(const Failing& failing, base::Time now) const;

  const driver::Service service_;
  std::map<std::string, Failing> failing_;  // by action
  std::optional<base::Time> last_good_;
};

}  // namespace runtime
