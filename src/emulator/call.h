#pragma once

// One call on its way through the emulator, and the replies that it may end in. Private to the
// module.

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "emulator/emulator.h"

namespace emulator {

struct Emulator::Call {
  std::string action;
  json::value request;  // without unknown members once its shape is checked
  std::string request_id;
  // What the journal says of it, filled in on the way.
  std::string cluster_id;
  std::string name;

  const json::object& body() const { return request.get_object(); }
};

inline Reply Success(json::object body) {
  return {.body = std::move(body)};
}
// Two operations have no output at all; others that say nothing answer an empty object.
inline Reply Done(std::string_view action) {
  bool no_output = action == "TerminateJobFlows" || action == "SetTerminationProtection";
  return no_output ? Reply{.body = nullptr} : Success({});
}

// The newer operations know InvalidRequestException and InternalServerException with a `Message`;
// what AWS's front end answers carries `message`.
inline Reply FrontEndError(int http_status, std::string_view code, std::string_view message) {
  return {.http_status = http_status,
          .body = json::object{{"__type", code}, {"message", message}},
          .error_code = std::string(code)};
}
inline Reply InvalidRequest(std::string_view message, std::string_view error_code = "") {
  json::object body = {{"__type", "InvalidRequestException"}, {"Message", message}};
  if (!error_code.empty())
    body["ErrorCode"] = error_code;
  return {.http_status = 400, .body = std::move(body), .error_code = "InvalidRequestException"};
}
inline Reply Invalid(std::string_view message) {
  return FrontEndError(400, "ValidationException", message);
}
inline Reply NoSuchCluster(std::string_view id) {
  return InvalidRequest(base::Cat("Cluster id '", id, "' is not valid."), "NoSuchCluster");
}

// The older operations have an error of their own for it, without members.
inline Reply InternalError(std::string_view action) {
  for (std::string_view old : {"RunJobFlow",
                               "AddJobFlowSteps",
                               "CancelSteps",
                               "ModifyCluster",
                               "TerminateJobFlows",
                               "SetTerminationProtection"})
    if (action == old)
      return FrontEndError(500, "InternalServerError", "");
  return {.http_status = 500,
          .body = json::object{{"__type", "InternalServerException"}, {"Message", ""}},
          .error_code = "InternalServerException"};
}

// What the operations that speak of job flows say of the same.
inline Reply NoSuchJobFlow() {
  return Invalid("Specified job flow ID does not exist.");
}

inline Reply BadMarker(std::string_view marker) {
  return InvalidRequest(base::Cat("Marker '", marker, "' is not valid."));
}

// The id of the cluster that a request is about, in whichever member the operation has for it.
inline std::string SubjectId(const json::object& request) {
  for (std::string_view member : {"ClusterId", "JobFlowId", "ResourceId"})
    if (std::string id = base::GetString(request, member); !id.empty())
      return id;
  return "";
}

}  // namespace emulator
