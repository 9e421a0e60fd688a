#include "machine/told.h"

#include <utility>

#include "base/json_text.h"
#include "base/text.h"

namespace machine {

namespace {

using base::Cat;

constexpr char kFile[] = "told";

json::object& ObjectIn(json::object& told, std::string_view name) {
  json::value& value = told[name];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

void Take(const json::object& more, json::object& told) {
  if (const json::value* key = base::Find(more, "xcom")) {
    const json::value* value = base::Find(more, "value");
    ObjectIn(told, "xcoms")[key->as_string()] = value == nullptr ? json::value() : *value;
  } else if (const json::value* dropped = base::Find(more, "drop")) {
    ObjectIn(told, "xcoms").erase(dropped->as_string());
  } else if (const json::value* skipped = base::Find(more, "skipped")) {
    json::value& names = told["skipped"];
    json::array& all = names.is_array() ? names.get_array() : names.emplace_array();
    all.insert(all.end(), skipped->as_array().begin(), skipped->as_array().end());
  } else if (const json::value* report = base::Find(more, "report")) {
    told.emplace("report", *report);
  }
}

}  // namespace

json::object ReadTold(const Record& record) {
  return record.Read(kFile).value_or(json::object());
}

base::Result<json::object> Tell(const Record& record, const json::object& more) {
  if (record.Has("end") || !record.Exists())
    return base::Fail(base::ErrorCode::kConflict, "its process has ended");
  json::object told = ReadTold(record);
  Take(more, told);
  if (base::Find(more, "xcom") != nullptr &&
      base::Serialize(base::GetObject(told, "xcoms")).size() > kXcomBytesMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("the XComs of one task take at most ",
                          kXcomBytesMax >> 10,
                          " KiB together: leave larger values in S3, and push their URI"));
  RETURN_IF_ERROR(record.Write(kFile, told));
  return told;
}

}  // namespace machine
