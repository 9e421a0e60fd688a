#pragma once

// Processes of this machine that outlive us: started once at the most for a token, awaited and
// stopped, in this life or in a later one. Each has a supervisor (supervisor.h) and a record
// (record.h). What is asked may be asked again.
//
// Errors: kUnavailable where it may work later (no room, no more processes); kInvalidArgument where
// the request is none.
//
// Thread rule: any thread; answers come on the machine's own thread. What is not answered when the
// machine goes is never answered; the processes go on.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "machine/record.h"

namespace machine {

struct Options {
  std::string folder;                      // of the records
  std::string cwd;                         // of commands that name none
  std::string program = "/proc/self/exe";  // that has `supervise`
  // What commands find beside their own variables.
  std::map<std::string, std::string> environment;
  // Records of processes that ended longer ago go.
  base::Duration keep = base::hours(24 * 30);
};

// What `environment` leaves out: names of ours, and Airflow's variables and connections, which hold
// secrets.
bool IsPassedOn(std::string_view name);

class Machine {
 public:
  using Done = std::function<void(base::Result<json::object>)>;

  explicit Machine(Options options);
  ~Machine();
  Machine(const Machine&) = delete;

  // {"began_at_us"}; nothing in it where only the end is known.
  void Start(std::string token, json::object request, Done done);
  // The record's `end`, with "outputs" and "outputs_too_large", once it runs no more.
  void Await(std::string token, std::string outputs, Done done);
  void Stop(std::string token, Done done);
  // What the process tells, and what it has told by then: told.h. `more` may be empty.
  void Tell(std::string token, json::object more, Done done);
  // {"tokens": [...]}: of supervisors that live.
  void List(Done done);

 private:
  struct Watched {
    std::string token;
    int descriptor = -1;  // of the supervisor's process; -1: its lock is looked at now and then
    std::string outputs;
    Done done;
  };

  void Run();
  void Post(std::function<void()> task);
  void Wake();
  base::Result<json::object> StartNow(const std::string& token, json::object request);
  base::Result<json::object> Spawn(const Record& record, const json::object& request, int lock);
  json::object WithEnvironment(json::object request, const Record& record) const;
  base::Result<json::object> StopNow(const std::string& token);
  void AwaitNow(Watched watched);
  // Nothing while it lives.
  std::optional<json::object> EndOf(const std::string& token, const std::string& outputs);
  json::object Lost(const Record& record) const;
  void Sweep();

  const Options options_;
  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  bool is_over_ = false;
  int wake_ = -1;
  std::vector<Watched> watched_;
  std::chrono::steady_clock::time_point next_sweep_;
  std::thread thread_;
};

}  // namespace machine
