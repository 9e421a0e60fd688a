#include "wire/sigv4.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "targets.h"

namespace fuzz {
namespace {

constexpr base::Time kNow = base::Time(base::seconds(1'440'938'160));
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// "POST /path\nName: value\n…\n\nbody": HTTP without its rules.
wire::SigningRequest ReadRequest(std::string_view bytes) {
  wire::SigningRequest request;
  const size_t gap = std::min(bytes.find("\n\n"), bytes.size());
  request.body = bytes.substr(std::min(gap + 2, bytes.size()));
  bool is_first = true;
  for (const std::string& line : base::Split(bytes.substr(0, gap), '\n')) {
    const size_t cut = std::min(line.find(is_first ? ' ' : ':'), line.size());
    std::string before = line.substr(0, cut), after = line.substr(std::min(cut + 1, line.size()));
    if (is_first) {
      request.method = std::move(before);
      request.target = std::move(after);
    } else {
      request.headers.emplace_back(std::move(before), std::move(after));
    }
    is_first = false;
  }
  return request;
}

std::optional<std::string> FindSecret(std::string_view access_key) {
  return access_key == "AKID" ? std::optional(std::string(kSecret)) : std::nullopt;
}

// Names that HTTP allows, and none that the signer adds.
bool CanBeSigned(const wire::HeaderList& headers) {
  return std::ranges::all_of(headers, [](const auto& header) {
    const std::string name = base::ToLower(header.first);
    return !name.empty() && name != "authorization" && name != "host" && name != "x-amz-date" &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == name.npos;
  });
}

}  // namespace

// Verify answers to anything; it takes what Sign signed, and nothing that was changed since.
void FuzzSigV4(std::string_view bytes) {
  wire::SigningRequest request = ReadRequest(bytes);
  const wire::VerifyRules rules{.service = "service", .region = "us-east-1", .wall_now = kNow};
  if (auto verdict = wire::Verify(request, FindSecret, rules); !verdict)
    CHECK(!verdict.error().code.empty() && verdict.error().http_status >= 400);

  const wire::Credentials credentials{.access_key = "AKID", .secret_key = std::string(kSecret)};
  const wire::SigningScope scope{.region = "us-east-1", .service = "service"};
  if (!CanBeSigned(request.headers))
    return;
  request.headers.emplace_back("Host", "example.amazonaws.com");
  for (auto& header : wire::Sign(request, credentials, scope, kNow))
    request.headers.push_back(std::move(header));
  CHECK(wire::Verify(request, FindSecret, rules).has_value());
  request.body += '!';
  CHECK(!wire::Verify(request, FindSecret, rules).has_value());
}

}  // namespace fuzz
