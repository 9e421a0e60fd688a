#include "wire/emr_event.h"

#include "base/check.h"
#include "base/text.h"
#include "targets.h"
#include "wire/state_item.h"

namespace fuzz {

// Any bytes are an event or a reason; an event has a whole envelope, and one that we use comes from
// EMR or EC2 and says what it is about.
void FuzzEmrEvent(std::string_view bytes) {
  const base::Result<wire::EmrEvent> event = wire::ParseEmrEvent(bytes);
  if (!event) {
    CHECK(!event.error().message.empty());
    return;
  }
  CHECK(!event->region.empty() && event->account.size() == 12);
  CHECK(base::ParseTime(base::FormatRfc3339(event->time)) == event->time);
  if (std::holds_alternative<wire::NotOurs>(event->detail))
    return;
  CHECK(event->source == "aws.emr" || event->source == "aws.ec2");
  if (const auto* cluster = std::get_if<wire::ClusterStateChange>(&event->detail))
    CHECK(!cluster->cluster_id.empty() && !cluster->state.empty());
  if (const auto* capacity = std::get_if<wire::CapacityChange>(&event->detail))
    CHECK(capacity->target.value_or(0) >= 0 && capacity->running.value_or(0) >= 0);
  if (const std::optional<wire::StateItem> item = wire::ItemOfEvent(*event)) {
    const json::object body = wire::PutItemBody("states", *item);
    const base::Result<wire::StateItem> read = wire::ReadStateItem(body.at("Item").as_object());
    CHECK(read && read->state == item->state && read->event_time == event->time);
  }
}

}  // namespace fuzz
