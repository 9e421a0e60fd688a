#pragma once

// The event loop: sockets, timers and signals of one thread.
//
// Thread rule: Run() is called by one thread, "the loop thread". Every callback of this module runs
// there, never from inside the call that asked for it. Post() and Stop() may be called by any
// thread; everything else by the loop thread, or by any one thread while Run() is not running.
// Clients, servers and timers' callbacks hold no loop alive: destroy them before their Loop.

#include <functional>
#include <memory>

#include "base/time.h"

namespace http {

// A handle on a callback that is due later; destroying or cancelling it cancels the callback for
// certain. May outlive the Loop.
class Timer {
 public:
  struct State;

  Timer() = default;
  explicit Timer(std::weak_ptr<State> state) : state_(std::move(state)) {}
  Timer(Timer&& other) noexcept : state_(std::move(other.state_)) {}
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { Cancel(); }

  void Cancel();

 private:
  std::weak_ptr<State> state_;
};

// A handle on a descriptor that is waited for; destroying it ends that for certain. May outlive the
// Loop.
class Readiness {
 public:
  struct State;

  Readiness() = default;
  explicit Readiness(std::weak_ptr<State> state) : state_(std::move(state)) {}
  Readiness(Readiness&& other) noexcept : state_(std::move(other.state_)) {}
  Readiness& operator=(Readiness&& other) noexcept;
  ~Readiness() { Cancel(); }

  void Cancel();

 private:
  std::weak_ptr<State> state_;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Serves until Stop(), whether there is work or not. May be called again afterwards.
  void Run();
  // Ends Run() after the callbacks that are due already; before Run() it ends the next one at once.
  void Stop();
  void Post(std::function<void()> fn);

  // Runs `fn` once, `wall_delay` of wall time from now.
  [[nodiscard]] Timer After(base::Duration wall_delay, std::function<void()> fn);

  // Runs `fn` whenever `descriptor` can be read (a pipe, inotify), until the handle goes. `fn` must
  // read all that is there. The descriptor stays the caller's.
  [[nodiscard]] Readiness OnReadable(int descriptor, std::function<void()> fn);

  // Calls `fn` with the number of each SIGINT and SIGTERM from now on, instead of dying of it.
  void OnSignal(std::function<void(int)> fn);
  // Calls `fn` at each SIGHUP from now on, after those that were given before.
  void OnHangup(std::function<void()> fn);

  // For the implementation (asio.h): what the public headers do not show.
  class Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
