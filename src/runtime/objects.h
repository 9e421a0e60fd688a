#pragma once

// Objects in S3 that people ask for: what steps and containers wrote. Each read is one signed
// attempt with the server's keys, apart from the driver's calls.
//
// Not here: the outputs of jobs (driver/outputs_reader.h), what an object means, unpacking.
//
// Thread rule: the loop thread. Answers come later, never from inside a call; when this goes, they
// do not come.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/json_client.h"
#include "base/result.h"
#include "emr/outputs.h"

namespace aws {
class Session;
}

namespace runtime {

class Objects {
 public:
  // kNotFound where there is no such object or bucket, kPermission where S3 denies it (the message
  // names the permission), kUnavailable for what may pass: also where too many are read at once.
  using OnBody = std::function<void(base::Result<std::string>)>;
  using OnKeys = std::function<void(base::Result<std::vector<std::string>>)>;

  // The session must outlive this.
  static base::Result<std::unique_ptr<Objects>> Create(http::Loop& loop,
                                                       aws::Session& session,
                                                       const base::Clock& clock,
                                                       base::Duration timeout);

  void Read(const emr::S3Place& place, OnBody done);
  // The first 200 keys that begin with the place's.
  void List(const emr::S3Place& prefix, OnKeys done);

 private:
  Objects() = default;
  // Counts it as under way until it is answered.
  void Call(aws::JsonClient& client,
            std::string_view action,
            json::object input,
            std::function<void(base::Result<json::object>)> done);

  http::Loop* loop_ = nullptr;
  base::Duration timeout_{};
  int calls_ = 0;
  std::unique_ptr<aws::JsonClient> objects_, lists_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace runtime
