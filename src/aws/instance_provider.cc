#include <cmath>
#include <utility>

#include "aws/metadata_providers.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;
using HttpResult = tl::expected<http::Response, http::ClientError>;

constexpr char kCredentialsPath[] = "latest/meta-data/iam/security-credentials/";

class InstanceProvider : public Provider {
 public:
  explicit InstanceProvider(const Context& context) : context_(context) {}
  std::string_view name() const override { return "iam-role"; }
  void Load(OnFound done) override;

 private:
  // One search: the token, then the role's name, then its keys.
  struct Search {
    std::string base;   // the service's URL, ends with '/'
    std::string token;  // "": version 1
    std::string role;
    OnFound done;
  };
  using Shared = std::shared_ptr<Search>;

  void AskForToken(const Shared& search);
  void AskForRole(const Shared& search);
  void AskForKeys(const Shared& search);
  void Start(const Shared& search,
             const std::string& method,
             const std::string& path,
             Fetcher::Done);
  base::Result<Found> Read(const Search& search, const http::Response& response) const;
  void KeepExpiredKeys(Found& found) const;

  const Context context_;
};

base::Result<std::string> ServiceUrl(const Config& config) {
  std::string url = "http://169.254.169.254/";
  if (auto custom =
          config.Either("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint"))
    url = *custom;
  else if (base::ToLower(config
                             .Either("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                     "ec2_metadata_service_endpoint_mode")
                             .value_or("")) == "ipv6")
    url = "http://[fd00:ec2::254]/";
  if (!url.ends_with('/'))
    url += '/';
  auto parsed = http::ParseUrl(url);
  if (!parsed)
    return base::Fail(ErrorCode::kPermission,
                      "AWS_EC2_METADATA_SERVICE_ENDPOINT: " + parsed.error().message);
  return url;
}

int64_t Number(const Config& config, const char* variable, const char* key) {
  auto number = base::ParseInt(config.Either(variable, key).value_or(""));
  return number && *number > 0 && *number <= 60 ? *number : 1;
}

void InstanceProvider::Load(OnFound done) {
  if (base::ToLower(context_.config.environment()("AWS_EC2_METADATA_DISABLED").value_or("")) ==
      "true") {
    done(base::Fail(ErrorCode::kNotFound, "AWS_EC2_METADATA_DISABLED is set"));
    return;
  }
  auto base = ServiceUrl(context_.config);
  if (!base) {
    done(base::Fail(base.error()));
    return;
  }
  AskForToken(std::make_shared<Search>(Search{*base, "", "", std::move(done)}));
}

void InstanceProvider::Start(const Shared& search,
                             const std::string& method,
                             const std::string& path,
                             Fetcher::Done done) {
  const http::Url url = *http::ParseUrl(search->base + path);  // checked in ServiceUrl
  http::Request request{.method = method, .target = url.Target(), .headers = {}, .body = {}};
  if (method == "PUT")
    request.headers.Set("x-aws-ec2-metadata-token-ttl-seconds", "21600");
  else if (!search->token.empty())
    request.headers.Set("x-aws-ec2-metadata-token", search->token);
  const Config& config = context_.config;
  context_.direct.Start(
      {.url = url,
       .make = [request] { return request; },
       .timeout = base::seconds(
           Number(config, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")),
       .tries = static_cast<int>(
           Number(config, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")),
       .pause = {},
       .again =
           [method](const http::Response& response) {
             return method == "PUT" ? IsServersTrouble(response) : response.status != 200;
           },
       .again_without_reply = true},
      std::move(done));
}

void InstanceProvider::AskForToken(const Shared& search) {
  Start(search, "PUT", "latest/api/token", [this, search](HttpResult result) {
    if (result && result->status == 400) {
      search->done(base::Fail(ErrorCode::kNotFound, search->base + " refuses to give a token"));
      return;
    }
    if (result && result->status == 200)
      search->token = result->body;
    // Whatever else it was: version 1 may still be served. A line break is no token.
    if (search->token.find_first_of("\r\n") != std::string::npos)
      search->token.clear();
    if (!result && result.error().sent == http::Sent::kNo) {
      search->done(base::Fail(ErrorCode::kNotFound, result.error().error.message));
      return;
    }
    if (search->token.empty() &&
        context_.config.Flag("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")) {
      search->done(base::Fail(
          ErrorCode::kPermission,
          base::Cat(search->base,
                    " gives no token for version 2 of the metadata service, and version 1 is "
                    "switched off (AWS_EC2_METADATA_V1_DISABLED)")));
      return;
    }
    AskForRole(search);
  });
}

void InstanceProvider::AskForRole(const Shared& search) {
  Start(search, "GET", kCredentialsPath, [this, search](HttpResult result) {
    search->role = result && result->status == 200
                       ? std::string(base::Trim(base::Split(result->body, '\n').front()))
                       : "";
    if (!search->role.empty()) {
      AskForKeys(search);
      return;
    }
    search->done(base::Fail(
        ErrorCode::kNotFound,
        result
            ? base::Cat(
                  "this instance has no role (HTTP ", result->status, " from ", search->base, ")")
            : result.error().error.message));
  });
}

void InstanceProvider::AskForKeys(const Shared& search) {
  Start(search,
        "GET",
        kCredentialsPath + http::PercentEncode(search->role),
        [this, search](HttpResult result) {
          if (result)
            search->done(Read(*search, *result));
          else
            search->done(base::Fail(ErrorCode::kNotFound, result.error().error.message));
        });
}

base::Result<Found> InstanceProvider::Read(const Search& search,
                                           const http::Response& response) const {
  const std::string what = base::Cat("the instance's role ", search.role);
  auto parsed = base::ParseJson(response.body);
  if (response.status != 200 || !parsed || !parsed->is_object())
    return base::Fail(ErrorCode::kNotFound,
                      base::Cat("no keys of ", what, " (HTTP ", response.status, ")"));
  auto found = KeysFromJson(parsed->as_object(), "Token", what);
  if (!found)  // a 200 whose body says why there are none
    return base::Fail(ErrorCode::kNotFound, found.error().message);
  found->source = name();
  found->detail = base::Cat("role ", search.role);
  KeepExpiredKeys(*found);
  return found;
}

// The service hands out new keys long before the old ones expire. If it did not it is in trouble,
// and AWS asks to go on with what there is and to come back in a while that differs from machine to
// machine.
void InstanceProvider::KeepExpiredKeys(Found& found) const {
  const auto draw = static_cast<unsigned char>(base::RandomBytes(1)[0]);
  const base::Duration while_ =
      base::minutes(15) + base::seconds(120 + static_cast<int>(std::lround(draw * 480 / 255.0)));
  const base::Time now = context_.clock.Now();
  if (!found.expires || *found.expires - while_ > now)
    return;
  base::LogWarning("aws_instance_keys_prolonged",
                   {{"expires", base::FormatRfc3339(*found.expires)},
                    {"until", base::FormatRfc3339(now + while_)}});
  found.expires = now + while_;
}

}  // namespace

std::unique_ptr<Provider> MakeInstanceProvider(const Context& context) {
  return std::make_unique<InstanceProvider>(context);
}

}  // namespace aws
