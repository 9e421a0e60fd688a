// A test message for a notifier.

#include <utility>

#include "api/resources.h"

namespace api {

void TestNotifier(Context& context, const SharedExchange& exchange, Answered answered) {
  std::vector<std::string> emails;
  for (const json::value& email : base::GetArray(exchange->body, "emails")) {
    if (!email.is_string())
      return answered(base::Fail(base::ErrorCode::kInvalidArgument, "'emails' is a list of texts"));
    emails.emplace_back(email.get_string());
  }
  const std::string& name = exchange->args.at(0);
  context.commands.TestNotifier(
      name,
      emails,
      exchange->principal(),
      [name, answered = std::move(answered)](const base::Result<runtime::NotifierTest>& test) {
        if (!test)
          return answered(base::Fail(test.error()));
        answered(json::object{{"name", name},
                              {"type", test->type},
                              {"is_delivered", test->is_delivered},
                              {"answer", test->answer}});
      });
}

}  // namespace api
