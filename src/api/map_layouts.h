#pragma once

// Layouts of the map, kept as texts: made when the DAGs have changed, once for all who see the same
// of them, and not while nobody asks.
//
// Thread rule: the loop thread.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/map_estate.h"
#include "api/reading.h"
#include "base/result.h"

namespace api {

class MapLayouts : public std::enable_shared_from_this<MapLayouts> {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Done = std::function<void(const base::Result<Text>&)>;

  // It must outlive this.
  explicit MapLayouts(const ReadDesk& desk) : desk_(desk) {}
  MapLayouts(const MapLayouts&) = delete;
  MapLayouts& operator=(const MapLayouts&) = delete;

  void Get(MapDags dags, Done done);

 private:
  struct Made {
    std::string key;
    Text text;  // null: it is being made
    std::vector<Done> waiting;
  };
  void OnMade(const std::string& key, const base::Result<Text>& made);

  const ReadDesk& desk_;
  std::list<Made> made_;  // the one that was asked for last comes first
};

}  // namespace api
