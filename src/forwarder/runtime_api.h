#pragma once

// The client's side of Lambda's Runtime API: where a custom runtime fetches its invocations and
// leaves its answers. Plain HTTP to an address on the same machine; nothing is signed, and no proxy
// is asked.
//
// Facts: AWS Lambda's developer guide ("Lambda runtime API"), version 2018-06-01. The wait for the
// next invocation has no limit of its own: Lambda freezes the process meanwhile.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside the call,
// and not at all once this is destroyed.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/client.h"
#include "http/loop.h"
#include "http/message.h"

namespace forwarder {

struct Invocation {
  std::string request_id;
  base::Time deadline;       // wall time; the epoch where Lambda gave none
  std::string function_arn;  // "arn:aws:lambda:REGION:ACCOUNT:function:NAME"
  std::string event;         // JSON
};

// The account in an ARN; "" where there is none.
std::string AccountOfArn(std::string_view arn);

class RuntimeApi {
 public:
  using OnInvocation = std::function<void(base::Result<Invocation>)>;
  using Done = std::function<void(base::Status)>;

  RuntimeApi(http::Loop& loop, http::Url api);

  // After an error there is nothing left but to exit: Lambda starts another process.
  void Next(OnInvocation done);
  void Succeed(std::string_view request_id, std::string json, Done done);
  // Lambda gives the event to the function twice more, then to where its failures go.
  void Fail(std::string_view request_id, std::string_view type, std::string_view why, Done done);
  // The function cannot start.
  void FailInit(std::string_view type, std::string_view why, Done done);

 private:
  void Post(std::string path, std::string_view error_type, std::string body, Done done);

  const http::Url api_;
  http::Client client_;
};

}  // namespace forwarder
