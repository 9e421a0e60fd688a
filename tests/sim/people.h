#pragma once

// People who do something to the first run while it is under way, and what is owed to them: what
// they stopped is dead soon after, and what they ended is not begun again.
//
// Whoever gets no answer, because the process died, asks again once it lives.

#include <optional>
#include <string>
#include <vector>

#include "driver/driver.h"
#include "emulator/emulator.h"
#include "store/store.h"

namespace sim {

enum class Act { kClear, kClearDownstream, kMarkSuccess, kMarkFailed, kAbort, kTerminate };
inline constexpr Act kActs[] = {Act::kClear,
                                Act::kClearDownstream,
                                Act::kMarkSuccess,
                                Act::kMarkFailed,
                                Act::kAbort,
                                Act::kTerminate};
std::string_view ToString(Act act);

// Of the run, or of one of its jobs (by place); kTerminate: of the oldest live cluster.
struct Deed {
  base::Duration after{};  // the estate's start
  Act act = Act::kClear;
  size_t job = 0;
};

class People {
 public:
  People(const std::vector<Deed>& deeds, base::Time start, std::shared_ptr<const model::Dag> dag);

  // Posts what is due at `now`; it is answered within the driver's next Pump.
  void Ask(driver::Driver& driver, store::Reader& reader, base::Time now);
  void OnCrash();
  std::optional<base::Time> NextDue() const;
  bool AreDone() const;
  // The deeds that were done, not refused.
  std::vector<Deed> Accepted() const;

  std::vector<std::string> Breaches(const std::vector<emulator::ClusterTruth>& clusters) const;

 private:
  struct Request {
    Deed deed;
    base::Time due;
    std::optional<base::Time> asked_at;  // in this life
    bool answered = false;
    bool accepted = false;
    model::ClusterId cluster;  // kTerminate: chosen when it was asked first
  };

  std::optional<decltype(model::Event::body)> EventFor(Request& request,
                                                       const driver::Driver& driver,
                                                       store::Reader& reader) const;
  // Whether the deed stops this cluster, if it is there already.
  bool Stops(const Request& request, const emulator::ClusterTruth& cluster) const;
  bool IsOf(const Deed& deed, const emulator::ClusterTruth& cluster) const;

  std::shared_ptr<const model::Dag> dag_;
  std::vector<Request> requests_;
};

}  // namespace sim
