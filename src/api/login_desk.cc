#include "api/login_desk.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kMostWaiting = 20;

// World time may be set, and may run faster.
base::Duration Now() {
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch());
}

tl::unexpected<base::Error> TooMany(base::Duration wait) {
  return base::Fail(base::ErrorCode::kThrottled,
                    base::Cat("too many logins have failed: wait ",
                              std::chrono::ceil<base::seconds>(wait).count(),
                              " s"));
}

// Of a user who may log in with a password; "" else.
std::string HashOf(const runtime::Views& views, const std::string& name) {
  const model::RecordRow* row = views.Record({model::RecordKind::kUser, name});
  const auto user =
      row == nullptr ? base::Fail(base::ErrorCode::kNotFound, "") : accounts::ReadUser(*row);
  if (!user || user->is_disabled)
    return "";
  const bool is_late =
      user->must_change && views.Now() >= row->changed_at + accounts::kFirstPasswordLife;
  return is_late ? "" : user->password_hash;
}

}  // namespace

void LoginDesk::Check(Asked asked, std::function<void(base::Result<accounts::User>)> done) {
  const base::Duration wait = limits_.WaitOf(asked.user, asked.address, Now());
  if (wait > base::Duration(0))
    return done(TooMany(wait));
  struct Trial {
    Asked asked;
    std::string hash;
    bool is_right = false;
  };
  auto trial = std::make_shared<Trial>();
  trial->hash = HashOf(views_, asked.user);
  trial->asked = std::move(asked);
  Queue({.run = [trial] { trial->is_right = base::IsPassword(trial->hash, trial->asked.password); },
         .done =
             [this, trial, done = std::move(done)](const base::Status& status) {
               if (!status)
                 return done(base::Fail(status.error()));
               done(Judge(trial->asked, trial->hash, trial->is_right));
             }});
}

base::Result<accounts::User> LoginDesk::Judge(const Asked& asked,
                                              const std::string& hash,
                                              bool is_right) {
  // Tries that waited for their turn meanwhile count, too.
  const base::Duration wait = limits_.WaitOf(asked.user, asked.address, Now());
  if (wait > base::Duration(0))
    return TooMany(wait);
  // The user may have changed meanwhile.
  if (!is_right || HashOf(views_, asked.user) != hash) {
    limits_.Failed(asked.user, asked.address, Now());
    return base::Fail(base::ErrorCode::kPermission, "the user or the password is wrong");
  }
  limits_.Succeeded(asked.user);
  return accounts::ReadUser(*views_.Record({model::RecordKind::kUser, asked.user}));
}

int64_t LoginDesk::SecondsToWait(const std::string& user, const std::string& address) {
  const base::Duration wait = limits_.WaitOf(user, address, Now());
  return std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(wait).count(), 1);
}

base::Duration LoginDesk::WaitOf(const std::string& address) {
  return limits_.WaitOfAddress(address, Now());
}

void LoginDesk::CountFailure(const std::string& address) {
  limits_.AddressFailed(address, Now());
}

void LoginDesk::Hash(std::string password, std::function<void(base::Result<std::string>)> done) {
  auto hash = std::make_shared<std::string>();
  Queue({.run = [hash, password = std::move(password)] { *hash = base::HashPassword(password); },
         .done =
             [hash, done = std::move(done)](const base::Status& status) {
               done(status ? base::Result<std::string>(*hash) : base::Fail(status.error()));
             }});
}

void LoginDesk::Queue(Work work) {
  if (waiting_.size() >= kMostWaiting)
    return work.done(base::Fail(base::ErrorCode::kThrottled,
                                "too many passwords are being checked: try again in a second"));
  waiting_.push_back(std::move(work));
  Next();
}

void LoginDesk::Next() {
  if (is_busy_ || waiting_.empty())
    return;
  is_busy_ = true;
  auto work = std::make_shared<Work>(std::move(waiting_.front()));
  waiting_.pop_front();
  views_.Read(
      runtime::ReadPool::Turn::kUsual,
      [work](store::Reader&) { work->run(); },
      [this, work, alive = std::weak_ptr(alive_)](const base::Status& status) {
        if (alive.expired())
          return;
        is_busy_ = false;
        work->done(status);
        if (!alive.expired())
          Next();
      });
}

}  // namespace api
