#pragma once

// What a forecast said of a week on each of its mornings, and what came. `signalbox-sim --week
// PROJECT --forecast` prints it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/state.h"
#include "forecast/deadlines.h"
#include "model/deadline.h"
#include "schedule/time_zone.h"
#include "store/store.h"

namespace fault_finder {

class WeekForecast {
 public:
  // `from` and `until`: the week. `zones` is borrowed.
  WeekForecast(const std::vector<model::SharedDeadline>& deadlines,
               const schedule::ZoneSet& zones,
               base::Time from,
               base::Time until);

  // Asks, if it is a morning of that week.
  void Look(const engine::State& state, base::Time now);
  // The runs have ended.
  void Compare(store::Reader& rows);
  // Two tables.
  void Print() const;

 private:
  struct Said {
    model::RunKey run;
    std::optional<base::Time> p50, p90;  // none: never
  };
  struct Promise {  // a deadline, as it stood in the morning
    std::string name;
    base::Time due;
    int runs = 0, on_track = 0, at_risk = 0, late = 0, missed = 0;
    std::optional<base::Time> last;  // the p90 of the last of its runs
    std::vector<model::RunKey> keys;
    base::Time came;  // the last of them ended
    int kept = 0;
  };
  struct Morning {
    base::Time at;
    std::vector<Said> said;  // of the runs that were due on that day, or under way
    std::vector<Promise> promises;
    int ended = 0, failed = 0, by_p50 = 0, by_p90 = 0;
  };

  void AddPromises(const forecast::Outlook& outlook, const engine::State& state, Morning& morning);

  const schedule::ZoneSet& zones_;
  std::vector<forecast::SharedMoments> moments_;
  base::Time from_, until_;
  std::vector<Morning> mornings_;
};

}  // namespace fault_finder
