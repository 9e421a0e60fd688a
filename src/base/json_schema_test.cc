// JSON Schema, in jsonschema's words. The judge jsonschema itself plays drawn schemas in
// tests/python.

#include "base/json_schema.h"

#include <gtest/gtest.h>
#include <string>

namespace base {
namespace {

json::value Json(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : json::value();
}

// "" where the value fits.
std::string Against(std::string_view schema, std::string_view value) {
  const json::value parsed = Json(schema);
  const Status sound = CheckSchema(parsed.as_object());
  EXPECT_TRUE(sound) << schema << ": " << (sound ? "" : sound.error().message);
  const Status fits = CheckAgainst(parsed.as_object(), Json(value));
  return fits ? "" : fits.error().message;
}

std::string Broken(std::string_view schema) {
  const Status sound = CheckSchema(Json(schema).as_object());
  return sound ? "" : sound.error().message;
}

TEST(JsonSchema, SaysWhatIsWrongInTheWordsOfJsonschema) {
  EXPECT_EQ(Against(R"({"type": "integer"})", R"("abc")"), "'abc' is not of type 'integer'");
  EXPECT_EQ(Against(R"({"type": ["null", "string"]})", "3"), "3 is not of type 'null', 'string'");
  EXPECT_EQ(Against(R"({"enum": ["a", 1]})", R"("b")"), "'b' is not one of ['a', 1]");
  EXPECT_EQ(Against(R"({"const": "a"})", R"("b")"), "'a' was expected, not 'b'");
  EXPECT_EQ(Against(R"({"minimum": 1})", "0"), "0 is less than the minimum of 1");
  EXPECT_EQ(Against(R"({"exclusiveMaximum": 2})", "2"),
            "2 is greater than or equal to the maximum of 2");
  EXPECT_EQ(Against(R"({"multipleOf": 0.5})", "0.7"), "0.7 is not a multiple of 0.5");
  EXPECT_EQ(Against(R"({"maxLength": 2})", R"("äöü")"), "'äöü' is too long: at most 2 characters");
  EXPECT_EQ(Against(R"({"pattern": "^s3://"})", R"("x")"), "'x' does not match '^s3://'");
  EXPECT_EQ(Against(R"({"required": ["a"]})", "{}"), "'a' is a required property");
  EXPECT_EQ(Against(R"({"uniqueItems": true})", "[1, 1.0]"), "[1,1.0] has non-unique elements");
}

TEST(JsonSchema, NamesThePlaceInsideTheValue) {
  constexpr std::string_view kSchema =
      R"({"properties": {"core": {"items": {"properties": {"n": {"type": "integer"}}}}}})";
  EXPECT_EQ(Against(kSchema, R"({"core": [{"n": 1}, {"n": "x"}]})"),
            "'x' is not of type 'integer' (at core[1].n)");
  EXPECT_EQ(Against(R"({"properties": {"a": {}}, "additionalProperties": false})", R"({"b": 1})"),
            "Additional properties are not allowed ('b' was unexpected)");
}

TEST(JsonSchema, ComparesNumbersByTheirValue) {
  EXPECT_EQ(Against(R"({"type": "integer"})", "1.0"), "");
  EXPECT_EQ(Against(R"({"enum": [1]})", "1.0"), "");
  EXPECT_NE(Against(R"({"enum": [1]})", "true"), "");
  EXPECT_NE(Against(R"({"type": "number"})", "true"), "");
}

TEST(JsonSchema, CombinesSchemas) {
  EXPECT_EQ(Against(R"({"anyOf": [{"type": "null"}, {"minimum": 3}]})", "4"), "");
  EXPECT_NE(Against(R"({"anyOf": [{"type": "null"}, {"minimum": 3}]})", "2"), "");
  EXPECT_NE(Against(R"({"oneOf": [{"minimum": 1}, {"minimum": 3}]})", "4"), "");
  EXPECT_NE(Against(R"({"not": {"type": "null"}})", "null"), "");
  constexpr std::string_view kIf =
      R"({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}})";
  EXPECT_EQ(Against(kIf, R"({"a": 1, "b": 1})"), "");
  EXPECT_NE(Against(kIf, R"({"a": 1})"), "");
  EXPECT_NE(Against(kIf, "{}"), "");
}

TEST(JsonSchema, ChecksDatesAndTimes) {
  for (std::string_view good : {R"("2026-02-28")", "3"})
    EXPECT_EQ(Against(R"({"format": "date"})", good), "");
  for (std::string_view bad : {R"("2026-02-30")", R"("2026-2-28")", R"("2026-02-28T00:00Z")"})
    EXPECT_NE(Against(R"({"format": "date"})", bad), "");
  for (std::string_view good : {R"("12:13:14")", R"("12:13:14.5Z")", R"("12:13:14+03:00")"})
    EXPECT_EQ(Against(R"({"format": "time"})", good), "");
  for (std::string_view bad : {R"("12:13")", R"("25:00:00")", R"("noon")"})
    EXPECT_NE(Against(R"({"format": "time"})", bad), "");
  EXPECT_EQ(Against(R"({"format": "date-time"})", R"("2026-02-28T12:13:14Z")"), "");
  for (std::string_view bad : {R"("2026-02-28T12:13:14")", R"("2026-02-28")", R"("")"})
    EXPECT_NE(Against(R"({"format": "date-time"})", bad), "") << bad;
}

TEST(JsonSchema, RefusesWhatItWouldNotCheck) {
  EXPECT_EQ(Broken(R"({"minimun": 1})"),
            "'minimun' is no keyword of JSON Schema draft 7 that is checked here; did you mean "
            "'minimum'?");
  EXPECT_NE(Broken(R"({"$ref": "#/x"})"), "");
  EXPECT_EQ(Broken(R"({"type": "intger"})"),
            "'intger' is no type; did you mean 'integer'? (at type)");
  EXPECT_NE(Broken(R"({"format": "ipv4"})"), "");
  EXPECT_NE(Broken(R"x({"pattern": "(?=x)"})x"), "");
  EXPECT_EQ(Broken(R"({"items": {"minLength": -1}})"),
            "'minLength' has to be a whole number from 0 on (at items)");
  EXPECT_NE(Broken(R"({"enum": []})"), "");
  EXPECT_EQ(Broken(R"({"items": true, "additionalProperties": false})"), "");
}

TEST(JsonSchema, APatternTakesLinearTime) {
  const std::string text = "\"" + std::string(60'000, 'a') + "b\"";
  EXPECT_NE(Against(R"x({"pattern": "^(a+)+$"})x", text), "");
}

}  // namespace
}  // namespace base
