#pragma once

// A session of a user who has logged in, as records keep it, with the records that go for it: those
// that are over, and the oldest beyond twenty. Each login has a new one: what a browser showed
// before is worth nothing.
//
// Thread rule: the loop thread.

#include <string>
#include <vector>

#include "accounts/accounts.h"
#include "accounts/secret.h"
#include "model/event.h"
#include "runtime/views.h"

namespace api {

struct NewSession {
  accounts::Secret secret;
  accounts::Session session;
  std::vector<model::ChangeRecords::One> records;
};

// `revision`: of the user's record once the session is written. `at_provider`: by single sign-on,
// the session's id there.
NewSession MakeSession(const runtime::Views& views,
                       const accounts::User& user,
                       int64_t revision,
                       accounts::Session::Kind kind,
                       base::Duration life,
                       std::string address,
                       std::string at_provider = "");

}  // namespace api
