#include "oidc/jws.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace oidc {

namespace {

constexpr std::array<std::string_view, 4> kAlgorithms{"RS256", "PS256", "ES256", "EdDSA"};
constexpr size_t kKeyIdMost = 512;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

std::string_view ToString(Algorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

std::optional<Algorithm> ParseAlgorithm(std::string_view text) {
  if (text == "Ed25519")  // RFC 9864's name for it
    return Algorithm::kEdDsa;
  const auto found = std::ranges::find(kAlgorithms, text);
  if (found == kAlgorithms.end())
    return std::nullopt;
  return static_cast<Algorithm>(found - kAlgorithms.begin());
}

base::Result<Jws> ParseJws(std::string_view text) {
  if (text.size() > kTokenMost)
    return Invalid(base::Cat("the token has more than ", kTokenMost, " bytes"));
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return Invalid("the token has not three parts with dots between them");
  const auto header_text = base::FromBase64Url(text.substr(0, first));
  auto payload = base::FromBase64Url(text.substr(first + 1, second - first - 1));
  auto signature = base::FromBase64Url(text.substr(second + 1));
  if (!header_text || !payload || !signature)
    return Invalid("a part of the token is not base64url");
  const auto header = base::ParseJson(*header_text, "the token's header");
  if (!header || !header->is_object())
    return Invalid("the token's header is no JSON object");
  const json::object& members = header->get_object();
  const std::string name = base::GetString(members, "alg");
  const auto algorithm = ParseAlgorithm(name);
  if (!algorithm)
    return Invalid(base::Cat("the token is signed with '",
                             base::PrintableLine(base::Excerpt(base::ValidUtf8(name), 32)),
                             "'; taken are ",
                             base::Join({kAlgorithms.begin(), kAlgorithms.end()}, ", ")));
  // What a header calls critical has to be understood, and we understand no extension.
  if (members.contains("crit"))
    return Invalid("the token's header has 'crit', which names extensions that are not known here");
  Jws jws{.algorithm = *algorithm,
          .key_id = base::GetString(members, "kid"),
          .signed_text = std::string(text.substr(0, second)),
          .payload = *std::move(payload),
          .signature = *std::move(signature)};
  if (jws.key_id.size() > kKeyIdMost)
    return Invalid("the token's header has a 'kid' that is too long");
  return jws;
}

base::Result<KeySet> KeySet::Read(std::string_view text) {
  constexpr size_t kMostKeys = 100;
  ASSIGN_OR_RETURN(const json::value value, base::ParseJson(text, "the provider's keys"));
  const json::value* list = value.is_object() ? value.get_object().if_contains("keys") : nullptr;
  if (list == nullptr || !list->is_array())
    return Invalid("the provider's keys are no JSON object with the list 'keys'");
  if (list->get_array().size() > kMostKeys)
    return Invalid(base::Cat("the provider has more than ", kMostKeys, " keys"));
  KeySet set;
  for (const json::value& each : list->get_array()) {
    if (!each.is_object())
      continue;
    if (auto key = Key::Read(each.get_object()))
      set.keys_.push_back(*std::move(key));
  }
  return set;
}

base::Status KeySet::Check(const Jws& jws) const {
  std::vector<const Key*> fitting;
  for (const Key& key : keys_) {
    const bool is_named = jws.key_id.empty() || key.id() == jws.key_id;
    if (is_named && key.Fits(jws.algorithm))
      fitting.push_back(&key);
  }
  if (fitting.empty())
    return base::Fail(base::ErrorCode::kNotFound,
                      "the provider has no key that the token can be signed with");
  // Without a name there must be no choice (OpenID Connect Core, 10.1).
  if (jws.key_id.empty() && fitting.size() > 1)
    return base::Fail(base::ErrorCode::kPermission,
                      "the token does not name its key, and the provider has several");
  const bool is_good =
      std::ranges::any_of(fitting, [&](const Key* key) { return key->IsSignatureOf(jws); });
  if (!is_good)
    return base::Fail(base::ErrorCode::kPermission, "the token's signature is wrong");
  return {};
}

}  // namespace oidc
