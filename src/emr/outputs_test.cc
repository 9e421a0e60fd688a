#include "emr/outputs.h"

#include <gtest/gtest.h>

#include "model/rows.h"

namespace emr {
namespace {

using Kind = model::OutputsSeen::Kind;
using model::VerdictClass;

constexpr const char* kUri = "s3://bucket/run/a.json";

Outputs Judge(Kind kind, std::string text = "") {
  return JudgeOutputs({.kind = kind, .text = std::move(text)}, kUri);
}

TEST(Outputs, AUriHasABucketAndAKey) {
  EXPECT_EQ(*ParseS3Uri(kUri), (S3Place{"bucket", "run/a.json"}));
  EXPECT_EQ(*ParseS3Uri("s3://a.b-c/x=1/y z.json"), (S3Place{"a.b-c", "x=1/y z.json"}));
  for (const char* bad : {"",
                          "s3:/bucket/key",
                          "https://bucket/key",
                          "s3://bucket",
                          "s3://bucket/",
                          "s3://bucket/folder/",
                          "s3://Bucket/key",
                          "s3://b/key",
                          "s3:///key"})
    EXPECT_FALSE(ParseS3Uri(bad)) << bad;
}

TEST(Outputs, AnObjectIsASuccess) {
  const Outputs outputs = Judge(Kind::kThere, R"( {"rows": 3} )");
  EXPECT_EQ(outputs.verdict.verdict, VerdictClass::kSuccess);
  EXPECT_EQ(outputs.object, (json::object{{"rows", 3}}));
}

TEST(Outputs, WhatTheJobLeftIsTheJobsFault) {
  for (const char* text : {"", "[1]", "{", "{} {}", "null", "\xff"})
    EXPECT_EQ(Judge(Kind::kThere, text).verdict.verdict, VerdictClass::kApplication) << text;
  EXPECT_EQ(Judge(Kind::kMissing).verdict.verdict, VerdictClass::kApplication);
  EXPECT_EQ(Judge(Kind::kTooLarge).verdict.verdict, VerdictClass::kApplication);
  const std::string fill(model::kOutputsBytesMax - 7, 'x');
  EXPECT_EQ(Judge(Kind::kThere, "{\"a\":\"" + fill + "\"}").verdict.verdict,
            VerdictClass::kApplication);
  EXPECT_EQ(Judge(Kind::kThere, "{\"a\":\"" + fill.substr(1) + "\"}").verdict.verdict,
            VerdictClass::kSuccess);
}

TEST(Outputs, WhatForbidsTheReadIsTheConfigurationsFault) {
  for (Kind kind : {Kind::kDenied, Kind::kNoBucket, Kind::kRefused}) {
    const model::Verdict verdict = Judge(kind, "no").verdict;
    EXPECT_EQ(verdict.verdict, VerdictClass::kConfiguration);
    EXPECT_NE(verdict.reason.find(kUri), std::string::npos) << verdict.reason;
  }
}

}  // namespace
}  // namespace emr
