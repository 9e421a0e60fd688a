// GET /events: history as it happens, as server-sent events.

#include <utility>

#include "api/event_hub.h"
#include "api/history.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// The header is the later one: a browser that comes back sends it to the address that it was given.
base::Result<std::optional<int64_t>> ReadLastEvent(const Exchange& exchange) {
  std::optional<std::string> text = exchange.request.headers.Get("Last-Event-ID");
  if (!text) {
    ASSIGN_OR_RETURN(text, ReadOne(exchange, "last_event_id"));
  }
  if (!text || text->empty())
    return std::nullopt;
  const std::optional<int64_t> id = base::ParseInt(*text);
  if (!id || *id < 0)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the last event's id is '",
                                base::Excerpt(*text),
                                "', and must be the number of an event; 0: from the beginning"));
  return id;
}

}  // namespace

void StreamEvents(Context& context, const SharedExchange& exchange, Answered answered) {
  auto filters = ReadHistoryFilters(*exchange);
  if (!filters)
    return answered(base::Fail(filters.error()));
  const auto after = ReadLastEvent(*exchange);
  if (!after)
    return answered(base::Fail(after.error()));
  auto reply =
      context.events->Open({.exchange = exchange, .filters = *std::move(filters), .after = *after});
  if (!reply)
    return answered(base::Fail(reply.error()));
  answered(*std::move(reply));
}

}  // namespace api
