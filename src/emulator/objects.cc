#include "emulator/objects.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "emulator/call.h"

namespace emulator {

namespace {

constexpr int64_t kKeysMax = 1000;

std::optional<std::pair<std::string, std::string>> Split(std::string_view uri) {
  constexpr std::string_view kScheme = "s3://";
  const size_t slash = uri.starts_with(kScheme) ? uri.find('/', kScheme.size()) : uri.npos;
  if (slash == uri.npos)
    return std::nullopt;
  return std::pair(std::string(uri.substr(kScheme.size(), slash - kScheme.size())),
                   std::string(uri.substr(slash + 1)));
}

// "bytes=0-99": the last byte that is wanted.
std::optional<size_t> LastByte(std::string_view range) {
  constexpr std::string_view kFromTheFirst = "bytes=0-";
  if (!range.starts_with(kFromTheFirst))
    return std::nullopt;
  const auto last = base::ParseInt(range.substr(kFromTheFirst.size()));
  return last && *last >= 0 ? std::optional(static_cast<size_t>(*last)) : std::nullopt;
}

}  // namespace

bool Objects::IsOperation(std::string_view action) {
  return action == "GetObject" || action == "HeadObject" || action == "PutObject" ||
         action == "ListObjectsV2";
}

Reply Objects::Handle(std::string_view action, const json::object& request, base::Time now) {
  const std::string bucket = base::GetString(request, "Bucket");
  const std::string key = base::GetString(request, "Key");
  if (action == "PutObject") {
    Put(bucket, key, base::GetString(request, "Body"), now);
    return Success({});
  }
  if (action == "ListObjectsV2")
    return List(bucket, request);
  const Object* object = Find(bucket, key);
  if (object == nullptr)
    return FrontEndError(404, "NoSuchKey", "The specified key does not exist.");
  json::object reply{{"LastModified", base::FormatRfc3339(object->written_at)},
                     {"ContentLength", static_cast<int64_t>(object->body.size())}};
  if (action == "HeadObject")
    return Success(std::move(reply));
  const auto last = LastByte(base::GetString(request, "Range"));
  if (last && object->body.empty())
    return FrontEndError(416, "InvalidRange", "The requested range is not satisfiable");
  reply["Body"] = object->body.substr(0, last ? *last + 1 : object->body.npos);
  return Success(std::move(reply));
}

Reply Objects::List(const std::string& bucket, const json::object& request) const {
  const std::string prefix = base::GetString(request, "Prefix");
  const std::string after = base::GetString(request, "StartAfter");
  const auto most = static_cast<size_t>(
      std::clamp<int64_t>(base::GetInt(request, "MaxKeys", kKeysMax), 0, kKeysMax));
  json::array contents;
  bool is_cut = false;
  for (auto object = objects_.lower_bound({bucket, prefix}); object != objects_.end(); ++object) {
    const auto& [place, found] = *object;
    if (place.first != bucket || !place.second.starts_with(prefix))
      break;
    if (place.second <= after)
      continue;
    is_cut = contents.size() >= most;
    if (is_cut)
      break;
    contents.push_back(json::object{{"Key", place.second},
                                    {"Size", static_cast<int64_t>(found.body.size())},
                                    {"LastModified", base::FormatRfc3339(found.written_at)}});
  }
  return Success({{"Contents", std::move(contents)}, {"IsTruncated", is_cut}});
}

void Objects::Put(std::string_view bucket, std::string_view key, std::string body, base::Time now) {
  objects_[{std::string(bucket), std::string(key)}] = {std::move(body), now};
}

void Objects::Put(std::string_view uri, std::string body, base::Time now) {
  if (const auto place = Split(uri))
    Put(place->first, place->second, std::move(body), now);
}

const Objects::Object* Objects::Find(std::string_view bucket, std::string_view key) const {
  const auto found = objects_.find({std::string(bucket), std::string(key)});
  return found == objects_.end() ? nullptr : &found->second;
}

const Objects::Object* Objects::Find(std::string_view uri) const {
  const auto place = Split(uri);
  return place ? Find(place->first, place->second) : nullptr;
}

}  // namespace emulator
