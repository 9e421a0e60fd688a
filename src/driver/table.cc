#include "driver/table.h"

#include <algorithm>

#include "base/log.h"

namespace driver {

namespace {

constexpr size_t kKeysMax = 100;  // of one BatchGetItem
constexpr base::Duration kFirstPause = base::milliseconds(50);
constexpr base::Duration kLongestPause = base::seconds(10);

base::Duration PauseOf(int tries) {
  base::Duration pause = kFirstPause;
  for (int i = 1; i < tries && pause < kLongestPause; ++i)
    pause *= 2;
  return std::min(pause, kLongestPause);
}

}  // namespace

void Table::Look(const std::vector<Cluster>& clusters) {
  ++round_;
  left_.clear();
  tries_ = 0;
  const wire::StateTableNames& names = context_.options.sources.table_names;
  json::array keys;
  auto add = [&](const model::ClusterId& id, const std::string& item) {
    keys.push_back(wire::ItemKey(id.str(), item, names));
    if (keys.size() == kKeysMax)
      Request(std::exchange(keys, {}));
  };
  for (const Cluster& cluster : clusters) {
    add(cluster.id, wire::StateItemKey());
    for (std::string_view role : {"MASTER", "CORE"})
      add(cluster.id, cluster.has_groups ? wire::GroupItemKey(role) : wire::FleetItemKey(role));
  }
  if (!keys.empty())
    Request(std::move(keys));
}

void Table::Request(json::array keys) {
  const std::string& table = context_.options.sources.table;
  json::object body{
      {"RequestItems", json::object{{table, json::object{{"Keys", keys}}}}},
  };
  context_.caller.Request(Service::kDynamoDb,
                          "BatchGetItem",
                          std::move(body),
                          [this, keys = std::move(keys), round = round_](const Reply& reply) {
                            OnReply(reply, keys, round);
                          });
}

void Table::OnReply(const Reply& reply, const json::array& keys, int64_t round) {
  const SourceOptions& sources = context_.options.sources;
  json::array left;
  if (reply.body && reply.body->is_object()) {
    const json::object& body = reply.body->get_object();
    for (const json::value& value :
         base::GetArray(base::GetObject(body, "Responses"), sources.table)) {
      if (!value.is_object())
        continue;
      if (auto item = wire::ReadStateItem(value.get_object(), sources.table_names))
        on_item_(*item);
      else
        base::LogWarning("state_item_malformed", {{"message", item.error().message}});
    }
    const json::object& unprocessed = base::GetObject(body, "UnprocessedKeys");
    if (const auto* of_table = unprocessed.if_contains(sources.table);
        of_table != nullptr && of_table->is_object())
      left = base::GetArray(of_table->get_object(), "Keys");
  } else {
    left = keys;
  }
  if (left.empty() || round != round_)
    return;
  left_.insert(left_.end(), left.begin(), left.end());
  not_before_ = context_.Now() + PauseOf(++tries_);
}

void Table::Plan() {
  if (left_.empty() || context_.Now() < not_before_)
    return;
  json::array left = std::exchange(left_, {});
  for (size_t i = 0; i < left.size(); i += kKeysMax)
    Request(json::array(
        left.begin() + static_cast<std::ptrdiff_t>(i),
        left.begin() + static_cast<std::ptrdiff_t>(std::min(left.size(), i + kKeysMax))));
}

std::optional<base::Time> Table::NextWake() const {
  if (left_.empty())
    return std::nullopt;
  return not_before_;
}

}  // namespace driver
