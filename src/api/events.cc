#include <utility>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {
// EventBridge's own limit of an event.
constexpr size_t kBytesMax = size_t{256} << 10;
}  // namespace

void TakeEvent(Context& context, const SharedExchange& exchange, Answered answered) {
  const Answered answer = std::move(answered);
  if (exchange->request.body.size() > kBytesMax) {
    answer(base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("an event has at most ", kBytesMax, " bytes")));
    return;
  }
  if (const auto outcome = context.commands.TakeEvent(exchange->request.body))
    answer(json::object{{"outcome", *outcome}});
  else
    answer(base::Fail(base::ErrorCode::kInvalidArgument, "the body is no event of EventBridge"));
}

}  // namespace api
