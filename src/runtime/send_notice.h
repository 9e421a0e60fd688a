#pragma once

// How a message leaves the process, as the outbox asks for it. Plain type.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "notify/message.h"
#include "notify/notifier.h"
#include "notify/sender.h"

namespace runtime {

// Sends a message once, and says what became of it: once, within a bounded time. No failure: it has
// arrived. `emails`: addresses in place of the notifier's own; none: those.
using SendNotice =
    std::function<void(const notify::Notifier& notifier,
                       const notify::Message& message,
                       const std::vector<std::string>& emails,
                       std::function<void(const std::optional<notify::SendFailure>&)> done)>;

}  // namespace runtime
