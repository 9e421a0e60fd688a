#pragma once

// The outputs of a job: one JSON object in S3 that its steps write. Where it lies, and what a read
// of it means for the attempt. Pure.
//
// Facts: "Amazon S3 data consistency model" in the S3 User Guide: a read after a write shows it.
// "GetObject" in the API reference: without s3:ListBucket a missing key is answered with 403.

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "model/verdict.h"

namespace emr {

// How long a missing object is asked for again. S3 itself needs no such time; a step may hand its
// file to another process that outlives it by a moment.
inline constexpr base::Duration kOutputsGrace = base::minutes(1);

// In place of S3's words, where an earlier attempt's object lies there.
inline constexpr std::string_view kOutputsAreOld =
    "what lies there was written before the first step of this attempt began; put "
    "{{ try_number }} into the key";

struct S3Place {
  std::string bucket;
  std::string key;
  friend bool operator==(const S3Place&, const S3Place&) = default;
};

// "s3://bucket/key"; the error says what is expected.
base::Result<S3Place> ParseS3Uri(std::string_view uri);

struct Outputs {
  model::Verdict verdict;
  json::object object;  // of a success
};
Outputs JudgeOutputs(const model::OutputsSeen& seen, const std::string& uri);

}  // namespace emr
