#pragma once

// Reads the outputs that jobs have left in S3: for each command kReadOutputs of the outbox one
// GetObject after another, until the engine withdraws the command. A read changes nothing, so it is
// repeated whatever came of it. What it says of the attempt is decided by work/emr/outputs.h.

#include <map>
#include <optional>

#include "driver/context.h"

namespace driver {

class OutputsReader {
 public:
  explicit OutputsReader(Context& context) : context_(context) {}

  void Plan();
  std::optional<base::Time> NextWake() const;

 private:
  struct Read {
    base::Time due{};
    bool in_flight = false;
  };

  void Send(const model::LaunchToken& token, Read& read);
  void OnReply(const model::LaunchToken& token, const Reply& reply);

  Context& context_;
  std::map<model::LaunchToken, Read> reads_;
  int calls_ = 0;
};

}  // namespace driver
