// `notifiers list`: to whom messages go, what waits for each, and how the last attempts went.
// `notifiers test`: a message on its way now, and what became of it.

#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "http/message.h"

namespace cli {

using base::Cat;

Outcome<void> ListNotifiers(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto notifiers = server->List("/notifiers", "notifiers");
  if (!notifiers)
    return tl::unexpected(notifiers.error());
  PrintList(options.format,
            *notifiers,
            {{"NOTIFIER", "name"},
             {"TYPE", "type"},
             {"WAITING", "pending"},
             {"SENT", "sent"},
             {"FAILED", "failed"},
             {"GIVEN UP", "given_up"},
             {"LAST SUCCESS", "last_success"},
             {"ERROR", "last_error", false, Table::Fit::kCut}});
  return {};
}

Outcome<void> TestNotifier(const NotifierOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  // A notifier may take up to two minutes, and PagerDuty's is asked twice.
  server->Limit(base::minutes(5));
  json::object body;
  if (!asked.emails.empty())
    body["emails"] = json::array(asked.emails.begin(), asked.emails.end());
  auto test = server->Post(Cat("/notifiers/", http::PercentEncode(asked.name), "/test"), body);
  if (!test)
    return tl::unexpected(test.error());
  const bool is_delivered = base::GetBool(*test, "is_delivered");
  const std::string answer = base::GetString(*test, "answer");
  if (IsData(asked.live.format))
    PrintData(asked.live.format, *test);
  else if (is_delivered)
    Print(Cat(asked.name, " (", base::GetString(*test, "type"), ") took it: ", answer, "\n"));
  if (is_delivered)
    return {};
  return Fail(Exit::kFailed, Cat(asked.name, " did not take it: ", answer));
}

}  // namespace cli
