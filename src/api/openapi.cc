// The table of routes as an OpenAPI 3.1 document, for programs that make clients or try every
// route.

#include <string>
#include <utility>

#include "api/guard.h"
#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

json::object Ref(std::string_view what) {
  return {{"$ref", base::Cat("#/components/", what)}};
}

json::object SchemaOf(Param::Type type) {
  switch (type) {
    case Param::Type::kText:
      return {{"type", "string"}};
    case Param::Type::kFlag:
      return {{"type", "boolean"}};
    case Param::Type::kNumber:
      return {{"type", "integer"}, {"minimum", 0}, {"maximum", int64_t{1} << 53}};
    case Param::Type::kReal:
      return {{"type", "number"}, {"minimum", 0}, {"maximum", 1'000'000'000}};
    case Param::Type::kTime:
      return {{"type", "string"}, {"format", "date-time"}};
  }
  return {};
}

// Null counts as absent where a member is not required, and a required one may be null.
json::object SchemaOf(Member::Type type) {
  switch (type) {
    case Member::Type::kText:
      return {{"type", json::array{"string", "null"}}};
    case Member::Type::kFlag:
      return {{"type", json::array{"boolean", "null"}}};
    case Member::Type::kNumber:
      return {{"type", json::array{"integer", "null"}}};
    case Member::Type::kReal:
      return {{"type", json::array{"number", "null"}}};
    case Member::Type::kObject:
      return {{"type", json::array{"object", "null"}}};
    case Member::Type::kList:
      return {{"type", json::array{"array", "null"}}};
    case Member::Type::kTime:
      return {{"type", json::array{"string", "null"}}, {"format", "date-time"}};
    case Member::Type::kAny:
    case Member::Type::kNotYet:
      return {};
  }
  return {};
}

json::array ParametersOf(const Route& route) {
  json::array parameters;
  for (const std::string& part : base::Split(route.pattern, '/')) {
    if (part.starts_with('{'))
      parameters.push_back(json::object{{"name", part.substr(1, part.size() - 2)},
                                        {"in", "path"},
                                        {"required", true},
                                        {"schema", SchemaOf(Param::Type::kText)}});
  }
  for (const Param& param : route.params) {
    json::object schema = SchemaOf(param.type);
    if (param.times == Param::Times::kMany)
      schema = {{"type", "array"}, {"items", std::move(schema)}};
    parameters.push_back(json::object{{"name", param.name},
                                      {"in", "query"},
                                      {"required", param.presence == Param::Presence::kRequired},
                                      {"schema", std::move(schema)}});
  }
  return parameters;
}

json::object BodyOf(const BodySchema& body) {
  json::object properties;
  json::array required;
  for (const Member& member : body) {
    if (member.type == Member::Type::kNotYet)  // refused
      continue;
    properties[member.name] = SchemaOf(member.type);
    if (member.presence == Member::Presence::kRequired)
      required.emplace_back(member.name);
  }
  const bool is_required = !required.empty();
  json::object schema{{"type", "object"},
                      {"properties", std::move(properties)},
                      {"required", std::move(required)},
                      {"additionalProperties", false}};
  return {{"required", is_required},
          {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

json::object FormOf(std::string_view field) {
  const json::object schema{{"type", "object"},
                            {"properties", {{field, {{"type", "string"}}}}},
                            {"required", json::array{field}}};
  return {{"required", true}, {"content", {{kFormType, {{"schema", schema}}}}}};
}

json::object ResponsesOf(const Route& route) {
  json::object responses;
  const std::string_view error =
      route.content == "text/html" ? "responses/Page" : "responses/Error";
  for (const std::string_view refusal : {"400", "401", "403"})
    responses[refusal] = Ref(error);
  if (route.IsAbsent()) {
    responses["501"] = Ref("responses/Error");
    return responses;
  }
  json::object success{{"description", "done"}};
  if (route.success != 204 && route.success != 302) {
    json::object schema{{"type", "string"}};
    if (route.content == "application/json")
      schema = {{"type", json::array{"object", "null"}}};
    success["content"] = json::object{{route.content, {{"schema", std::move(schema)}}}};
  }
  responses[base::Cat(route.success)] = std::move(success);
  if (route.has_tag)
    responses["304"] =
        json::object{{"description", "it is as the caller has it (`If-None-Match`)"}};
  for (const std::string_view refusal : {"404", "409", "413", "415", "422", "429", "503"})
    responses[refusal] = Ref(error);
  return responses;
}

// "get_dags_dag_id_details".
std::string OperationId(const Route& route) {
  std::string id = base::ToLower(base::Cat(route.method, "_", route.pattern));
  for (char& c : id) {
    if (c == '/' || c == '-' || c == '.' || c == '~')
      c = '_';
  }
  return base::ReplaceAll(base::ReplaceAll(id, "{", ""), "}", "");
}

json::object OperationOf(const Route& route) {
  json::object operation{{"operationId", OperationId(route)},
                         {"parameters", ParametersOf(route)},
                         {"responses", ResponsesOf(route)}};
  if (const auto* absent = std::get_if<Absent>(&route.handler)) {
    operation["description"] = absent->why;
    operation["tags"] = json::array{"absent"};
  }
  if (route.body)
    operation["requestBody"] = BodyOf(*route.body);
  if (!route.form_field.empty())
    operation["requestBody"] = FormOf(route.form_field);
  if (route.access == Access::kOpen)
    operation["security"] = json::array();
  if (route.access == Access::kWebhook)
    operation["security"] = json::array{json::object{{"webhook", json::array()}}};
  return operation;
}

json::object Components() {
  const json::object error{{"type", "object"},
                           {"properties", {{"detail", {{"type", "string"}}}}},
                           {"required", json::array{"detail"}}};
  const json::object refused{
      {"description", "why not, and what to do"},
      {"content", {{"application/json", {{"schema", Ref("schemas/Error")}}}}}};
  // For people; what is wrong with the request itself is told as everywhere.
  json::object page = refused;
  page["content"].get_object()["text/html"] = {{"schema", {{"type", "string"}}}};
  return {{"schemas", {{"Error", error}}},
          {"responses", {{"Error", refused}, {"Page", page}}},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
            {"webhook", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-Signalbox-Token"}}}}}};
}

}  // namespace

Answer GetOpenApi(Context& context, const Exchange&) {
  json::object paths;
  for (const Route& route : Routes()) {
    const std::string path = PathOf(route);
    if (!paths.contains(path))
      paths[path] = json::object();
    paths[path].get_object()[base::ToLower(route.method)] = OperationOf(route);
  }
  return json::object{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Signalbox"},
        {"version", context.version},
        {"description",
         "Airflow 3's paths, parameters and fields where the concept is the same, and more."}}},
      {"paths", std::move(paths)},
      {"components", Components()},
      {"security", json::array{json::object{{"token", json::array()}}}}};
}

}  // namespace api
