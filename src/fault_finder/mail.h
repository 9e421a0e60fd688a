#pragma once

// Notifications of a trial: the product's outbox on the machine, a post office with the plan's
// troubles, and the rules for both. Only where the plan has a Mail.

#include "fault_finder/plan.h"
#include "simulation/mail_room.h"
#include "simulation/post_office.h"
#include "simulation/rules/mail_rules.h"
#include "simulation/rules/record_rules.h"

namespace fault_finder {

class Mailing {
 public:
  struct World {  // all are borrowed
    simulation::Machine& machine;
    simulation::Clock& clock;
    simulation::Effects& effects;
    simulation::Checks& checks;
    simulation::RecordRules& records;
  };
  Mailing(const World& world, const Plan& plan, const Mail& mail);

  simulation::MailRoom& room() { return room_; }
  simulation::MailRules& rules() { return rules_; }

 private:
  notify::Estate Estate() const;
  void Post(model::ChangeRecords change, const std::function<void(const driver::Outcome&)>& answer);

  const World world_;
  const Mail mail_;
  const simulation::Workload work_;
  simulation::PostOffice office_;
  simulation::MailRules rules_;
  simulation::MailRoom room_;
};

}  // namespace fault_finder
