#include "api/identity_provider.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/base64.h"
#include "base/json.h"
#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr base::Duration kKeptFor = base::hours(1);
constexpr size_t kAnswerMost = 256 << 10;  // bytes
constexpr size_t kMostUnderWay = 16;
constexpr size_t kAskedAgainMost = 5;
constexpr base::Duration kAskedAgainWithin = base::minutes(1);

// World time may be set, and may run faster; so may the wall clock be set.
base::Duration Now() {
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch());
}

tl::unexpected<base::Error> Unavailable(std::string_view what) {
  return base::Fail(base::ErrorCode::kUnavailable, std::string(what));
}

http::Request Get() {
  http::Request request{.method = "GET"};
  request.headers.Set("Accept", "application/json");
  return request;
}

std::string Form(const std::vector<std::pair<std::string_view, std::string>>& members) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : members)
    parts.push_back(base::Cat(name, "=", http::PercentEncode(value)));
  return base::Join(parts, "&");
}

// "invalid_grant: grant request is invalid": what RFC 6749, 5.2 lets it say.
std::string WhyRefused(const http::Response& response) {
  const auto body = base::ParseJson(response.body);
  std::string why;
  if (body && body->is_object()) {
    why = base::GetString(body->get_object(), "error");
    const std::string more = base::GetString(body->get_object(), "error_description");
    if (!more.empty())
      why += ": " + more;
  }
  return why.empty() ? base::Cat("HTTP status ", response.status)
                     : base::PrintableLine(base::Excerpt(base::ValidUtf8(std::move(why))));
}

}  // namespace

IdentityProvider::IdentityProvider(http::Loop& loop,
                                   const http::ClientOptions& client,
                                   oidc::Settings settings,
                                   std::string client_secret,
                                   std::function<base::Time()> wall_now)
    : settings_(std::move(settings)),
      client_secret_(std::move(client_secret)),
      wall_now_(std::move(wall_now)),
      client_(loop, client) {}

void IdentityProvider::Send(const std::string& url,
                            http::Request request,
                            std::function<void(base::Result<http::Response>)> done) {
  const auto to = http::ParseUrl(url);
  if (!to)
    return done(Unavailable(to.error().message));
  client_.Send(
      *to,
      std::move(request),
      {.timeout = settings_.timeout, .connect_timeout = settings_.timeout, .max_body = kAnswerMost},
      [done = std::move(done), host = to->HostHeader()](auto result) {
        if (result)
          return done(*std::move(result));
        base::LogWarning("sso_provider_failed",
                         {{"host", host}, {"message", result.error().error.message}});
        done(Unavailable(result.error().error.message));
      });
}

template <typename T>
void IdentityProvider::Get(Kept<T>& kept,
                           Freshness freshness,
                           const std::string& url,
                           std::function<base::Result<T>(const std::string&)> read,
                           std::function<void(base::Result<std::shared_ptr<const T>>)> done) {
  const base::Duration now = Now();
  if (kept.value && freshness == Freshness::kKept && now < kept.at + kKeptFor)
    return done(kept.value);
  kept.waiting.push_back(std::move(done));
  if (kept.waiting.size() > 1)  // it is being asked already
    return;
  Send(url, api::Get(), [&kept, now, url, read = std::move(read)](auto response) {
    base::Result<std::shared_ptr<const T>> got = nullptr;
    if (!response) {
      got = base::Fail(response.error());
    } else if (response->status != 200) {
      got = Unavailable(base::Cat("the provider answered HTTP status ", response->status));
    } else if (auto value = read(response->body)) {
      kept.value = std::make_shared<const T>(*std::move(value));
      kept.at = now;
      got = kept.value;
    } else {
      got = Unavailable(value.error().message);
      base::LogWarning("sso_provider_failed", {{"url", url}, {"message", value.error().message}});
    }
    for (const auto& each : std::exchange(kept.waiting, {}))
      each(got);
  });
}

void IdentityProvider::Describe(std::function<void(base::Result<Metadata>)> done) {
  Get<oidc::Metadata>(
      metadata_,
      Freshness::kKept,
      oidc::MetadataUrl(settings_.issuer),
      [this](const std::string& text) {
        return oidc::ReadMetadata(text, settings_.issuer, settings_.allow_http);
      },
      std::move(done));
}

void IdentityProvider::GetKeys(Freshness freshness,
                               const std::string& url,
                               std::function<void(base::Result<Keys>)> done) {
  Get<oidc::KeySet>(
      keys_,
      freshness,
      url,
      [](const std::string& text) { return oidc::KeySet::Read(text); },
      std::move(done));
}

bool IdentityProvider::MayAskAgain(Budget& budget) {
  const base::Duration now = Now();
  std::erase_if(budget.asked_again,
                [&](base::Duration at) { return at + kAskedAgainWithin <= now; });
  if (budget.asked_again.size() >= kAskedAgainMost)
    return false;
  budget.asked_again.push_back(now);
  return true;
}

