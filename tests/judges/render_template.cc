// {"text", "values": {…}, "times": {name: RFC 3339}, "offset": seconds}  →  {"value": …}.

#include "json_lines.h"
#include "template/template.h"

namespace {

base::Result<json::object> Render(const json::object& question) {
  tmpl::Context context{.values = base::GetObject(question, "values")};
  for (const auto& [name, text] : base::GetObject(question, "times")) {
    ASSIGN_OR_RETURN(context.times[std::string(name)], base::ParseTime(text.as_string()));
  }
  auto offset = static_cast<int>(base::GetInt(question, "offset"));
  context.utc_offset_seconds = [offset](base::Time) { return offset; };
  ASSIGN_OR_RETURN(tmpl::Template parsed, tmpl::Template::Parse(base::GetString(question, "text")));
  ASSIGN_OR_RETURN(json::value value, parsed.Render(context));
  return json::object{{"value", std::move(value)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Render);
}
