#pragma once

// Starts, awaits and stops the processes of commands, by calls to Service::kMachine. What is to be
// asked follows from the rows of processes alone, so that a new life asks the same. Every call may
// be repeated: what the machine does for a token, it does once.
//
//   StartProcess {Token, Request}  → {BeganAt}: it runs, or did. An error of the class kClean: the
//                                    request cannot be carried out; kUnavailable: not now.
//   AwaitProcess {Token, Outputs}  → once it runs no more: {End, ...}, as ReadEnd (processes.cc)
//   says StopProcess {Token}            → {}: it was told to end, and is killed if it does not; one
//   that
//                                    has not begun never will
//
//   ListProcesses {}               → {Tokens}: of those that run. One that no row knows (the
//                                    database was restored, or lost its last commits) is stopped
//
// Times are world time, in RFC 3339. Not here: what an end means (work/command/end.h).

#include <map>
#include <optional>

#include "driver/context.h"

namespace driver {

class Processes {
 public:
  explicit Processes(Context& context) : context_(context) {}

  // The rows were read.
  void OnLoaded() { looks_for_strays_ = true; }
  void Plan();
  std::optional<base::Time> NextWake() const;

  // How many processes may be started now.
  int TakeTurn() const;
  // While the store refuses to write, nothing is started.
  void Hold(bool is_held) { is_held_ = is_held; }

 private:
  struct Asked {
    bool starts = false;  // a call is under way
    bool awaits = false;
    bool stops = false;
    bool is_stopped = false;
    base::Time due{};        // not before, after trouble
    base::Time start_due{};  // the same for a start
  };

  void LookForStrays();
  void OnListed(const Reply& reply);
  void Ask(const model::ProcessRow& row, Asked& asked);
  void OnStarted(const model::ProcessToken& token, const Reply& reply);
  void OnOver(const model::ProcessToken& token, const Reply& reply);
  void OnStopped(const model::ProcessToken& token, const Reply& reply);

  Context& context_;
  bool is_held_ = false;
  bool looks_for_strays_ = false;
  bool is_listing_ = false;
  base::Time list_due_{};
  std::map<model::ProcessToken, Asked> asked_;
};

}  // namespace driver
