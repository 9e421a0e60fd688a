#include "notify/desk.h"

#include <utility>

#include "notify/wording.h"

namespace notify {

Desk::Desk(Outside& outside, std::shared_ptr<const Routes> routes, uint64_t seed)
    : outside_(outside), routes_(std::move(routes)), outbox_(seed) {
  outbox_.Load(outside_.Stored(), outside_.Now());
}

void Desk::SetRoutes(std::shared_ptr<const Routes> routes) {
  routes_ = std::move(routes);
  Wake();
}

void Desk::Take(std::vector<Happening> happenings, Taken taken) {
  Queue([this, happenings = std::move(happenings), taken = std::move(taken)] {
    is_storing_ = true;
    taken(outbox_.Take(happenings, *routes_, outside_.Now()),
          [this, alive = std::weak_ptr(alive_)](const base::Status& written) {
            if (!alive.expired())
              OnWritten(written);
          });
  });
}

void Desk::Take(std::vector<Happening> happenings) {
  Queue([this, happenings = std::move(happenings)] {
    Write(outbox_.Take(happenings, *routes_, outside_.Now()));
  });
}

void Desk::Settle(const std::string& id, const Outbox::Answer& answer) {
  Records records = outbox_.Answered(id, answer, *routes_, outside_.Now());
  if (records.empty())
    return;
  is_storing_ = true;
  outside_.Write(std::move(records),
                 [this, id, answer, alive = std::weak_ptr(alive_)](const base::Status& written) {
                   if (alive.expired())
                     return;
                   if (!written) {
                     outbox_.TakeBackAnswer();
                     unstored_.emplace_back(id, answer);
                   }
                   OnWritten(written);
                 });
}

void Desk::Wake() {
  for (const auto& answer : std::exchange(unstored_, {}))
    Queue([this, answer] { Settle(answer.first, answer.second); });
  Queue([this] { Write(outbox_.Bundle(*routes_, outside_.Now())); });
}

// An answer that could not be stored is stored first: until then its notifier gets nothing.
std::optional<base::Time> Desk::NextWake() const {
  if (!unstored_.empty())
    return outside_.Now();
  return outbox_.NextWake(*routes_);
}

void Desk::Queue(Step step) {
  steps_.push_back(std::move(step));
  Work();
}

void Desk::Work() {
  if (std::exchange(is_at_work_, true))
    return;
  while (!is_storing_ && !steps_.empty()) {
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    step();
    if (!is_storing_ && steps_.empty())
      SendAll();
  }
  is_at_work_ = false;
}

void Desk::Write(Records records) {
  if (records.empty())
    return;
  is_storing_ = true;
  outside_.Write(std::move(records),
                 [this, alive = std::weak_ptr(alive_)](const base::Status& written) {
                   if (!alive.expired())
                     OnWritten(written);
                 });
}

// After an error the store alone knows what it holds; who calls wakes us later.
void Desk::OnWritten(const base::Status& written) {
  is_storing_ = false;
  if (!written)
    outbox_.Load(outside_.Stored(), outside_.Now());
  else if (steps_.empty())
    return Wake();
  Work();
}

void Desk::SendAll() {
  for (Outbox::Sending& sending : outbox_.Next(*routes_, outside_.Now())) {
    const Notice& first = sending.items.front().notice;
    const bool has_error =
        sending.items.size() == 1 && !first.is_over && !first.is_cause &&
        (first.occasion == model::Occasion::kFailed || first.occasion == model::Occasion::kRetry);
    if (!has_error) {
      Send(sending, {});
      continue;
    }
    const Part part = first.parts.front();
    outside_.FindError(part,
                       [this, sending = std::move(sending), alive = std::weak_ptr(alive_)](
                           const StepError& error) {
                         if (!alive.expired())
                           Send(sending, error);
                       });
  }
}

void Desk::Send(const Outbox::Sending& sending, const StepError& error) {
  const auto answered = [this,
                         id = sending.id,
                         has_cause = error.has_cause,
                         alive = std::weak_ptr(alive_)](const std::optional<SendFailure>& failure) {
    if (alive.expired())
      return;
    Queue([this, id, answer = Outbox::Answer{failure, has_cause}] { Settle(id, answer); });
  };
  const Notifier* notifier = routes_->Find(sending.target.notifier);
  if (notifier == nullptr)
    return answered(SendFailure{.why = std::string(kNoSuchNotifier)});
  outside_.Send(
      *notifier, MessageOf(sending, *routes_, error.text), sending.target.emails, answered);
}

}  // namespace notify
