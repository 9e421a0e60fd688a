#include "fault_finder/mail.h"

#include <utility>

#include "simulation/dice.h"

namespace fault_finder {

namespace {

using model::Occasion;

std::vector<simulation::MailTrouble> TroublesOf(const Plan& plan) {
  std::vector<simulation::MailTrouble> troubles;
  for (const MailBroken* broken : AllOf<MailBroken>(plan)) {
    const base::Time from = plan.work.start + broken->from;
    troubles.push_back(
        {static_cast<simulation::MailTrouble::Kind>(broken->how & 3), from, from + broken->lasts});
  }
  return troubles;
}

}  // namespace

void DrawMail(Plan& plan) {
  simulation::Dice dice(plan.seed, "mail");
  // What is taken back, or is no more, cannot be judged by what was told.
  if (Has<RunsDeleted>(plan) || Has<LostTail>(plan) || Has<StoreDeleted>(plan) ||
      Has<FinalDeath>(plan) || !dice.Percent(35))
    return;
  Mail& mail = Add<Mail>(plan);
  mail.per_minute = dice.Percent(40) ? dice.Between(1, 3) : dice.Between(4, 30);
  mail.is_pager = dice.Percent(50);
  for (int64_t i = dice.Percent(70) ? dice.Between(1, 5) : 0; i > 0; --i) {
    MailBroken& broken = Add<MailBroken>(plan);
    broken.from = dice.Between(base::Duration(0), plan.work.fires_for);
    broken.lasts = dice.Between(base::minutes(1), base::hours(3));
    broken.how = dice.Between(0, 3);
  }
}

Mailing::Mailing(const World& world, const Plan& plan, const Mail& mail)
    : world_(world),
      mail_(mail),
      work_(plan.work),
      office_(TroublesOf(plan)),
      rules_(world.checks, static_cast<int>(mail.per_minute), !Has<ClockSet>(plan)),
      room_(
          {world.machine, world.clock, world.effects, office_},
          [this](model::ChangeRecords change, auto answer) { Post(std::move(change), answer); },
          [this] { return Estate(); }) {
  office_.OnArrival([this](const simulation::Arrival& arrival) { rules_.OnArrival(arrival); });
  office_.OnAttempt([this](base::Time now, const std::string&) { rules_.OnAttempt(now); });
}

// Each DAG reports what goes wrong.
notify::Estate Mailing::Estate() const {
  notify::Estate estate;
  estate.deployment = "sim";
  notify::Notifier ops;
  ops.name = "ops";
  ops.type = mail_.is_pager ? notify::NotifierType::kPagerDuty : notify::NotifierType::kWebhook;
  ops.max_per_minute = static_cast<int>(mail_.per_minute);
  ops.give_up_after = base::hours(24 * 30);
  estate.notifiers = {ops};
  const model::NotificationRule rule{.on = {Occasion::kFailed,
                                            Occasion::kRetry,
                                            Occasion::kAtRisk,
                                            Occasion::kLate,
                                            Occasion::kMissed,
                                            Occasion::kOrphan,
                                            Occasion::kHold},
                                     .to = {"ops"},
                                     .emails = {},
                                     .title = "",
                                     .text = ""};
  estate.rules = {rule};
  for (const simulation::DagSpec& spec : work_.dags) {
    auto dag = std::make_shared<model::Dag>();
    dag->id = model::DagId(spec.id);
    dag->notifications = {rule};
    estate.dags.push_back(std::move(dag));
  }
  return estate;
}

void Mailing::Post(model::ChangeRecords change,
                   const std::function<void(const driver::Outcome&)>& answer) {
  const size_t number = world_.records.OnAsked(change);
  world_.machine.driver().Post(std::move(change),
                               [this, number, answer](const driver::Outcome& outcome) {
                                 world_.records.OnAnswered(world_.machine.Now(), number, outcome);
                                 answer(outcome);
                               });
}

}  // namespace fault_finder
