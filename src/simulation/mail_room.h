#pragma once

// The notifications of our process on its machine: the product's outbox (notify/desk.h) beside the
// driver, over the same disk. It dies and starts again with the process; each message that it sends
// is an effect, before and after which the process can be killed.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/driver.h"
#include "notify/desk.h"
#include "simulation/clock.h"
#include "simulation/effects.h"
#include "simulation/machine.h"
#include "simulation/post_office.h"

namespace simulation {

class MailRoom : public Actor, public notify::Outside {
 public:
  struct Parts {  // all are borrowed
    Machine& machine;
    Clock& clock;
    Effects& effects;
    PostOffice& office;
  };
  // Posts a change of records; who watches them wants to know of it.
  using Post =
      std::function<void(model::ChangeRecords, std::function<void(const driver::Outcome&)>)>;
  // `estate`: rules and notifiers, with the DAGs as their files are now.
  MailRoom(Parts parts, Post post, std::function<notify::Estate()> estate);

  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override;
  // All that has happened was taken, and nothing waits.
  bool IsIdle() const;

 private:
  int64_t Newest() const;
  std::optional<int64_t> StoredPosition() const;
  void Open();
  void TakePage();
  void StorePage(int64_t last, notify::Records records, notify::Desk::Stored stored);
  std::vector<Told> WhatIsTold(const notify::Message& message) const;

  base::Time Now() override { return parts_.clock.Ours(); }
  std::vector<const model::RecordRow*> Stored() override;
  void Write(notify::Records records, Written done) override;
  void FindError(const notify::Part& part, std::function<void(notify::StepError)> done) override;
  void Send(const notify::Notifier& notifier,
            const notify::Message& message,
            const std::vector<std::string>& emails,
            Sent done) override;

  struct Answer {
    base::Time due;
    std::optional<notify::SendFailure> failure;
    Sent done;
  };

  const Parts parts_;
  const Post post_;
  const std::function<notify::Estate()> estate_;
  // Of this life.
  std::unique_ptr<notify::Desk> desk_;
  std::optional<int64_t> position_;
  bool is_busy_ = false;
  base::Time look_at_{};
  base::Time refused_until_{};  // a change was not stored: a pause
  std::vector<Answer> answers_;
  std::shared_ptr<const bool> alive_;
};

}  // namespace simulation
