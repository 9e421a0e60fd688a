#pragma once

// What the history says of a record before a change and after it (model::ChangeRecords::One). No
// secret stands in it; of variables and connections, which are sealed, only which members they
// have.

#include <optional>
#include <string>

#include "accounts/accounts.h"
#include "model/event.h"

namespace api {

std::string WordsFor(const accounts::User& user);
std::string WordsFor(const accounts::Token& token);
std::string WordsFor(const accounts::Session& session);

// The record's drop, whatever its revision; it may be gone by then.
model::ChangeRecords::One DropOf(const accounts::Token& token);
model::ChangeRecords::One DropOf(const accounts::Session& session);

// Of the documents of a variable or a connection; none: there was none, or none that opens; or it
// goes.
void TellMembers(const std::optional<std::string>& before,
                 const std::optional<std::string>& after,
                 model::ChangeRecords::One& into);

}  // namespace api
