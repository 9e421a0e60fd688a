#include "emr/outputs.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/rows.h"

namespace emr {

using base::Cat;
using model::VerdictClass;

namespace {

constexpr size_t kKeyBytesMax = 1024;  // "Naming Amazon S3 objects" in the S3 User Guide

bool IsBucketName(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

Outputs Fail(VerdictClass verdict, std::string reason) {
  return {{verdict, Cat("its work is done, but ", std::move(reason))}, {}};
}

std::string Because(const std::string& words) {
  return words.empty() ? "" : Cat(": ", base::Excerpt(words));
}

Outputs JudgeText(const std::string& text, const std::string& uri) {
  if (text.size() > model::kOutputsBytesMax)
    return Fail(VerdictClass::kApplication,
                Cat("its outputs at ", uri, " take more than ", model::kOutputsBytesMax, " bytes"));
  auto parsed = base::ParseJson(text);
  if (!parsed)
    return Fail(VerdictClass::kApplication,
                Cat("its outputs at ", uri, " are no JSON: ", parsed.error().message));
  if (!parsed->is_object())
    return Fail(VerdictClass::kApplication, Cat("its outputs at ", uri, " are no JSON object"));
  return {{VerdictClass::kSuccess, Cat("its steps completed; its outputs were read from ", uri)},
          std::move(parsed->get_object())};
}

}  // namespace

base::Result<S3Place> ParseS3Uri(std::string_view uri) {
  constexpr std::string_view kScheme = "s3://";
  auto refuse = [&](std::string_view why) {
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        Cat("'", base::Excerpt(uri), "' ", why, "; expected s3://bucket/path/of/a/file.json"));
  };
  if (!uri.starts_with(kScheme))
    return refuse("is no S3 URI");
  uri.remove_prefix(kScheme.size());
  const size_t slash = std::min(uri.find('/'), uri.size());
  S3Place place{std::string(uri.substr(0, slash)),
                std::string(uri.substr(std::min(slash + 1, uri.size())))};
  if (!IsBucketName(place.bucket))
    return refuse("names no bucket");
  if (place.key.empty() || place.key.ends_with('/') || place.key.size() > kKeyBytesMax)
    return refuse("names no object");
  return place;
}

Outputs JudgeOutputs(const model::OutputsSeen& seen, const std::string& uri) {
  using Kind = model::OutputsSeen::Kind;
  switch (seen.kind) {
    case Kind::kThere:
      return JudgeText(seen.text, uri);
    case Kind::kMissing:
      return Fail(VerdictClass::kApplication,
                  Cat("it left no outputs at ", uri, Because(seen.text)));
    case Kind::kTooLarge:
      return Fail(
          VerdictClass::kApplication,
          Cat("its outputs at ", uri, " take more than ", model::kOutputsBytesMax, " bytes"));
    case Kind::kDenied:
      return Fail(VerdictClass::kConfiguration,
                  Cat("S3 denies us to read its outputs at ",
                      uri,
                      Because(seen.text),
                      "; allow s3:GetObject there, and s3:ListBucket, without which a missing "
                      "object is denied too"));
    case Kind::kNoBucket:
      return Fail(VerdictClass::kConfiguration,
                  Cat("the bucket of its outputs at ", uri, " does not exist"));
    case Kind::kRefused:
      return Fail(VerdictClass::kConfiguration,
                  Cat("S3 refuses to give its outputs at ", uri, Because(seen.text)));
  }
  return {};
}

}  // namespace emr
