#pragma once

// The outbox at work: takes one step at a time, stores what each step changes before the next one
// begins, sends what is stored, and loads everything again where a change was not stored.
//
//   Take, answers, Wake ─► steps, one after the other ─► Outside::Write ─► Outside::Send
//
// Not here: where rows come from (runtime/feed.h), sockets, clocks: the time comes from Outside.
//
// Thread rule: one thread. Outside may answer at once or later, but once.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "notify/message.h"
#include "notify/outbox.h"

namespace notify {

// What the desk stands on.
class Outside {
 public:
  virtual ~Outside() = default;
  virtual base::Time Now() = 0;
  virtual std::vector<const model::RecordRow*> Stored() = 0;  // of kNotice
  using Written = std::function<void(const base::Status&)>;
  virtual void Write(Records records, Written done) = 0;
  // Of the attempt; within a bounded time.
  virtual void FindError(const Part& part, std::function<void(StepError)> done) = 0;
  using Sent = std::function<void(const std::optional<SendFailure>&)>;
  virtual void Send(const Notifier& notifier,
                    const Message& message,
                    const std::vector<std::string>& emails,
                    Sent done) = 0;
};

class Desk {
 public:
  // `outside` must outlive it.
  Desk(Outside& outside, std::shared_ptr<const Routes> routes, uint64_t seed);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // The files as they are now.
  void SetRoutes(std::shared_ptr<const Routes> routes);

  // Of rows of the history: what to store with their position, and what to call after that was
  // tried. Nothing else is stored in between.
  using Stored = std::function<void(const base::Status&)>;
  using Taken = std::function<void(Records, Stored)>;
  void Take(std::vector<Happening> happenings, Taken taken);
  // What is of no row, such as health; told once each time that it changes.
  void Take(std::vector<Happening> happenings);

  // Does what is due.
  void Wake();
  std::optional<base::Time> NextWake() const;
  const Outbox& outbox() const { return outbox_; }

 private:
  using Step = std::function<void()>;

  void Queue(Step step);
  void Work();
  void Write(Records records);
  void OnWritten(const base::Status& written);
  void SendAll();
  void Send(const Outbox::Sending& sending, const StepError& error);
  void Settle(const std::string& id, const Outbox::Answer& answer);

  Outside& outside_;
  std::shared_ptr<const Routes> routes_;
  Outbox outbox_;
  std::deque<Step> steps_;
  // Answers that could not be stored: until they are, nothing more goes to their notifiers.
  std::vector<std::pair<std::string, Outbox::Answer>> unstored_;
  bool is_storing_ = false;
  bool is_at_work_ = false;  // Work is not entered twice
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace notify
