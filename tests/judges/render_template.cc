// {"text", "values": {…}, "times": {name: RFC 3339}, "lookups": {name: {member: value}}, "offset":
// seconds}  →  {"value", "written"}:
// the value, and what a member of a request that takes texts gets for it.

#include "base/json_text.h"
#include "base/text.h"
#include "json_lines.h"
#include "template/template.h"

namespace {

base::Result<json::object> Render(const json::object& question) {
  tmpl::Context context{.values = base::GetObject(question, "values")};
  for (const auto& [name, text] : base::GetObject(question, "times")) {
    ASSIGN_OR_RETURN(context.times[std::string(name)], base::ParseTime(text.as_string()));
  }
  for (const auto& [name, members] : base::GetObject(question, "lookups")) {
    context.lookups[std::string(name)] =
        [known = members.as_object()](std::string_view member) -> base::Result<tmpl::Looked> {
      const json::value* value = known.if_contains(member);
      if (value == nullptr)
        return base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no ", member));
      return *value;
    };
  }
  auto offset = static_cast<int>(base::GetInt(question, "offset"));
  context.utc_offset_seconds = [offset](base::Time) { return offset; };
  ASSIGN_OR_RETURN(tmpl::Template parsed, tmpl::Template::Parse(base::GetString(question, "text")));
  ASSIGN_OR_RETURN(json::value value, parsed.Render(context));
  std::string written = base::ScalarText(value);
  return json::object{{"value", std::move(value)}, {"written", std::move(written)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Render);
}
