#pragma once

// What variables and connections have in common as resources: sealed records, listed, read,
// written and removed as in Airflow. Each kind says how its documents are made and shown.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/resources.h"
#include "model/record.h"

namespace api {

struct SealedKind {
  model::RecordKind kind;
  std::string_view list;  // "variables"
  std::string_view id;    // the member that names it: "key"
  const BodySchema& body;
  std::vector<std::string_view> orders;  // the first by its name
  // The document that the body makes of `old`, where there is one: what the body leaves out stays,
  // and so does what it has as "***".
  base::Result<std::string> (*make)(const std::string& name,
                                    const json::object& body,
                                    const std::optional<std::string>& old);
  // Without its secrets.
  base::Result<json::object> (*show)(const std::string& name, const std::string& document);
};

Answer ListSealed(const SealedKind& kind, const Reading& reading, const Exchange& exchange);
Answer GetSealed(const SealedKind& kind, const Reading& reading, const Exchange& exchange);
void CreateSealed(const SealedKind& kind,
                  Context& context,
                  const Exchange& exchange,
                  Answered answered);
void PatchSealed(const SealedKind& kind,
                 Context& context,
                 const Exchange& exchange,
                 Answered answered);
void DeleteSealed(const SealedKind& kind,
                  Context& context,
                  const Exchange& exchange,
                  Answered answered);

// The document that is there; kCorrupt where it does not open.
base::Result<std::optional<std::string>> OpenOld(Context& context, const model::RecordRow* row);

// Many at once; what one action asks for happens whole, or not at all.
void ChangeManySealed(const SealedKind& kind,
                      Context& context,
                      const SharedExchange& exchange,
                      Answered answered);

}  // namespace api
