// {"method", "target", "headers": [[name, value], …], "body", "access_key", "secret_key",
//  "session_token", "region", "service", "time": RFC 3339}  →  {"headers": […]} to be added.

#include "json_lines.h"
#include "wire/sigv4.h"

namespace {

base::Result<json::object> Sign(const json::object& question) {
  wire::SigningRequest request{.method = base::GetString(question, "method"),
                               .target = base::GetString(question, "target"),
                               .headers = {},
                               .body = base::GetString(question, "body")};
  for (const json::value& header : base::GetArray(question, "headers"))
    request.headers.emplace_back(header.at(0).as_string(), header.at(1).as_string());
  ASSIGN_OR_RETURN(base::Time now, base::ParseTime(base::GetString(question, "time")));
  json::array added;
  for (const auto& [name, value] :
       wire::Sign(request,
                  {.access_key = base::GetString(question, "access_key"),
                   .secret_key = base::GetString(question, "secret_key"),
                   .session_token = base::GetString(question, "session_token")},
                  {.region = base::GetString(question, "region"),
                   .service = base::GetString(question, "service")},
                  now))
    added.push_back(json::array{name, value});
  return json::object{{"headers", std::move(added)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Sign);
}
