#pragma once

// The latest picture of the estate (map_rows.h), shared by all who ask: however many boards poll,
// it is made once after a commit, with a pause after each, and not at all while nobody asks.
//
// What keeps jobs from going on is known on the loop alone, and takes time there: it is asked for a
// few jobs at a time, of those that have moved, and of all of them once a second.
//
// Thread rule: the loop thread; the pictures themselves on any.

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "api/map_rows.h"
#include "api/reading.h"
#include "base/result.h"
#include "runtime/views.h"

namespace api {

class MapBoard : public std::enable_shared_from_this<MapBoard> {
 public:
  using Picture = std::shared_ptr<const MapTexts>;
  using Done = std::function<void(const base::Result<Picture>&)>;

  // Both must outlive this.
  MapBoard(const runtime::Views& views, const ReadDesk& desk) : views_(views), desk_(desk) {}
  MapBoard(const MapBoard&) = delete;
  MapBoard& operator=(const MapBoard&) = delete;

  // A picture with all that was committed before this call.
  void Get(Done done);

 private:
  using Rows = std::shared_ptr<const MapRows>;
  struct Asked {
    model::TaskState state = model::TaskState::kNone;
    runtime::JobView view;
  };

  void Make();
  void OnRows(const base::Result<Rows>& rows);
  void AskNext();
  void Write();
  void OnMade(const base::Result<Picture>& made);

  const runtime::Views& views_;
  const ReadDesk& desk_;
  Picture picture_;
  int64_t seq_ = 0;         // of the history that the picture, or the one that is being made, has
  bool is_fresh_ = false;   // what changes without a commit is not old yet
  bool is_making_ = false;  // or made one a moment ago
  std::vector<Done> waiting_;
  std::vector<Done> served_;  // by the picture that is being made; none: none is

  // Of the picture that is being made.
  Rows rows_;
  std::vector<std::pair<model::JobKey, model::TaskState>> to_ask_;
  std::map<model::JobKey, Asked> asked_;
  bool are_asked_old_ = true;

  http::Timer fresh_timer_, pause_timer_, ask_timer_, asked_timer_;
};

}  // namespace api
