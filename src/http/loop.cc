#include "http/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "http/asio.h"

namespace http {

// Owned by the pending wait alone, so that nothing of Asio outlives the Loop.
struct Timer::State {
  asio::steady_timer timer;
  std::function<void()> fn;
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    Cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Timer::Cancel() {
  if (auto state = state_.lock()) {
    // Destroyed last: what it captured may own this handle.
    const auto doomed = std::exchange(state->fn, nullptr);
    state->timer.cancel();
  }
  state_.reset();
}

// Owned by the pending wait alone, as a Timer's. The descriptor is a duplicate: Asio closes it.
struct Readiness::State {
  asio::posix::stream_descriptor descriptor;
  std::function<void()> fn;

  static void Wait(std::shared_ptr<State> state) {
    auto& descriptor = state->descriptor;
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [state = std::move(state)](const error_code& error) {
                            if (error || !state->fn)
                              return;
                            const auto callback = state->fn;  // a copy: it may end its own handle
                            callback();
                            if (state->fn)
                              Wait(state);
                          });
  }
};

Readiness& Readiness::operator=(Readiness&& other) noexcept {
  if (this != &other) {
    Cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Readiness::Cancel() {
  if (auto state = state_.lock()) {
    const auto doomed = std::exchange(state->fn, nullptr);
    state->descriptor.cancel();
  }
  state_.reset();
}

Readiness Loop::OnReadable(int descriptor, std::function<void()> fn) {
  asio::posix::stream_descriptor duplicate(impl_->context);
  error_code error;
  duplicate.assign(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0), error);
  if (error)
    return {};
  auto state =
      std::make_shared<Readiness::State>(Readiness::State{std::move(duplicate), std::move(fn)});
  Readiness handle{std::weak_ptr(state)};
  Readiness::State::Wait(std::move(state));
  return handle;
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::Run() {
  const auto work = asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

void Loop::Stop() {
  Post([this] { impl_->context.stop(); });
}

void Loop::Post(std::function<void()> fn) {
  asio::post(impl_->context, std::move(fn));
}

Timer Loop::After(base::Duration wall_delay, std::function<void()> fn) {
  auto state = std::make_shared<Timer::State>(
      Timer::State{asio::steady_timer(impl_->context, wall_delay), std::move(fn)});
  Timer handle{std::weak_ptr(state)};
  auto& timer = state->timer;
  timer.async_wait([state = std::move(state)](const error_code&) {
    // Taken out first: the callback may destroy or replace its own handle.
    if (auto callback = std::exchange(state->fn, nullptr))
      callback();
  });
  return handle;
}

void Loop::OnSignal(std::function<void(int)> fn) {
  impl_->on_signal = std::move(fn);
  if (!impl_->signals) {
    impl_->signals.emplace(impl_->context, SIGINT, SIGTERM);
    impl_->WaitForSignal();
  }
}

void Loop::Impl::WaitForSignal() {
  signals->async_wait([this](const error_code& error, int number) {
    if (error)
      return;
    WaitForSignal();
    const auto callback = on_signal;  // a copy: it may replace itself
    callback(number);
  });
}

void Loop::OnHangup(std::function<void()> fn) {
  impl_->on_hangup.push_back(std::move(fn));
  if (!impl_->hangups) {
    impl_->hangups.emplace(impl_->context, SIGHUP);
    impl_->WaitForHangup();
  }
}

void Loop::Impl::WaitForHangup() {
  hangups->async_wait([this](const error_code& error, int) {
    if (error)
      return;
    const auto callbacks = on_hangup;  // a copy: one may add others
    for (const auto& callback : callbacks)
      callback();
    WaitForHangup();
  });
}

}  // namespace http
