#include "wire/aws_error.h"

#include <gtest/gtest.h>
#include <map>

#include "base/text.h"

namespace wire {
namespace {

HeaderGetter Headers(std::map<std::string, std::string> headers) {
  return [headers = std::move(headers)](std::string_view name) -> std::optional<std::string> {
    auto found = headers.find(base::ToLower(name));
    return found == headers.end() ? std::nullopt : std::optional(found->second);
  };
}

struct Row {
  int status;
  std::string body;
  std::string code;
  ErrorClass error_class;
};

std::string JsonError(std::string_view type, std::string_view message) {
  return base::Cat(R"({"__type":")", type, R"(","message":")", message, R"("})");
}

TEST(AwsError, ClassesEveryKindOfReply) {
  using enum ErrorClass;
  const Row rows[] = {
      {400, JsonError("ThrottlingException", "Rate exceeded"), "ThrottlingException", kThrottled},
      {400,
       JsonError("com.amazon.coral.availability#ThrottlingException", "Rate exceeded"),
       "ThrottlingException",
       kThrottled},
      {403, JsonError("RequestThrottled", ""), "RequestThrottled", kThrottled},
      {503, JsonError("SlowDown", ""), "SlowDown", kThrottled},
      {400,
       JsonError("ProvisionedThroughputExceededException", ""),
       "ProvisionedThroughputExceededException",
       kThrottled},
      {429, JsonError("SomethingNew", ""), "SomethingNew", kThrottled},
      {429, "slow down", "HTTP 429", kThrottled},

      {400, JsonError("ValidationException", "Invalid"), "ValidationException", kClean},
      {400, JsonError("InvalidRequestException", "Nope"), "InvalidRequestException", kClean},
      {400, JsonError("UnknownOperationException", ""), "UnknownOperationException", kClean},
      {400, JsonError("SerializationException:http://a/b", ""), "SerializationException", kClean},
      {413, JsonError("NeverHeardOf", ""), "NeverHeardOf", kClean},

      {400, JsonError("AccessDeniedException", "x"), "AccessDeniedException", kPermission},
      {403, JsonError("AccessDenied", "x"), "AccessDenied", kPermission},

      {400,
       JsonError("UnrecognizedClientException", ""),
       "UnrecognizedClientException",
       kCredentials},
      {400, JsonError("ExpiredTokenException", ""), "ExpiredTokenException", kCredentials},
      {400,
       JsonError("InvalidSignatureException", "The request signature we calculated does not"),
       "InvalidSignatureException",
       kCredentials},
      {400,
       JsonError("MissingAuthenticationTokenException", ""),
       "MissingAuthenticationTokenException",
       kCredentials},

      {400,
       JsonError("InvalidSignatureException", "Signature expired: 20150830T123600Z is now"),
       "InvalidSignatureException",
       kClockSkew},
      {400,
       JsonError("InvalidSignatureException", "Signature not yet current: 20150830T123600Z"),
       "InvalidSignatureException",
       kClockSkew},
      {403, JsonError("RequestTimeTooSkewed", ""), "RequestTimeTooSkewed", kClockSkew},

      {400,
       R"({"__type":"InvalidRequestException","ErrorCode":"NoSuchCluster","Message":"gone"})",
       "InvalidRequestException",
       kNotFound},
      {400,
       JsonError("InvalidRequestException", "Cluster id 'j-1' is not valid."),
       "InvalidRequestException",
       kNotFound},
      {400, JsonError("com.amazonaws.sqs#QueueDoesNotExist", ""), "QueueDoesNotExist", kNotFound},

      {500, JsonError("InternalServerError", ""), "InternalServerError", kMayHaveHappened},
      {400, JsonError("InternalServerException", ""), "InternalServerException", kMayHaveHappened},
      {400, JsonError("RequestTimeout", ""), "RequestTimeout", kMayHaveHappened},
      {503, JsonError("ServiceUnavailable", ""), "ServiceUnavailable", kMayHaveHappened},
      {500, JsonError("NeverHeardOf", ""), "NeverHeardOf", kMayHaveHappened},
      {500, "", "HTTP 500", kMayHaveHappened},
      {502, "<html>Bad Gateway</html>", "HTTP 502", kMayHaveHappened},
      {403, "<html>proxy</html>", "HTTP 403", kMayHaveHappened},
      {400, R"({"message":"whose words?"})", "HTTP 400", kMayHaveHappened},
      {302, "", "HTTP 302", kMayHaveHappened},
      {400, R"(["no object"])", "HTTP 400", kMayHaveHappened},
  };
  for (const Row& row : rows) {
    AwsError error = ParseAwsError(row.status, Headers({}), row.body);
    EXPECT_EQ(error.code, row.code) << row.status << ' ' << row.body;
    EXPECT_EQ(ErrorClassName(error.error_class), ErrorClassName(row.error_class))
        << row.status << ' ' << row.body;
    EXPECT_EQ(error.http_status, row.status);
  }
}

TEST(AwsError, ReadsBothSpellingsOfTheMessageAndTheRequestId) {
  AwsError lower = ParseAwsError(400,
                                 Headers({{"x-amzn-requestid", "r-1"}}),
                                 R"({"__type":"ValidationException","message":"lower"})");
  EXPECT_EQ(lower.message, "lower");
  EXPECT_EQ(lower.request_id, "r-1");
  AwsError upper = ParseAwsError(
      400,
      Headers({}),
      R"({"__type":"InvalidRequestException","ErrorCode":"NoSuchCluster","Message":"upper"})");
  EXPECT_EQ(upper.message, "upper");
  EXPECT_EQ(upper.reason, "NoSuchCluster");
}

TEST(AwsError, TakesTheCodeFromTheHeaderWhereTheBodyHasNone) {
  AwsError error = ParseAwsError(
      400, Headers({{"x-amzn-errortype", "ThrottlingException:http://internal/"}}), "{}");
  EXPECT_EQ(error.code, "ThrottlingException");
  EXPECT_EQ(error.error_class, ErrorClass::kThrottled);
}

TEST(AwsError, KnowsThrottlingByItsWordsWhateverItsCode) {
  EXPECT_EQ(Classify("ValidationException", "", "Rate exceeded", 400), ErrorClass::kThrottled);
  EXPECT_EQ(Classify("RequestThrottledByEC2", "", "", 400), ErrorClass::kThrottled);
  EXPECT_EQ(Classify("ValidationException", "", "Request limit exceeded.", 400),
            ErrorClass::kThrottled);
  EXPECT_EQ(Classify("ValidationException", "", "The limit of 50 tags is exceeded", 400),
            ErrorClass::kClean);
  EXPECT_EQ(Classify("InternalThing", "", "Throttling", 500), ErrorClass::kMayHaveHappened);
}

TEST(AwsError, KeepsAPrintableExcerptOfAForeignBody) {
  std::string body = base::Cat("\n<html>\xff\x01", std::string(10'000, 'x'));
  AwsError error = ParseAwsError(502, Headers({}), body);
  EXPECT_TRUE(error.message.starts_with("<html>??xxx")) << error.message;
  EXPECT_EQ(error.message.size(), 300U);
}

}  // namespace
}  // namespace wire
