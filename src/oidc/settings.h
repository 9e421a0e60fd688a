#pragma once

// `server.oidc` of signalbox.yaml: the provider of OpenID Connect whose word we take, and what its
// groups may do here. Plain data; dagfile/oidc.h reads it.

#include <string>
#include <vector>

#include "accounts/identity.h"
#include "base/time.h"

namespace oidc {

// The members of a group have this role, and see these DAGs.
struct GroupRule {
  std::string group;
  accounts::Role role = accounts::Role::kViewer;
  accounts::Scopes scopes;  // none: all DAGs
  friend bool operator==(const GroupRule&, const GroupRule&) = default;
};

struct Settings {
  std::string issuer;  // "": there is no single sign-on
  std::string client_id;
  std::string client_secret;  // "env:NAME" or "file:PATH"; "": a public client, by PKCE alone
  std::vector<std::string> scopes = {"openid", "profile", "email"};
  std::string redirect_url;     // "": of the host that the browser asks
  std::string post_logout_url;  // where the provider sends browsers after a logout; "": nowhere
  std::string username_claim = "preferred_username";
  std::string groups_claim = "groups";
  std::vector<GroupRule> roles;
  base::Duration session_length = base::hours(8);
  base::Duration clock_skew = base::seconds(60);
  base::Duration timeout = base::seconds(5);  // of each request to the provider
  std::string ca_file;                        // PEM; "": the system's certificates
  bool allow_http = false;                    // of a provider on this machine, for tests

  bool is_on() const { return !issuer.empty(); }
  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace oidc
