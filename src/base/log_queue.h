#pragma once

// The log's way out: a bounded queue and one thread that writes. A caller never waits: a line
// that finds no room is dropped and counted. And no kind of line comes more often than so many
// times a minute: one line says how many were left out.
//
// Thread-safe. Never destroyed: its thread may be in a write that does not end.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

class LogQueue {
 public:
  struct Options {
    std::string file;  // "": stderr
    size_t most_bytes = 1 << 20;
    int most_a_minute = 100;  // lines of one kind
    // What the queue itself has to say, as a line.
    std::function<std::string(std::string_view kind, uint64_t count)> suppressed;
    std::function<std::string(uint64_t count)> dropped;
  };

  // Opens the file and starts the thread.
  static Result<LogQueue*> Start(Options options);

  // Whether one more line of this kind may be written now; to be asked before it is formatted.
  bool Admit(std::string_view kind);
  void Push(std::string_view line);
  void Reopen();
  // Waits until all is written, but no longer than this.
  void Stop(std::chrono::milliseconds patience);
  uint64_t lines_dropped() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Window {
    Steady::time_point began;
    int admitted = 0;
    uint64_t suppressed = 0;
  };

  explicit LogQueue(Options options) : options_(std::move(options)) {}
  Status Open();
  void Run();
  // Of windows that are over: what was left out is told.
  void CloseWindows(Steady::time_point now);
  void TellDropped();
  Steady::time_point NextClosing() const;
  // Counts what could not be written.
  void Write(std::string_view lines);
  bool WriteLine(std::string_view line);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::string pending_;
  std::map<std::string, Window, std::less<>> windows_;
  uint64_t dropped_ = 0;
  uint64_t dropped_told_ = 0;
  bool reopen_ = false;
  bool stopping_ = false;
  bool writing_ = false;
  int fd_ = -1;  // the thread's, once it runs
};

}  // namespace base
