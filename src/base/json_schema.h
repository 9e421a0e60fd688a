#pragma once

// JSON Schema, draft 7, without `$ref` and what follows from it: whether a value fits a schema, in
// the words of Python's jsonschema, which users of Airflow's params know ("'x' is not of type
// 'integer'"). Pure; the time that it takes is bounded by the sizes of both.
//
// `pattern` is searched by RE2, in linear time: look-around and back-references are errors of the
// schema. `format` checks date, time and date-time (RFC 3339; a time may lack its offset);
// "multiline" is Airflow's and checks nothing.

#include "base/json.h"
#include "base/result.h"

namespace base {

// Whether each keyword is one that is checked, or that only describes, and has a value that it may
// have. kInvalidArgument, with the place inside the schema where it is not the schema itself.
Status CheckSchema(const json::object& schema);

// kInvalidArgument with the first thing that does not fit, and its place inside the value.
// REQUIRES: CheckSchema(schema).
Status CheckAgainst(const json::object& schema, const json::value& value);

}  // namespace base
