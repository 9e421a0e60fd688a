#pragma once

// The pages that a login by single sign-on ends in. Without scripts and styles; every text in them
// is escaped. Pure.

#include <string>
#include <string_view>

#include "http/message.h"

namespace api {

// "&lt;" for "<": also for the values of attributes in double quotes.
std::string HtmlText(std::string_view text);

// Why there was no login, and a link to try again.
http::Response SsoRefusal(int status, std::string_view why);

// `next`: a local path that the browser goes to by itself; "": it stays. A redirect would not do:
// after it browsers do not send the session's cookie, because the other site has sent them here.
http::Response SsoDone(std::string_view user, std::string_view role, std::string_view next);

// For a login that a terminal waits for: what to give to it.
http::Response SsoCode(std::string_view user, std::string_view role, std::string_view code);

}  // namespace api
