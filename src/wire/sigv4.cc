#include "wire/sigv4.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "wire/sigv4_internal.h"

namespace wire {
namespace {

// Hop-by-hop headers and those that proxies and transports add or rewrite.
constexpr std::array<std::string_view, 14> kNeverSigned = {"authorization",
                                                           "connection",
                                                           "expect",
                                                           "keep-alive",
                                                           "proxy-authenticate",
                                                           "proxy-authorization",
                                                           "proxy-connection",
                                                           "te",
                                                           "trailer",
                                                           "transfer-encoding",
                                                           "upgrade",
                                                           "user-agent",
                                                           "via",
                                                           "x-amzn-trace-id"};

bool IsUnreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string UriEncode(std::string_view text, std::string_view keep) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (IsUnreserved(c) || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

// A `%` that starts no escape stands for itself.
std::string UriDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? base::HexDigit(text[i + 1]) : -1;
    int low = high >= 0 ? base::HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string NormalizePath(std::string_view path) {
  std::vector<std::string> kept;
  for (const std::string& segment : base::Split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty())
        kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out = base::Cat('/', base::Join(kept, "/"));
  bool directory = path.ends_with('/');
  return directory && !kept.empty() ? base::Cat(out, '/') : out;
}

std::string CanonicalPath(std::string_view path, PathRule rule) {
  if (path.empty())
    return "/";
  if (rule == PathRule::kS3)
    return std::string(path);
  return UriEncode(rule == PathRule::kNormalize ? NormalizePath(path) : std::string(path), "/");
}

std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& piece : base::Split(query, '&')) {
    if (piece.empty())
      continue;
    size_t equals = std::min(piece.find('='), piece.size());
    std::string_view key = std::string_view(piece).substr(0, equals);
    std::string_view value = std::string_view(piece).substr(std::min(equals + 1, piece.size()));
    pairs.emplace_back(UriEncode(UriDecode(key), ""), UriEncode(UriDecode(value), ""));
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::string> out;
  for (const auto& [key, value] : pairs)
    out.push_back(base::Cat(key, '=', value));
  return base::Join(out, "&");
}

// Without white space at the ends, inner runs (folded lines too) as one space.
std::string CanonicalValue(std::string_view value) {
  std::string out;
  bool gap = false;
  for (char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !out.empty();
      continue;
    }
    if (gap)
      out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

// S3 takes the client's word for it, and checks it.
std::string PayloadHash(const SigningRequest& request, PathRule rule) {
  for (const auto& [name, value] : request.headers) {
    if (rule == PathRule::kS3 && base::ToLower(name) == "x-amz-content-sha256")
      return CanonicalValue(value);
  }
  return base::Sha256Hex(request.body);
}

}  // namespace

std::string FormatAmzDate(base::Time time) {
  auto seconds = std::chrono::floor<base::seconds>(time);
  std::string text = base::FormatRfc3339(seconds);  // 2015-08-30T12:36:00Z
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::vector<std::string> SignedHeaderNames(const HeaderList& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    std::string lower = base::ToLower(name);
    if (std::find(kNeverSigned.begin(), kNeverSigned.end(), lower) == kNeverSigned.end())
      names.push_back(std::move(lower));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string CanonicalRequest(const SigningRequest& request,
                             const std::vector<std::string>& signed_headers,
                             PathRule path_rule) {
  std::string_view target = request.target;
  size_t question = std::min(target.find('?'), target.size());
  std::string_view query = target.substr(std::min(question + 1, target.size()));
  std::string out = base::Cat(request.method,
                              '\n',
                              CanonicalPath(target.substr(0, question), path_rule),
                              '\n',
                              CanonicalQuery(query),
                              '\n');
  for (const std::string& name : signed_headers) {
    std::vector<std::string> values;
    for (const auto& [given, value] : request.headers) {
      if (base::ToLower(given) == name)
        values.push_back(CanonicalValue(value));
    }
    out += base::Cat(name, ':', base::Join(values, ","), '\n');
  }
  out += base::Cat('\n', base::Join(signed_headers, ";"), '\n', PayloadHash(request, path_rule));
  return out;
}

namespace internal {

std::string ScopeText(std::string_view date, const SigningScope& scope) {
  return base::Cat(date, '/', scope.region, '/', scope.service, "/aws4_request");
}

std::string Signature(std::string_view secret_key,
                      std::string_view date,
                      const SigningScope& scope,
                      std::string_view string_to_sign) {
  base::Digest key = base::HmacSha256(base::Cat("AWS4", secret_key), date);
  key = base::HmacSha256(base::AsText(key), scope.region);
  key = base::HmacSha256(base::AsText(key), scope.service);
  key = base::HmacSha256(base::AsText(key), "aws4_request");
  return base::Hex(base::AsText(base::HmacSha256(base::AsText(key), string_to_sign)));
}

}  // namespace internal

std::string StringToSign(std::string_view canonical_request,
                         const SigningScope& scope,
                         base::Time wall_now) {
  std::string stamp = FormatAmzDate(wall_now);
  return base::Cat(internal::kAlgorithm,
                   '\n',
                   stamp,
                   '\n',
                   internal::ScopeText(stamp.substr(0, internal::kDateLength), scope),
                   '\n',
                   base::Sha256Hex(canonical_request));
}

HeaderList Sign(const SigningRequest& request,
                const Credentials& credentials,
                const SigningScope& scope,
                base::Time wall_now) {
  std::string stamp = FormatAmzDate(wall_now);
  std::string date = stamp.substr(0, internal::kDateLength);
  HeaderList added = {{"X-Amz-Date", stamp}};
  if (!credentials.session_token.empty())
    added.emplace_back("X-Amz-Security-Token", credentials.session_token);

  SigningRequest full = request;
  full.headers.insert(full.headers.end(), added.begin(), added.end());
  std::vector<std::string> names = SignedHeaderNames(full.headers);
  std::string text = StringToSign(CanonicalRequest(full, names, scope.path_rule), scope, wall_now);
  added.emplace_back("Authorization",
                     base::Cat(internal::kAlgorithm,
                               " Credential=",
                               credentials.access_key,
                               '/',
                               internal::ScopeText(date, scope),
                               ", SignedHeaders=",
                               base::Join(names, ";"),
                               ", Signature=",
                               internal::Signature(credentials.secret_key, date, scope, text)));
  return added;
}

}  // namespace wire
