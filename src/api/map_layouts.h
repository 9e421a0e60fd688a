#pragma once

// Layouts of the map, kept as texts: made when the DAGs have changed, once for all who see the same
// of them, and not while nobody asks.
//
// The layout of all DAGs is continued from the one before, which a file keeps over restarts.
// Without the file, or with one that cannot be read, everything is laid out from nothing: the
// picture is another one, and as good.
//
// Thread rule: the loop thread.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/map_estate.h"
#include "api/reading.h"
#include "base/result.h"

namespace metro {
struct Layout;
}

namespace api {

class MapLayouts : public std::enable_shared_from_this<MapLayouts> {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Done = std::function<void(const base::Result<Text>&)>;

  // The desk must outlive this. No file: "".
  MapLayouts(const ReadDesk& desk, std::string file) : desk_(desk), file_(std::move(file)) {}
  MapLayouts(const MapLayouts&) = delete;
  MapLayouts& operator=(const MapLayouts&) = delete;

  enum class Sight { kAll, kSome };
  void Get(MapDags dags, Sight sight, Done done);

 private:
  using Former = std::shared_ptr<const metro::Layout>;
  struct Drawn {
    Text text;
    Former layout;
  };
  struct Made {
    std::string key;
    Text text;  // null: it is being made
    std::vector<Done> waiting;
  };
  static Drawn DrawAndKeep(const MapDags& dags, const Former& former, const std::string& file);
  void OnMade(const std::string& key, Sight sight, const base::Result<Drawn>& made);

  const ReadDesk& desk_;
  const std::string file_;
  Former all_;            // the latest layout of all DAGs; null: the file is not read yet
  std::list<Made> made_;  // the one that was asked for last comes first
};

}  // namespace api