void IdentityProvider::AskForTokens(const Metadata& metadata,
                                    const Asked& asked,
                                    std::function<void(base::Result<Tokens>)> done) {
  std::vector<std::pair<std::string_view, std::string>> form{{"grant_type", "authorization_code"},
                                                             {"code", asked.code},
                                                             {"redirect_uri", asked.redirect_url},
                                                             {"code_verifier", asked.verifier}};
  http::Request request{.method = "POST"};
  if (!client_secret_.empty() && metadata->takes_basic) {
    // Both are form-encoded before they are joined (RFC 6749, 2.3.1).
    const std::string both = base::Cat(
        http::PercentEncode(settings_.client_id), ":", http::PercentEncode(client_secret_));
    request.headers.Set("Authorization", "Basic " + base::ToBase64(both));
  } else {
    form.emplace_back("client_id", settings_.client_id);
    if (!client_secret_.empty())
      form.emplace_back("client_secret", client_secret_);
  }
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.Set("Accept", "application/json");
  request.body = Form(form);
  Send(metadata->token_endpoint, std::move(request), [done = std::move(done)](auto response) {
    if (!response)
      return done(base::Fail(response.error()));
    if (response->status == 429 || response->status >= 500)
      return done(Unavailable(base::Cat("the provider answered HTTP status ", response->status)));
    if (response->status != 200)
      return done(base::Fail(base::ErrorCode::kPermission,
                             base::Cat("the provider refused the login: ", WhyRefused(*response))));
    const auto body = base::ParseJson(response->body);
    const json::object members = body && body->is_object() ? body->get_object() : json::object();
    Tokens tokens{.id = base::GetString(members, "id_token"),
                  .access = base::GetString(members, "access_token")};
    if (tokens.id.empty())
      return done(base::Fail(base::ErrorCode::kPermission, "the provider gave no ID token"));
    done(std::move(tokens));
  });
}

template <typename T>
void IdentityProvider::Judge(const std::string& keys_url,
                             Budget& budget,
                             Freshness freshness,
                             std::function<base::Result<T>(const oidc::KeySet&)> check,
                             std::function<void(base::Result<T>)> done) {
  GetKeys(freshness,
          keys_url,
          [this, keys_url, &budget, freshness, check = std::move(check), done = std::move(done)](
              const auto& keys) {
            if (!keys)
              return done(base::Fail(keys.error()));
            auto judged = check(**keys);
            if (judged)
              return done(*std::move(judged));
            const bool is_new_key = judged.error().code == base::ErrorCode::kNotFound;
            // The provider may have changed its keys since we asked; once, and not too often.
            if (is_new_key && freshness == Freshness::kKept && MayAskAgain(budget))
              return Judge<T>(keys_url, budget, Freshness::kAskAgain, check, done);
            done(base::Fail(base::ErrorCode::kPermission, judged.error().message));
          });
}

void IdentityProvider::Complete(const Metadata& metadata,
                                const std::string& access_token,
                                oidc::Person person,
                                std::function<void(base::Result<oidc::Person>)> done) {
  if (person.IsComplete() || metadata->userinfo_endpoint.empty() || access_token.empty())
    return done(std::move(person));
  // A token that is no token of RFC 6750 must not become a header of its own.
  if (!std::ranges::all_of(access_token, [](unsigned char c) { return c > 0x20 && c < 0x7f; }))
    return done(base::Fail(base::ErrorCode::kPermission, "the provider's access token is none"));
  http::Request request = api::Get();
  request.headers.Set("Authorization", "Bearer " + access_token);
  Send(metadata->userinfo_endpoint,
       std::move(request),
       [this, person = std::move(person), done = std::move(done)](auto response) mutable {
         if (!response)
           return done(base::Fail(response.error()));
         if (response->status != 200)
           return done(Unavailable(
               base::Cat("asked who you are (userinfo), the provider answered HTTP status ",
                         response->status)));
         if (const auto added = oidc::AddUserinfo(response->body, settings_, person); !added)
           return done(base::Fail(added.error()));
         done(std::move(person));
       });
}

void IdentityProvider::Redeem(Asked asked, std::function<void(base::Result<Login>)> done) {
  if (logins_.under_way >= kMostUnderWay)
    return done(base::Fail(base::ErrorCode::kThrottled,
                           "too many logins are under way: try again in a moment"));
  ++logins_.under_way;
  auto end = [this, done = std::move(done)](base::Result<Login> login) {
    --logins_.under_way;
    done(std::move(login));
  };
  Describe([this, asked = std::move(asked), end = std::move(end)](const auto& metadata) {
    if (!metadata)
      return end(base::Fail(metadata.error()));
    AskForTokens(*metadata, asked, [this, metadata = *metadata, asked, end](const auto& tokens) {
      if (!tokens)
        return end(base::Fail(tokens.error()));
      Judge<oidc::Person>(
          metadata->jwks_uri,
          logins_,
          Freshness::kKept,
          [this, id = tokens->id, nonce = asked.nonce](const oidc::KeySet& keys) {
            return oidc::CheckIdToken(id, keys, settings_, nonce, wall_now_());
          },
          [this, metadata, tokens = *tokens, end](const base::Result<oidc::Person>& person) {
            if (!person)
              return end(base::Fail(person.error()));
            Complete(metadata, tokens.access, *person, [id = tokens.id, end](auto whole) {
              if (!whole)
                return end(base::Fail(whole.error()));
              end(Login{*std::move(whole), id});
            });
          });
    });
  });
}

void IdentityProvider::CheckLogout(std::string token,
                                   std::function<void(base::Result<oidc::LogoutToken>)> done) {
  if (logouts_.under_way >= kMostUnderWay)
    return done(base::Fail(base::ErrorCode::kThrottled,
                           "too many logouts are under way: try again in a moment"));
  ++logouts_.under_way;
  auto end = [this, done = std::move(done)](base::Result<oidc::LogoutToken> logout) {
    --logouts_.under_way;
    done(std::move(logout));
  };
  Describe([this, token = std::move(token), end = std::move(end)](const auto& metadata) {
    if (!metadata)
      return end(base::Fail(metadata.error()));
    Judge<oidc::LogoutToken>((*metadata)->jwks_uri,
                             logouts_,
                             Freshness::kKept,
                             [this, token](const oidc::KeySet& keys) {
                               return oidc::CheckLogoutToken(token, keys, settings_, wall_now_());
                             },
                             end);
  });
}

}  // namespace api
