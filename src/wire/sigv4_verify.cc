#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "wire/sigv4_internal.h"

namespace wire {
namespace {

constexpr char kMismatch[] =
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.";

tl::unexpected<SignatureError> Refuse(std::string code, std::string message) {
  return tl::unexpected<SignatureError>(SignatureError{std::move(code), std::move(message)});
}
auto Incomplete(std::string message) {
  return Refuse("IncompleteSignatureException", std::move(message));
}
auto Invalid(std::string message) {
  return Refuse("InvalidSignatureException", std::move(message));
}

// Nothing for a header that is absent; an empty value is a value.
std::optional<std::string> HeaderOf(const SigningRequest& request, std::string_view lower_name) {
  for (const auto& [name, value] : request.headers) {
    if (base::ToLower(name) == lower_name)
      return std::string(base::Trim(value));
  }
  return std::nullopt;
}

struct Authorization {
  std::string access_key, date, region, service;
  std::vector<std::string> signed_headers;
  std::string signature;
};

tl::expected<Authorization, SignatureError> ParseAuthorization(std::string_view header) {
  std::string credential, signed_headers, signature;
  for (const std::string& piece : base::Split(header.substr(internal::kAlgorithm.size()), ',')) {
    std::string_view part = base::Trim(piece);
    size_t equals = std::min(part.find('='), part.size());
    std::string_view name = part.substr(0, equals);
    std::string value(part.substr(std::min(equals + 1, part.size())));
    if (name == "Credential")
      credential = std::move(value);
    else if (name == "SignedHeaders")
      signed_headers = std::move(value);
    else if (name == "Signature")
      signature = std::move(value);
  }
  std::string missing;
  if (credential.empty())
    missing += "Authorization header requires 'Credential' parameter. ";
  if (signature.empty())
    missing += "Authorization header requires 'Signature' parameter. ";
  if (signed_headers.empty())
    missing += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!missing.empty())
    return Incomplete(std::string(base::Trim(missing)));

  std::vector<std::string> scope = base::Split(credential, '/');
  if (scope.size() != 5 || scope[4] != "aws4_request") {
    return Incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/aws4_request");
  }
  return Authorization{.access_key = scope[0],
                       .date = scope[1],
                       .region = scope[2],
                       .service = scope[3],
                       .signed_headers = base::Split(signed_headers, ';'),
                       .signature = std::move(signature)};
}

std::optional<base::Time> ParseAmzDate(std::string_view stamp) {
  if (stamp.size() != 16 || stamp[8] != 'T' || stamp[15] != 'Z')
    return std::nullopt;
  auto piece = [stamp](size_t from, size_t count) { return stamp.substr(from, count); };
  base::Result<base::Time> time = base::ParseTime(base::Cat(piece(0, 4),
                                                            '-',
                                                            piece(4, 2),
                                                            '-',
                                                            piece(6, 2),
                                                            'T',
                                                            piece(9, 2),
                                                            ':',
                                                            piece(11, 2),
                                                            ':',
                                                            piece(13, 2),
                                                            'Z'));
  return time ? std::optional(*time) : std::nullopt;
}

tl::expected<void, SignatureError> CheckTime(base::Time signed_at, const VerifyRules& rules) {
  auto limit = [&rules](base::Time at, std::string_view sign) {
    auto skew = std::chrono::duration_cast<base::minutes>(rules.max_skew).count();
    return base::Cat(
        FormatAmzDate(at), " (", FormatAmzDate(rules.wall_now), ' ', sign, ' ', skew, " min.)");
  };
  base::Time oldest = rules.wall_now - rules.max_skew;
  base::Time newest = rules.wall_now + rules.max_skew;
  if (signed_at < oldest) {
    return Invalid(base::Cat("Signature expired: ",
                             FormatAmzDate(signed_at),
                             " is now earlier than ",
                             limit(oldest, "-")));
  }
  if (signed_at > newest) {
    return Invalid(base::Cat("Signature not yet current: ",
                             FormatAmzDate(signed_at),
                             " is still later than ",
                             limit(newest, "+")));
  }
  return {};
}

tl::expected<void, SignatureError> CheckScope(const Authorization& given,
                                              const VerifyRules& rules,
                                              std::string_view stamp) {
  std::string wrong;
  if (!rules.region.empty() && given.region != rules.region)
    wrong += base::Cat("Credential should be scoped to a valid region, not '", given.region, "'. ");
  if (given.service != rules.service)
    wrong += base::Cat("Credential should be scoped to correct service: '", rules.service, "'. ");
  std::string_view date = stamp.substr(0, internal::kDateLength);
  if (given.date != date) {
    wrong += base::Cat(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
        "date from HTTP: '",
        given.date,
        "' != '",
        date,
        "', from '",
        stamp,
        "'. ");
  }
  if (!wrong.empty())
    return Invalid(std::string(base::Trim(wrong)));
  return {};
}

}  // namespace

tl::expected<Identity, SignatureError> Verify(const SigningRequest& request,
                                              const SecretLookup& secret_of,
                                              const VerifyRules& rules) {
  std::optional<std::string> header = HeaderOf(request, "authorization");
  if (!header)
    return Refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  if (!header->starts_with(base::Cat(internal::kAlgorithm, ' ')))
    return Incomplete("Authorization header requires the algorithm AWS4-HMAC-SHA256.");
  auto given = ParseAuthorization(*header);
  if (!given)
    return tl::unexpected(std::move(given.error()));

  std::optional<std::string> stamp = HeaderOf(request, "x-amz-date");
  std::optional<base::Time> signed_at = stamp ? ParseAmzDate(*stamp) : std::nullopt;
  if (!signed_at) {
    return Incomplete(
        "Authorization header requires an 'X-Amz-Date' header of the form YYYYMMDDTHHMMSSZ.");
  }
  for (std::string_view name : {"host", "x-amz-date", "x-amz-target"}) {
    const auto& names = given->signed_headers;
    bool is_signed = std::find(names.begin(), names.end(), name) != names.end();
    if (!is_signed && (name == "host" || HeaderOf(request, name)))
      return Invalid(base::Cat("'", name, "' must be a 'SignedHeader' in the AWS Authorization."));
  }

  std::optional<std::string> secret = secret_of(given->access_key);
  if (!secret) {
    return Refuse("UnrecognizedClientException",
                  "The security token included in the request is invalid.");
  }
  if (auto scope_ok = CheckScope(*given, rules, *stamp); !scope_ok)
    return tl::unexpected(std::move(scope_ok.error()));
  if (auto time_ok = CheckTime(*signed_at, rules); !time_ok)
    return tl::unexpected(std::move(time_ok.error()));

  SigningScope scope{.region = given->region, .service = given->service};
  std::string text = StringToSign(
      CanonicalRequest(request, given->signed_headers, rules.path_rule), scope, *signed_at);
  if (!base::SameSecret(internal::Signature(*secret, given->date, scope, text), given->signature))
    return Invalid(kMismatch);
  return Identity{.access_key = given->access_key, .region = given->region};
}

}  // namespace wire
