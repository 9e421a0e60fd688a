#include "wire/sigv4.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace wire {
namespace {

// The figures of AWS's published examples.
constexpr char kAccessKey[] = "AKIDEXAMPLE";
constexpr char kSecretKey[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const Credentials kExampleKeys{.access_key = kAccessKey, .secret_key = kSecretKey};
const SigningScope kExampleScope{.region = "us-east-1", .service = "service"};
const base::Time kExampleTime = *base::ParseTime("2015-08-30T12:36:00Z");

SigningRequest ExampleRequest(std::string method, std::string target) {
  return {.method = std::move(method),
          .target = std::move(target),
          .headers = {{"Host", "example.amazonaws.com"}},
          .body = ""};
}

std::string HeaderIn(const HeaderList& headers, std::string_view name) {
  for (const auto& [given, value] : headers) {
    if (base::ToLower(given) == base::ToLower(name))
      return value;
  }
  return "";
}

std::string SignatureIn(const HeaderList& headers) {
  std::string authorization = HeaderIn(headers, "Authorization");
  return authorization.substr(authorization.rfind('=') + 1);
}

SigningRequest Signed(SigningRequest request,
                      const Credentials& keys = kExampleKeys,
                      const SigningScope& scope = kExampleScope,
                      base::Time at = kExampleTime) {
  for (auto& header : Sign(request, keys, scope, at))
    request.headers.push_back(std::move(header));
  return request;
}

std::optional<std::string> ExampleSecretOf(std::string_view access_key) {
  return access_key == kAccessKey ? std::optional<std::string>(kSecretKey) : std::nullopt;
}

const VerifyRules kExampleRules{
    .service = "service", .region = "us-east-1", .wall_now = kExampleTime};

std::string CodeOf(const SigningRequest& request, const VerifyRules& rules = kExampleRules) {
  auto verdict = Verify(request, ExampleSecretOf, rules);
  return verdict ? "ok" : verdict.error().code;
}

std::string MessageOf(const SigningRequest& request, const VerifyRules& rules = kExampleRules) {
  auto verdict = Verify(request, ExampleSecretOf, rules);
  return verdict ? "" : verdict.error().message;
}

TEST(SigV4, SignsThePublishedPlainExamples) {
  EXPECT_EQ(HeaderIn(Sign(ExampleRequest("GET", "/"), kExampleKeys, kExampleScope, kExampleTime),
                     "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(
      SignatureIn(Sign(
          ExampleRequest("GET", "/?Param1=value1"), kExampleKeys, kExampleScope, kExampleTime)),
      "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
  SigningRequest repeated = ExampleRequest("GET", "/");
  for (const char* value : {"value2", "value2", "value1"})
    repeated.headers.emplace_back("My-Header1", value);
  EXPECT_EQ(SignatureIn(Sign(repeated, kExampleKeys, kExampleScope, kExampleTime)),
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
}

TEST(SigV4, SignsThePublishedIamExample) {
  // The ListUsers request of the AWS General Reference.
  SigningRequest request = {
      .method = "GET",
      .target = "/?Action=ListUsers&Version=2010-05-08",
      .headers = {{"Host", "iam.amazonaws.com"},
                  {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
      .body = ""};
  EXPECT_EQ(SignatureIn(Sign(
                request, kExampleKeys, {.region = "us-east-1", .service = "iam"}, kExampleTime)),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, SignsTheSessionTokenAndLeavesTransportHeadersAlone) {
  SigningRequest request = ExampleRequest("POST", "/");
  request.headers.emplace_back("User-Agent", "signalbox");
  request.headers.emplace_back("Connection", "keep-alive");
  Credentials keys = kExampleKeys;
  keys.session_token = "temporary";
  HeaderList added = Sign(request, keys, kExampleScope, kExampleTime);
  EXPECT_EQ(HeaderIn(added, "X-Amz-Security-Token"), "temporary");
  EXPECT_NE(
      HeaderIn(added, "Authorization").find("SignedHeaders=host;x-amz-date;x-amz-security-token,"),
      std::string::npos);
}

TEST(SigV4, EncodesAnEncodedPathOnceMoreButAQueryNever) {
  SigningRequest request = ExampleRequest("GET", "/a%20b/./c?k=%7e%2f&empty");
  std::string canonical = CanonicalRequest(request, {"host"}, PathRule::kNormalize);
  EXPECT_TRUE(canonical.starts_with("GET\n/a%2520b/c\nempty=&k=~%2F\n")) << canonical;
}

TEST(SigV4Verify, AcceptsWhatSignMade) {
  SigningRequest request = ExampleRequest("POST", "/jobs//x/?b=2&a=%20&a");
  request.headers.emplace_back("X-Amz-Target", "ElasticMapReduce.ListClusters");
  request.body = R"({"Marker":"ü"})";
  auto verdict = Verify(Signed(request), ExampleSecretOf, kExampleRules);
  ASSERT_TRUE(verdict.has_value()) << verdict.error().message;
  EXPECT_EQ(verdict->access_key, kAccessKey);
  EXPECT_EQ(verdict->region, "us-east-1");
}

TEST(SigV4Verify, RefusesATamperedRequest) {
  SigningRequest request = ExampleRequest("POST", "/");
  request.headers.emplace_back("X-Amz-Target", "ElasticMapReduce.ListClusters");
  request.body = "{}";
  const SigningRequest good = Signed(request);
  ASSERT_EQ(CodeOf(good), "ok");

  SigningRequest body = good;
  body.body = "{ }";
  EXPECT_EQ(CodeOf(body), "InvalidSignatureException");
  EXPECT_TRUE(MessageOf(body).starts_with("The request signature we calculated does not match"));
  SigningRequest target = good;
  target.headers[1].second = "ElasticMapReduce.TerminateJobFlows";
  EXPECT_EQ(CodeOf(target), "InvalidSignatureException");
  SigningRequest host = good;
  host.headers[0].second = "elsewhere.example.com";
  EXPECT_EQ(CodeOf(host), "InvalidSignatureException");

  SigningRequest wrong_secret =
      Signed(request, {.access_key = kAccessKey, .secret_key = "another"});
  EXPECT_EQ(CodeOf(wrong_secret), "InvalidSignatureException");
}

TEST(SigV4Verify, RefusesATargetOutsideTheSignature) {
  SigningRequest request = Signed(ExampleRequest("POST", "/"));
  request.headers.emplace_back("X-Amz-Target", "ElasticMapReduce.TerminateJobFlows");
  EXPECT_EQ(CodeOf(request), "InvalidSignatureException");
  EXPECT_EQ(MessageOf(request),
            "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(SigV4Verify, NamesWhatIsMissing) {
  SigningRequest request = ExampleRequest("POST", "/");
  EXPECT_EQ(CodeOf(request), "MissingAuthenticationTokenException");

  request.headers.emplace_back("Authorization", "Bearer x");
  EXPECT_EQ(CodeOf(request), "IncompleteSignatureException");

  request.headers.back().second = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/1/2/3/aws4_request";
  EXPECT_EQ(CodeOf(request), "IncompleteSignatureException");
  EXPECT_EQ(MessageOf(request),
            "Authorization header requires 'Signature' parameter. Authorization header requires "
            "'SignedHeaders' parameter.");

  SigningRequest undated = Signed(ExampleRequest("POST", "/"));
  std::erase_if(undated.headers, [](const auto& header) { return header.first == "X-Amz-Date"; });
  EXPECT_EQ(CodeOf(undated), "IncompleteSignatureException");
}

TEST(SigV4Verify, RefusesAnUnknownKeyAsAClientNotAsASignature) {
  SigningRequest request =
      Signed(ExampleRequest("POST", "/"), {.access_key = "AKIDOTHER", .secret_key = kSecretKey});
  auto verdict = Verify(request, ExampleSecretOf, kExampleRules);
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error().code, "UnrecognizedClientException");
  EXPECT_EQ(verdict.error().message, "The security token included in the request is invalid.");
  EXPECT_EQ(verdict.error().http_status, 400);
}

TEST(SigV4Verify, AllowsFiveMinutesOfSkewAndNotOneSecondMore) {
  SigningRequest request = Signed(ExampleRequest("POST", "/"));
  VerifyRules rules = kExampleRules;
  rules.wall_now = kExampleTime + base::minutes(5);
  EXPECT_EQ(CodeOf(request, rules), "ok");
  rules.wall_now += base::seconds(1);
  EXPECT_EQ(CodeOf(request, rules), "InvalidSignatureException");
  EXPECT_EQ(MessageOf(request, rules),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
            "(20150830T124101Z - 5 min.)");
  rules.wall_now = kExampleTime - base::minutes(5) - base::seconds(1);
  EXPECT_TRUE(MessageOf(request, rules).starts_with("Signature not yet current: "));
}

TEST(SigV4Verify, RefusesTheWrongServiceRegionOrDay) {
  VerifyRules rules = kExampleRules;
  rules.service = "elasticmapreduce";
  EXPECT_EQ(MessageOf(Signed(ExampleRequest("POST", "/")), rules),
            "Credential should be scoped to correct service: 'elasticmapreduce'.");
  rules = kExampleRules;
  rules.region = "eu-central-1";
  EXPECT_EQ(CodeOf(Signed(ExampleRequest("POST", "/")), rules), "InvalidSignatureException");
  rules.region = "";
  EXPECT_EQ(CodeOf(Signed(ExampleRequest("POST", "/")), rules), "ok");

  SigningRequest other_day = Signed(ExampleRequest("POST", "/"));
  std::string& authorization = other_day.headers.back().second;
  authorization = base::ReplaceAll(authorization, "20150830", "20150829");
  EXPECT_TRUE(MessageOf(other_day).starts_with("Date in Credential scope does not match"));
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// A request as the vectors write one: folded header lines, spaces in the path, no final newline.
SigningRequest ParseVector(const std::string& text) {
  SigningRequest request;
  size_t blank = std::min(text.find("\n\n"), text.size());
  request.body = text.substr(std::min(blank + 2, text.size()));
  std::vector<std::string> lines = base::Split(base::Trim(text.substr(0, blank)), '\n');
  size_t first = lines[0].find(' ');
  request.method = lines[0].substr(0, first);
  request.target = lines[0].substr(first + 1, lines[0].rfind(' ') - first - 1);
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].starts_with(' ')) {
      request.headers.back().second += base::Cat('\n', lines[i]);
      continue;
    }
    size_t colon = lines[i].find(':');
    request.headers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 1));
  }
  return request;
}

HeaderList Sorted(HeaderList headers) {
  std::sort(headers.begin(), headers.end());
  return headers;
}

void RunVector(const std::filesystem::path& folder) {
  const json::value context = *base::ParseJson(ReadFile(folder / "context.json"));
  const json::object& facts = context.get_object();
  const json::object& given = base::GetObject(facts, "credentials");
  const std::string token = base::GetString(given, "token");
  const bool token_is_signed = !base::GetBool(facts, "omit_session_token");
  Credentials keys{.access_key = base::GetString(given, "access_key_id"),
                   .secret_key = base::GetString(given, "secret_access_key"),
                   .session_token = token_is_signed ? token : ""};
  SigningScope scope{
      .region = base::GetString(facts, "region"),
      .service = base::GetString(facts, "service"),
      .path_rule = base::GetBool(facts, "normalize") ? PathRule::kNormalize : PathRule::kAsSent};
  base::Time at = *base::ParseTime(base::GetString(facts, "timestamp"));

  SigningRequest request = ParseVector(ReadFile(folder / "request.txt"));
  if (base::GetBool(facts, "sign_body"))
    request.headers.emplace_back("x-amz-content-sha256", base::Sha256Hex(request.body));

  SigningRequest made = Signed(request, keys, scope, at);
  SigningRequest dated = made;
  dated.headers.pop_back();
  std::string canonical =
      CanonicalRequest(dated, SignedHeaderNames(dated.headers), scope.path_rule);
  EXPECT_EQ(canonical, ReadFile(folder / "header-canonical-request.txt"));
  EXPECT_EQ(StringToSign(canonical, scope, at), ReadFile(folder / "header-string-to-sign.txt"));
  EXPECT_EQ(SignatureIn(made.headers), ReadFile(folder / "header-signature.txt"));

  if (!token_is_signed)
    made.headers.emplace_back("X-Amz-Security-Token", token);
  SigningRequest published = ParseVector(ReadFile(folder / "header-signed-request.txt"));
  EXPECT_EQ(made.target, published.target);
  EXPECT_EQ(made.body, published.body);
  EXPECT_EQ(Sorted(made.headers), Sorted(published.headers));

  auto verdict = Verify(published,
                        [&keys](std::string_view) { return keys.secret_key; },
                        {.service = scope.service,
                         .region = scope.region,
                         .wall_now = at,
                         .path_rule = scope.path_rule});
  EXPECT_TRUE(verdict.has_value()) << verdict.error().message;
}

TEST(SigV4, AgreesWithThePublishedVectors) {
  const char* suite = std::getenv("SIGNALBOX_SIGV4_SUITE");
  if (suite == nullptr)
    GTEST_SKIP() << "SKIPPED: SIGNALBOX_SIGV4_SUITE is not set";
  int cases = 0;
  // A relative path starts at the root of the source tree, wherever the test runs.
  const auto folder = std::filesystem::path(SIGNALBOX_SOURCE_DIR) / suite;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_directory())
      continue;
    SCOPED_TRACE(entry.path().filename().string());
    RunVector(entry.path());
    ++cases;
  }
  EXPECT_GE(cases, 30);
}

}  // namespace
}  // namespace wire
