#include "simulation/state_table.h"

#include "wire/state_item.h"

namespace simulation {

void StateTable::Take(std::string_view text) {
  const auto event = wire::ParseEmrEvent(text);
  const auto item = event ? wire::ItemOfEvent(*event) : std::nullopt;
  if (!item)
    return;
  Item written{{*wire::StateRank(item->kind, item->state), item->event_time, item->state},
               wire::PutItemBody(kName, *item).at("Item").as_object()};
  auto [there, is_new] = items_.try_emplace({item->cluster_id, wire::SortKey(*item)}, written);
  if (!is_new && there->second.place < written.place)
    there->second = std::move(written);
}

json::value StateTable::BatchGetItem(const json::object& request) const {
  json::array found;
  const json::object& of_table = base::GetObject(base::GetObject(request, "RequestItems"), kName);
  for (const json::value& key : base::GetArray(of_table, "Keys")) {
    const auto item = items_.find({base::GetString(key.get_object(), "cluster_id.S"),
                                   base::GetString(key.get_object(), "item.S")});
    if (item != items_.end())
      found.push_back(item->second.attributes);
  }
  return json::object{{"Responses", json::object{{kName, std::move(found)}}}};
}

}  // namespace simulation
