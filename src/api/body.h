#pragma once

// Which members a request's JSON body may have: a part of the table of routes.

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace api {

struct Member {
  enum class Type {
    kText,
    kFlag,
    kNumber,  // whole
    kReal,
    kObject,
    kList,
    kTime,  // RFC 3339
    kAny,
    kNotYet,  // of Airflow's; refused where it asks for something: what is ignored does too much
  };
  enum class Presence { kOptional, kRequired };

  std::string_view name;
  Type type = Type::kText;
  Presence presence = Presence::kOptional;
};
// Null stands for absent where a member is not required; a required one may be null.
using BodySchema = std::vector<Member>;

// The body as an object that has no member but those, each of its type. kInvalidArgument else.
base::Result<json::object> ReadBody(std::string_view body, const BodySchema& schema);

}  // namespace api
