#include "api/sso_pages.h"

#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

http::Response Page(int status, std::string_view title, std::string_view head, std::string body) {
  http::Response page{.status = status};
  page.headers.Set("Content-Type", "text/html; charset=utf-8");
  page.headers.Set("Cache-Control", "no-store");
  page.body = base::Cat("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>",
                        title,
                        "</title>",
                        head,
                        "</head>\n<body><main>\n<h1>",
                        title,
                        "</h1>\n",
                        body,
                        "</main></body></html>\n");
  return page;
}

}  // namespace

std::string HtmlText(std::string_view text) {
  std::string out;
  for (const char c : base::PrintableLine(base::ValidUtf8(std::string(text)))) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

http::Response SsoRefusal(int status, std::string_view why) {
  return Page(
      status,
      "You are not logged in",
      "",
      base::Cat("<p>", HtmlText(why), "</p>\n<p><a href=\"/auth/login\">Try again</a></p>\n"));
}

http::Response SsoDone(std::string_view user, std::string_view role, std::string_view next) {
  const std::string target = HtmlText(next);
  std::string body =
      base::Cat("<p>You are '", HtmlText(user), "', with the role ", HtmlText(role), ".</p>\n");
  if (next.empty())
    return Page(200, "You are logged in", "", std::move(body));
  body += base::Cat("<p><a href=\"", target, "\">Go on</a></p>\n");
  return Page(200,
              "You are logged in",
              base::Cat("<meta http-equiv=\"refresh\" content=\"0;url=", target, "\">"),
              std::move(body));
}

http::Response SsoCode(std::string_view user, std::string_view role, std::string_view code) {
  return Page(200,
              "Your terminal waits for this code",
              "",
              base::Cat("<p><code>",
                        HtmlText(code),
                        "</code></p>\n<p>It logs the terminal in as '",
                        HtmlText(user),
                        "', with the role ",
                        HtmlText(role),
                        ". It is good once, for five minutes, and for the terminal that gave you "
                        "this address alone.</p>\n<p>Give it to nobody. If you did not begin a "
                        "login in a terminal, close this page.</p>\n"));
}

}  // namespace api
