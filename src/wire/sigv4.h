#pragma once

// AWS Signature Version 4 in the header flavour: signing a request and verifying one. Pure: the
// time comes in as wall time, the headers go out as values. Not here: presigned URLs and
// chunked payloads.
//
// Facts: "Create a signed AWS API request" in the AWS General Reference; the published vectors pin
// both directions. A path is taken as it stands in the request line, normalised and encoded once
// more, which is what every service but S3 expects; a query is decoded and encoded again.
//
// Thread rule: free functions without state.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace wire {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct SigningRequest {
  std::string method;
  std::string target;  // path and query as in the request line
  HeaderList headers;  // with Host, exactly as it is sent
  std::string body;
};

// Deliberately without a printer: a secret never reaches a log.
struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty for long-lived keys
};

enum class PathRule {
  kNormalize,  // "." and ".." resolved, repeated slashes joined
  kAsSent,
  kS3,  // S3's: neither normalised nor encoded once more
};

struct SigningScope {
  std::string region;
  std::string service;  // the signing name, e.g. "elasticmapreduce"
  PathRule path_rule = PathRule::kNormalize;
};

// The headers to add: X-Amz-Date, X-Amz-Security-Token (with a session token only), Authorization.
// Every header of the request is signed except those that a proxy or the transport may change.
HeaderList Sign(const SigningRequest& request,
                const Credentials& credentials,
                const SigningScope& scope,
                base::Time wall_now);

// The two intermediate texts of the algorithm. `signed_headers` are lower-case names in order.
std::string CanonicalRequest(const SigningRequest& request,
                             const std::vector<std::string>& signed_headers,
                             PathRule path_rule);
std::string StringToSign(std::string_view canonical_request,
                         const SigningScope& scope,
                         base::Time wall_now);
// The lower-case names that Sign signs, sorted, each once.
std::vector<std::string> SignedHeaderNames(const HeaderList& headers);
// "20150830T123600Z".
std::string FormatAmzDate(base::Time time);

struct VerifyRules {
  std::string service;
  std::string region;  // empty: any region
  base::Time wall_now;
  base::Duration max_skew = base::minutes(5);
  PathRule path_rule = PathRule::kNormalize;
};

struct Identity {
  std::string access_key;
  std::string region;
};

// What the AWS JSON protocols answer: the code goes into `__type`, the message into `message`.
struct SignatureError {
  std::string code;
  std::string message;
  int http_status = 400;
};

// The secret key of an access key, or nothing for an unknown one.
using SecretLookup = std::function<std::optional<std::string>(std::string_view access_key)>;

// Judges a request as it was received. Host, X-Amz-Date and X-Amz-Target must be under the
// signature.
tl::expected<Identity, SignatureError> Verify(const SigningRequest& request,
                                              const SecretLookup& secret_of,
                                              const VerifyRules& rules);

}  // namespace wire
