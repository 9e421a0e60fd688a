#include "fault_finder/usurper.h"

#include "base/check.h"
#include "fault_finder/staging.h"
#include "simulation/disk.h"

namespace fault_finder {

namespace {

class NoConnection : public driver::World {
 public:
  explicit NoConnection(simulation::Clock& clock) : clock_(clock) {}
  base::Time Now() override { return clock_.Ours(); }
  void Submit(const driver::Call&) override {}

 private:
  simulation::Clock& clock_;
};

}  // namespace

Usurper::Usurper(simulation::Clock& clock,
                 store::Store& rows,
                 simulation::Witness& witness,
                 const schedule::ZoneSet& zones,
                 const Editor& editor,
                 const Plan& plan)
    : clock_(clock),
      rows_(rows),
      witness_(witness),
      zones_(zones),
      editor_(editor),
      options_(DriverOf(plan)),
      agenda_(plan, &IsAnyOf<Usurpation>) {}

void Usurper::OnTime(base::Time now) {
  while (const Disturbance* usurp = agenda_.Take(now)) {
    NoConnection world(clock_);
    simulation::Disk disk(
        clock_, effects_, witness_, rows_, {.opener = simulation::Opener::kAnother});
    auto process = driver::Driver::Create(options_, world, disk, zones_);
    CHECK(process.has_value());
    if (!std::get<Usurpation>(*usurp).commits_first)
      continue;
    const simulation::Project& project = editor_.project();
    (*process)->Post(
        model::ProjectLoaded{project.dags, project.pools, project.limits, project.spend_rules});
    (*process)->Pump();
  }
}

}  // namespace fault_finder
