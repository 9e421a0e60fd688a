// Notifiers: to whom messages go, what waits for each, and how the last attempts went.

#include "api/paging.h"
#include "api/resources.h"

namespace api {

Answer ListNotifiers(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  json::array notifiers;
  for (const runtime::NotifierView& notifier : context.views.Notifiers()) {
    // How much there was to tell, and what a receiver repeats of it, is of whatever DAG.
    const bool is_told = !exchange.IsScoped();
    const auto of_all = [&](json::value value) { return is_told ? std::move(value) : nullptr; };
    notifiers.push_back({{"name", notifier.name},
                         {"type", notifier.type},
                         {"pending", of_all(notifier.pending)},
                         {"sent", of_all(notifier.sent)},
                         {"failed", of_all(notifier.failed)},
                         {"given_up", of_all(notifier.given_up)},
                         {"last_success", of_all(TimeOrNull(notifier.last_success))},
                         {"failing_since", TimeOrNull(notifier.failing_since)},
                         {"last_error", of_all(TextOrNull(notifier.last_error))}});
  }
  return PageOf("notifiers", std::move(notifiers), *paging);
}

}  // namespace api
