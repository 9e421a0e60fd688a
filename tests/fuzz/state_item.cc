#include "wire/state_item.h"

#include "base/check.h"
#include "base/json.h"
#include "targets.h"

namespace fuzz {

// Any JSON object is an item or a reason; an item is about something, and where its state has a
// place in the order, it comes back from the table as it was.
void FuzzStateItem(std::string_view bytes) {
  const base::Result<json::value> value = base::ParseJson(bytes);
  if (!value || !value->is_object())
    return;
  const base::Result<wire::StateItem> item = wire::ReadStateItem(value->get_object());
  if (!item) {
    CHECK(!item.error().message.empty());
    return;
  }
  CHECK(!item->cluster_id.empty() && !item->state.empty());
  if (!wire::StateRank(item->kind, item->state) || base::ToMicros(item->event_time) < 0)
    return;
  const json::object body = wire::PutItemBody("states", *item);
  const base::Result<wire::StateItem> again = wire::ReadStateItem(body.at("Item").as_object());
  CHECK(again && wire::SortKey(*again) == wire::SortKey(*item));
  CHECK(again->event_time == item->event_time && again->state == item->state);
  CHECK(again->running == item->running && again->message == item->message);
}

}  // namespace fuzz
