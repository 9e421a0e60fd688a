#pragma once

// The world as the driver sees it: a clock to read and AWS calls to submit, most of them EMR's.
// Completions come back through Driver::OnReply. Implementations: runtime's (real sockets, real
// time) and virtual ones in tests and simulation. The driver itself has no sockets, no sleep and no
// threads.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "wire/aws_error.h"

namespace driver {

enum class Service { kEmr, kDynamoDb, kSqs, kS3, kMachine };
std::string_view ToString(Service service);  // "dynamodb"

struct Call {
  uint64_t id = 0;
  std::string action;  // "ListClusters"
  std::string body;    // JSON, exactly as it is to be sent; of S3 the operation's input
  Service service = Service::kEmr;
};

// Exactly one of body and error. Of S3's GetObject the body is {Body, WrittenBy}: what was read,
// and by when it was written, by S3's clock; absent where that is not known. A call is tried once:
// whether to do it again is decided here, never by a transport. kMachine is the machine that we run
// on; its actions are told in processes.h.
struct Reply {
  std::optional<json::value> body;
  std::optional<wire::AwsError> error;
  base::Time sent_at;  // world time just before the request was signed
};

class World {
 public:
  virtual ~World() = default;
  virtual base::Time Now() = 0;  // world time; never goes back (world_time.h)
  // To be told before anything that is stored is acted on.
  virtual void StartNoEarlierThan(base::Time) {}
  // How far Now() is ahead of the wall clock, which was set back.
  virtual base::Duration Ahead() { return {}; }
  // By how much the wall clock was set forward within the last `span` of Now().
  virtual base::Duration Skipped(base::Duration /*span*/) { return {}; }
  virtual void Submit(const Call& call) = 0;
};

}  // namespace driver
