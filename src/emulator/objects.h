#pragma once

// S3, as far as the outputs of jobs need it: objects by bucket and key, of which every bucket
// exists. Errors have the codes of "Error responses" in the S3 API reference.

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/time.h"

namespace emulator {

struct Reply;

// In the arguments of a step whose time is pretended: the two that follow are the URI and the text
// of an object that it writes when it completes.
inline constexpr std::string_view kWriteOutputs = "--write-outputs";

class Objects {
 public:
  struct Object {
    std::string body;
    base::Time written_at;
  };

  static bool IsOperation(std::string_view action);
  // GetObject {Bucket, Key, [Range]}, HeadObject, PutObject {Bucket, Key, Body} and ListObjectsV2
  // {Bucket, Prefix, [StartAfter], [MaxKeys]}. The replies to the first two hold LastModified and
  // ContentLength, that to the first Body, that to the last Contents and IsTruncated.
  Reply Handle(std::string_view action, const json::object& request, base::Time now);

  void Put(std::string_view bucket, std::string_view key, std::string body, base::Time now);
  // "s3://bucket/key"; what is no such text is written nowhere.
  void Put(std::string_view uri, std::string body, base::Time now);
  // Null where nothing lies there.
  const Object* Find(std::string_view bucket, std::string_view key) const;
  const Object* Find(std::string_view uri) const;

 private:
  Reply List(const std::string& bucket, const json::object& request) const;

  std::map<std::pair<std::string, std::string>, Object> objects_;
};

}  // namespace emulator
