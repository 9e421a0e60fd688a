#include "oidc/flow.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace oidc {

namespace {

constexpr char kContext[] = "login";

std::string Draw() {
  return base::ToBase64Url(base::RandomBytes(32));
}

}  // namespace

Flow BeginFlow(std::string redirect_url, Destination to, base::Time now) {
  return {.state = Draw(),
          .nonce = Draw(),
          .verifier = Draw(),
          .redirect_url = std::move(redirect_url),
          .next = std::move(to.next),
          .terminal = std::move(to.terminal),
          .expires_at = now + kFlowLife};
}

std::string SealFlow(const base::SealKey& key, const Flow& flow) {
  const json::object members{{"state", flow.state},
                             {"nonce", flow.nonce},
                             {"verifier", flow.verifier},
                             {"redirect_url", flow.redirect_url},
                             {"next", flow.next},
                             {"terminal", flow.terminal},
                             {"expires_at", base::FormatRfc3339(flow.expires_at)}};
  return base::Seal(key, base::Serialize(members), kContext);
}

base::Result<Flow> OpenFlow(const base::SealKey& key, std::string_view sealed, base::Time now) {
  const auto refused = [] {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "this login was not begun in this browser, or more than ten minutes ago");
  };
  const auto opened = base::OpenSealed(key, sealed, kContext);
  if (!opened)
    return refused();
  const auto value = base::ParseJson(*opened);
  if (!value || !value->is_object())
    return refused();
  const json::object& members = value->get_object();
  const auto expires_at = base::ParseTime(base::GetString(members, "expires_at"));
  if (!expires_at || now >= *expires_at)
    return refused();
  return Flow{.state = base::GetString(members, "state"),
              .nonce = base::GetString(members, "nonce"),
              .verifier = base::GetString(members, "verifier"),
              .redirect_url = base::GetString(members, "redirect_url"),
              .next = base::GetString(members, "next"),
              .terminal = base::GetString(members, "terminal"),
              .expires_at = *expires_at};
}

std::string ChallengeOf(std::string_view verifier) {
  return base::ToBase64Url(base::AsText(base::Sha256(verifier)));
}

bool IsChallenge(std::string_view text) {
  const auto digest = base::FromBase64Url(text);
  return digest && digest->size() == sizeof(base::Digest);
}

bool IsLocalPath(std::string_view path) {
  return path.size() <= 1000 && path.starts_with('/') && !path.starts_with("//") &&
         std::ranges::none_of(path, [](unsigned char c) {
           return c <= 0x20 || c >= 0x7f || c == '\\' || c == '"' || c == '\'' || c == '<' ||
                  c == '>' || c == '`';
         });
}

}  // namespace oidc
