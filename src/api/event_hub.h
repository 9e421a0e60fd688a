#pragma once

// Streams of events: each row of history that a client asks for and may see, exactly once and in
// order, as server-sent events whose id is the row's seq. What was just committed comes to all
// clients from runtime/tail.h; a client that asks for older rows catches up page by page, off the
// loop, one client at a time. One that reads too slowly is cut (http/stream.h) and comes back with
// the id of the last event that it got. That files have other mistakes now is told too, without a
// row: it is no change of a state.
//
// Thread rule: the loop thread.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "api/reading.h"
#include "api/reply.h"
#include "base/time.h"
#include "http/stream.h"
#include "runtime/views.h"
#include "store/store.h"

namespace api {

struct Exchange;

struct EventLimits {
  size_t streams = 256;  // at once
  // Wall times. What is committed meanwhile goes out together.
  base::Duration pause = base::milliseconds(50);
  base::Duration heartbeat = base::seconds(15);
  // After so many a stream ends, and its client asks again.
  int longest_in_heartbeats = 60;
};

class EventHub : public std::enable_shared_from_this<EventHub> {
 public:
  // Both must outlive this.
  EventHub(const runtime::Views& views, const ReadDesk& desk, const EventLimits& limits);
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  struct Asked {
    std::shared_ptr<const Exchange> exchange;  // who asks
    store::HistoryQuery filters;
    std::optional<int64_t> after;  // the last event that the client has; none: it begins with now
  };
  // Who asks, and what they may see, as it is now; null: they may no more. Asked at each heartbeat,
  // for all who see only some DAGs before news is sent, and for everybody once users,
  // tokens or sessions have changed.
  using LookAgain =
      std::function<std::shared_ptr<const Exchange>(const std::shared_ptr<const Exchange>&)>;
  void LookAgainBy(LookAgain look_again) { look_again_ = std::move(look_again); }

  // kUnavailable where there are too many.
  base::Result<StreamReply> Open(Asked asked);
  size_t streams() const { return readers_.size(); }

 private:
  struct Reader {
    Asked asked;
    http::Stream stream;
    int64_t position = 0;    // all rows up to it were looked at
    bool is_behind = false;  // it is catching up
    int heartbeats = 0;
  };
  struct Page;
  using Readers = std::map<uint64_t, Reader>;

  void Add(Asked asked, http::Stream stream);
  void OnNews();
  void TellAll();
  void LookAtAll(int64_t newest);
  // False where the stream has ended.
  bool LookAt(Reader& reader) const;
  void Beat();
  void WaitForTurn(uint64_t reader);
  void ReadNext();
  void ReadPage(uint64_t reader);
  void TakePage(uint64_t reader, const base::Result<Page>& page);
  void DropDead();

  const runtime::Views& views_;
  const ReadDesk& desk_;
  const EventLimits limits_;
  Readers readers_;
  uint64_t last_reader_ = 0;
  LookAgain look_again_;
  std::deque<uint64_t> behind_;  // who catches up, in turn
  bool is_reading_ = false;
  bool is_telling_ = false;  // it is due
  // That clients know of.
  std::shared_ptr<const std::vector<yaml::Diagnostic>> import_errors_;
  int64_t looked_ = 0;  // at all rows up to it, for changes of who may ask
  http::Timer tell_timer_, beat_timer_, read_timer_;
  const std::shared_ptr<const runtime::Tail::Listener> listener_;
};

}  // namespace api
