#pragma once

// The door: who asks, and whether they may. A caller shows the project's own token, an API token, a
// session's bearer token or, in a browser, a session's cookie.
//
// Not here: what of the estate a caller sees (sight.h), logins (logins.h).
//
// Thread rule: the loop thread.

#include <optional>
#include <string>

#include "accounts/accounts.h"
#include "http/message.h"
#include "runtime/commands.h"
#include "runtime/views.h"

namespace api {

enum class Access;
struct Route;  // router.h

accounts::Role RoleOf(Access access);
// Whether it asks for something to be done: it is logged, and its refusal is kept.
bool IsChange(const Route& route);

struct Caller {
  std::optional<accounts::Identity> identity;
  std::string why;   // there is none
  std::string csrf;  // what a change has to be sent with, because a browser shows the cookie anyway
  // When the token or session was last used, as its record has it; none: its use is not noted.
  std::optional<base::Time> noted_at = std::nullopt;
};

class Gate {
 public:
  // `is_secure`: browsers reach us by TLS alone. `issuer`: of the users of single sign-on who are
  // let in; "": none of them is.
  Gate(const runtime::Views& views,
       std::string project_token,
       bool is_secure,
       std::string issuer = "")
      : views_(views),
        project_token_(std::move(project_token)),
        is_secure_(is_secure),
        issuer_(std::move(issuer)) {}

  Caller Ask(const http::Request& request) const;
  // Of a caller for a route that is not open: 401 or 403.
  std::optional<http::Response> Refusal(const http::Request& request,
                                        const Caller& caller,
                                        const Route* route) const;
  // Notes when the caller's token or session was last used.
  void NoteUse(const Caller& caller, runtime::Commands& commands) const;

  // For the answer to a login; an empty text takes the cookie away.
  std::string CookieFor(std::string_view secret) const;
  // What the browser keeps between the halves of a login by single sign-on (oidc/flow.h). Another
  // site sends it back to us: so it is Lax where the session is Strict.
  std::string FlowCookieFor(std::string_view sealed) const;
  std::string FlowCookieIn(const http::Request& request) const;

 private:
  std::string CookieName() const;
  Caller AskToken(std::string_view text, const http::Request& request) const;
  Caller AskSession(std::string_view text,
                    accounts::Session::Kind kind,
                    const http::Request& request) const;
  // The owner as the record has them now: who is no other user of that name, and, for a session,
  // whom nobody has changed since the login.
  Caller AskUser(const std::string& name, base::Time since, std::optional<int64_t> revision) const;

  const runtime::Views& views_;
  const std::string project_token_;
  const bool is_secure_;
  const std::string issuer_;
};

}  // namespace api
