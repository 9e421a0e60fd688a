#include <algorithm>
#include <arpa/inet.h>
#include <utility>

#include "aws/metadata_providers.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

constexpr char kRelative[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr char kFull[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

// Who may be asked without TLS.
bool IsAllowed(const http::Url& url) {
  if (url.scheme == "https" || url.host == "localhost")
    return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, url.host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127 || url.host == "169.254.170.2" ||
           url.host == "169.254.170.23";
  return url.host == "::1" || url.host == "fd00:ec2::23";
}

class ContainerProvider : public Provider {
 public:
  explicit ContainerProvider(const Context& context) : context_(context) {}
  std::string_view name() const override { return "container-role"; }
  void Load(OnFound done) override;

 private:
  base::Result<http::Url> Address() const;
  // The value of Authorization; "" for none.
  base::Result<std::string> Authorization() const;
  base::Result<Found> Read(const http::Response& response, const http::Url& url) const;

  const Context context_;
};

base::Result<http::Url> ContainerProvider::Address() const {
  const Environment& environment = context_.config.environment();
  if (auto relative = environment(kRelative))
    return http::ParseUrl("http://169.254.170.2" + *relative);
  auto full = environment(kFull);
  if (!full) {
    return base::Fail(ErrorCode::kNotFound,
                      base::Cat("neither ", kRelative, " nor ", kFull, " is set"));
  }
  auto url = http::ParseUrl(*full);
  if (!url)
    return base::Fail(ErrorCode::kPermission, base::Cat(kFull, ": ", url.error().message));
  if (!IsAllowed(*url)) {
    return base::Fail(
        ErrorCode::kPermission,
        base::Cat(kFull,
                  ": the host ",
                  url->host,
                  " may only be asked over https (without it loopback, 169.254.170.2, "
                  "169.254.170.23 and fd00:ec2::23)"));
  }
  return url;
}

base::Result<std::string> ContainerProvider::Authorization() const {
  const Environment& environment = context_.config.environment();
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (auto path = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    auto text = ReadSmallFile(*path);  // each time: it is replaced while we run
    if (!text)
      return base::Fail(ErrorCode::kPermission,
                        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + text.error().message);
    token = *std::move(text);
  }
  if (token.find_first_of("\r\n") != std::string::npos)
    return base::Fail(ErrorCode::kPermission,
                      "the container's authorization token has a line break, which no header may");
  return token;
}

void ContainerProvider::Load(OnFound done) {
  auto url = Address();
  if (!url) {
    done(base::Fail(url.error()));
    return;
  }
  auto authorization = Authorization();
  if (!authorization) {
    done(base::Fail(authorization.error()));
    return;
  }
  http::Request request{.method = "GET", .target = url->Target(), .headers = {}, .body = {}};
  request.headers.Set("Accept", "application/json");
  if (!authorization->empty())
    request.headers.Set("Authorization", *authorization);
  context_.direct.Start(
      {.url = *url,
       .make = [request] { return request; },
       .timeout = base::seconds(2),
       .tries = 3,
       .pause = base::seconds(1),
       .again = [](const http::Response& response) { return response.status != 200; },
       .again_without_reply = true},
      [this, url = *url, done = std::move(done)](
          tl::expected<http::Response, http::ClientError> result) {
        if (result)
          done(Read(*result, url));
        else
          done(base::Fail(ErrorCode::kUnavailable, result.error().error.message));
      });
}

base::Result<Found> ContainerProvider::Read(const http::Response& response,
                                            const http::Url& url) const {
  const std::string where = base::Cat(url.scheme, "://", url.HostHeader(), url.path);
  if (response.status != 200)
    return base::Fail(ErrorCode::kUnavailable, base::Cat(where, " answers HTTP ", response.status));
  auto parsed = base::ParseJson(response.body, where);
  if (!parsed || !parsed->is_object())
    return base::Fail(ErrorCode::kUnavailable, base::Cat(where, " answers no JSON object"));
  ASSIGN_OR_RETURN(Found found, KeysFromJson(parsed->as_object(), "Token", where));
  found.source = name();
  found.detail = where;
  return found;
}

}  // namespace

base::Result<Found> KeysFromJson(const json::object& object,
                                 std::string_view token,
                                 std::string_view what) {
  Found found{.keys = {.access_key = base::GetString(object, "AccessKeyId"),
                       .secret_key = base::GetString(object, "SecretAccessKey"),
                       .session_token = base::GetString(object, token)},
              .expires = {},
              .source = "",
              .detail = ""};
  if (found.keys.access_key.empty() || found.keys.secret_key.empty()) {
    const std::string why = base::GetString(object, "Message", base::GetString(object, "message"));
    return base::Fail(
        ErrorCode::kUnavailable,
        base::Cat(what, " names no AccessKeyId and SecretAccessKey", why.empty() ? "" : ": ", why));
  }
  if (const std::string expires = base::GetString(object, "Expiration"); !expires.empty()) {
    auto time = base::ParseTime(expires);
    if (!time)
      return base::Fail(ErrorCode::kUnavailable,
                        base::Cat(what, ": Expiration: ", time.error().message));
    found.expires = *time;
  }
  return found;
}

std::unique_ptr<Provider> MakeContainerProvider(const Context& context) {
  return std::make_unique<ContainerProvider>(context);
}

}  // namespace aws
