#pragma once

// The processes of the virtual machine on which we live: a model of what machine/machine.h answers.
// They outlive us. What a process does follows from its words: {"work", sort, minutes, try}; those
// of a task of Airflow stand in its id. Such a task tells its state a while before its process
// ends.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "simulation/workload.h"

namespace simulation {

class Processes {
 public:
  struct Process {
    std::string token;
    json::object request;
    base::Time began_at;
    base::Time ends_at;  // as things stand
    bool has_ended = false;
    bool is_stopped = false;
    base::Time tells_at;
    std::string told;  // by then; "": nothing
    json::object end;  // as the driver is told (driver/processes.h)
  };
  // What has become of a token; none: nobody asked for it.
  const Process* Find(const std::string& token) const;
  const std::map<std::string, Process>& all() const { return all_; }
  bool Runs(const std::string& token, base::Time now) const;

  // As the calls of the driver.
  json::object Start(const json::object& body, base::Time now);
  json::object Stop(const std::string& token, base::Time now);
  json::object List(base::Time now) const;
  // When it runs no more, as things stand; nothing where that cannot be known.
  std::optional<base::Time> OverAt(const std::string& token) const;
  json::object EndOf(const std::string& token, base::Time now);

  // Supervisors die, and their commands with them: one of those that run, or all.
  void LoseOne(int64_t place, base::Time now);
  void LoseAll(base::Time now);

  void OnBegan(std::function<void(base::Time, const Process&)> told) { told_ = std::move(told); }

 private:
  void Settle(Process& process, base::Time now);
  void Lose(Process& process, base::Time now);

  std::map<std::string, Process> all_;
  std::function<void(base::Time, const Process&)> told_;
};

}  // namespace simulation
