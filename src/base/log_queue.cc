#include "base/log_queue.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "base/text.h"

namespace base {

namespace {
constexpr auto kWindow = std::chrono::minutes(1);
// Kinds come from our own code and are few; this is for the day when one is not.
constexpr size_t kMostKinds = 1000;
}  // namespace

Result<LogQueue*> LogQueue::Start(Options options) {
  auto* queue = new LogQueue(std::move(options));
  if (Status opened = queue->Open(); !opened) {
    delete queue;
    return Fail(opened.error());
  }
  // Signals are for the program's own threads; and a broken pipe is an error to be counted here.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([queue] { queue->Run(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return queue;
}

Status LogQueue::Open() {
  if (options_.file.empty()) {
    fd_ = STDERR_FILENO;
    return {};
  }
  constexpr int kMode = 0640;
  const int fd =
      ::open(options_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kMode);
  if (fd < 0)
    return Fail(ErrorCode::kUnavailable,
                Cat("the log file '", options_.file, "' can't be opened: ", std::strerror(errno)));
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = fd;
  return {};
}

bool LogQueue::Admit(std::string_view kind) {
  const auto now = Steady::now();
  const std::lock_guard lock(mutex_);
  auto window = windows_.find(kind);
  if (window == windows_.end()) {
    if (windows_.size() >= kMostKinds)
      CloseWindows(now);
    if (windows_.size() >= kMostKinds)
      return false;
    window = windows_.emplace(std::string(kind), Window{now}).first;
  } else if (now - window->second.began >= kWindow) {
    if (window->second.suppressed > 0)
      pending_ += options_.suppressed(kind, window->second.suppressed);
    window->second = Window{now};
  }
  if (window->second.admitted < options_.most_a_minute) {
    ++window->second.admitted;
    return true;
  }
  if (window->second.suppressed++ == 0)
    wake_.notify_one();  // the thread has a window to close
  return false;
}

void LogQueue::Push(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || pending_.size() + line.size() > options_.most_bytes) {
    ++dropped_;
    return;
  }
  pending_ += line;
  wake_.notify_one();
}

void LogQueue::Reopen() {
  const std::lock_guard lock(mutex_);
  reopen_ = true;
  wake_.notify_one();
}

void LogQueue::Stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  CloseWindows(Steady::time_point::max());
  stopping_ = true;
  wake_.notify_one();
  idle_.wait_for(lock, patience, [this] { return pending_.empty() && !writing_; });
}

uint64_t LogQueue::lines_dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void LogQueue::CloseWindows(Steady::time_point now) {
  for (auto it = windows_.begin(); it != windows_.end();) {
    if (now - kWindow < it->second.began) {
      ++it;
      continue;
    }
    if (it->second.suppressed > 0)
      pending_ += options_.suppressed(it->first, it->second.suppressed);
    it = windows_.erase(it);
  }
}

void LogQueue::TellDropped() {
  if (dropped_ == dropped_told_)
    return;
  pending_ += options_.dropped(dropped_ - dropped_told_);
  dropped_told_ = dropped_;
}

// Only a window that left something out is waited for.
LogQueue::Steady::time_point LogQueue::NextClosing() const {
  auto next = Steady::time_point::max();
  for (const auto& [kind, window] : windows_) {
    if (window.suppressed > 0)
      next = std::min(next, window.began + kWindow);
  }
  return next;
}

void LogQueue::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (pending_.empty() && !reopen_) {
      const auto closing = NextClosing();
      if (closing == Steady::time_point::max())
        wake_.wait(lock);
      else
        wake_.wait_until(lock, closing);
      CloseWindows(Steady::now());
    }
    std::string lines = std::exchange(pending_, {});
    const bool reopen = std::exchange(reopen_, false);
    writing_ = true;
    lock.unlock();
    // Where the new file can't be opened, the old one is written on.
    if (reopen && !options_.file.empty() && !Open())
      lines += "the log file can't be opened again\n";
    Write(lines);
    lock.lock();
    writing_ = false;
    TellDropped();
    if (pending_.empty())
      idle_.notify_all();
  }
}

// A write for each line, so that those of several processes on one stream do not mix.
void LogQueue::Write(std::string_view lines) {
  uint64_t failed = 0;
  while (!lines.empty()) {
    const size_t size = std::min(lines.size(), lines.find('\n') + 1);
    failed += WriteLine(lines.substr(0, size)) ? 0 : 1;
    lines.remove_prefix(size);
  }
  if (failed == 0)
    return;
  const std::lock_guard lock(mutex_);
  dropped_ += failed;
  // Nobody is told through a stream that does not take lines; the metric has them.
  dropped_told_ = dropped_;
}

bool LogQueue::WriteLine(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(fd_, line.data(), line.size());
    if (written > 0) {
      line.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    if (written < 0 && errno == EINTR)
      continue;
    if (written == 0 || errno != EAGAIN)
      return false;
    // Somebody who shares the stream made it non-blocking.
    pollfd ready{fd_, POLLOUT, 0};
    ::poll(&ready, 1, -1);
  }
  return true;
}

}  // namespace base
