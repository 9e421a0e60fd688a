#pragma once

// The provider of single sign-on as `server.oidc` names it: where its client's secret is, how it is
// reached.
//
// Thread rule: the loop thread.

#include <memory>
#include <string>

#include "api/identity_provider.h"
#include "cli/failure.h"
#include "http/loop.h"
#include "runtime/environment.h"

namespace cli {

// Null where there is none. A secret that is not where it should be is a failure that says so.
Outcome<std::unique_ptr<api::IdentityProvider>> MakeIdentityProvider(
    const oidc::Settings& settings,
    const std::string& project,
    const runtime::Environment& environment,
    http::Loop& loop);

}  // namespace cli
