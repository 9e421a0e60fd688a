// Notifiers: to whom messages go, what waits for each, and how the last attempts went.

#include "api/paging.h"
#include "api/resources.h"

namespace api {

Answer ListNotifiers(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  json::array notifiers;
  for (const runtime::NotifierView& notifier : context.views.Notifiers())
    notifiers.push_back(
        {{"name", notifier.name},
         {"type", notifier.type},
         {"pending", notifier.pending},
         {"sent", notifier.sent},
         {"failed", notifier.failed},
         {"given_up", notifier.given_up},
         {"last_success", TimeOrNull(notifier.last_success)},
         {"failing_since", TimeOrNull(notifier.failing_since)},
         // A receiver may repeat what it got, of whatever DAG.
         {"last_error", exchange.IsScoped() ? nullptr : TextOrNull(notifier.last_error)}});
  return PageOf("notifiers", std::move(notifiers), *paging);
}

}  // namespace api
