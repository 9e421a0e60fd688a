#pragma once

// Looks at the state table that the forwarder keeps in DynamoDB: three items a cluster, 100 keys a
// BatchGetItem, and what it leaves unprocessed asked for again. A missing item is no news.

#include <functional>
#include <optional>
#include <vector>

#include "driver/context.h"
#include "wire/state_item.h"

namespace driver {

class Table {
 public:
  struct Cluster {
    model::ClusterId id;
    bool has_groups = false;
  };

  Table(Context& context, std::function<void(const wire::StateItem&)> on_item)
      : context_(context), on_item_(std::move(on_item)) {}

  // What an earlier look has not got by now is dropped.
  void Look(const std::vector<Cluster>& clusters);
  // Asks again for what was left.
  void Plan();
  std::optional<base::Time> NextWake() const;

 private:
  void Request(json::array keys);
  void OnReply(const Reply& reply, const json::array& keys, int64_t round);

  Context& context_;
  const std::function<void(const wire::StateItem&)> on_item_;
  int64_t round_ = 0;
  json::array left_;
  int tries_ = 0;
  base::Time not_before_{};
};

}  // namespace driver
