#pragma once

// JSON values are Boost.JSON's; this header adds the few reads that every module needs. Reads never
// throw: a member that is absent or of another type reads as nothing or as the default.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace json = boost::json;

namespace base {

// `what` names the text in the error ("the reply of ListClusters").
Result<json::value> ParseJson(std::string_view text, std::string_view what = "JSON");

// The member at a dotted path ("Cluster.Status.State"), or null where there is none.
const json::value* Find(const json::value& value, std::string_view path);
const json::value* Find(const json::object& object, std::string_view path);

std::string GetString(const json::object& object,
                      std::string_view path,
                      std::string_view otherwise = "");
int64_t GetInt(const json::object& object, std::string_view path, int64_t otherwise = 0);
double GetDouble(const json::object& object, std::string_view path, double otherwise = 0);
bool GetBool(const json::object& object, std::string_view path, bool otherwise = false);
// Epoch seconds (a number, as AWS's JSON protocols write times), of the years 1 to 9999.
std::optional<Time> GetEpoch(const json::object& object, std::string_view path);
// An empty array where there is none.
const json::array& GetArray(const json::object& object, std::string_view path);
const json::object& GetObject(const json::object& object, std::string_view path);

// Objects are merged member by member, `over` winning; arrays and scalars are replaced; a null in
// `over` removes the member, wherever it stands outside arrays.
void DeepMerge(json::object& under, const json::object& over);

// Serialised with the members of every object in sorted order: the same value is the same text.
std::string Canonical(const json::value& value);

}  // namespace base
