// {"message": {"title", "text", "error", "about", "facts", "link"}, "form", "from", "to"}  →  the
// message as a mail ({"mail"}), or as the body for Slack or PagerDuty ({"body"}).

#include "json_lines.h"
#include "notify/forms_mail.h"
#include "notify/forms_pagerduty.h"
#include "notify/forms_slack.h"
#include "notify/safe_message.h"

namespace {

notify::Message MessageOf(const json::object& from) {
  notify::Message message{.id = base::GetString(from, "id"),
                          .about = base::GetString(from, "about"),
                          .title = base::GetString(from, "title"),
                          .text = base::GetString(from, "text"),
                          .error = base::GetString(from, "error"),
                          .link = base::GetString(from, "link"),
                          .deployment = base::GetString(from, "deployment"),
                          .at = *base::ParseTime("2026-01-05T00:00:00Z")};
  message.occasion =
      model::ParseOccasion(base::GetString(from, "occasion")).value_or(model::Occasion::kFailed);
  message.is_over = base::GetBool(from, "is_over");
  for (const auto& [name, value] : base::GetObject(from, "facts"))
    message.facts.emplace_back(name, value.is_string() ? value.get_string().c_str() : "");
  return notify::SafeMessage(std::move(message), [](std::string text) { return text; });
}

base::Result<json::object> Form(const json::object& question) {
  const notify::Message message = MessageOf(base::GetObject(question, "message"));
  const std::string form = base::GetString(question, "form");
  if (form == "slack")
    return json::object{{"body", notify::SlackForm(message)}};
  if (form == "pagerduty")
    return json::object{{"body", notify::PagerDutyForm(message, "key")}};
  const auto from = notify::ParseMailbox(base::GetString(question, "from"));
  const auto to = notify::ParseMailbox(base::GetString(question, "to"));
  if (!from || !to)
    return base::Fail(base::ErrorCode::kInvalidArgument, "no mailbox");
  return json::object{
      {"mail", notify::MailForm(message, {.from = *from, .to = {*to}, .written_at = message.at})}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Form);
}
