#include "template/template.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json_text.h"
#include "base/text.h"

namespace tmpl {
namespace {

using base::Cat;

Context Sample() {
  Context context;
  context.values = base::ParseJson(R"({
    "ds": "2026-01-05", "run_id": "r1", "try_number": 2, "dag_id": "delphi",
    "params": {"days": 7, "rate": 0.5, "on": true, "nothing": null, "name": "x", "list": ["a", 1, true],
               "map": {"1": "one", "the-key": "k"}, "big": 1e16, "small": 0.00001, "text": " 42 ",
               "empty": "", "html": "<&'>"},
    "lane": {"id": "1", "params": {"customers": "s3://b/1.json"}}
  })")
                       ->as_object();
  context.times["logical_date"] = *base::ParseTime("2026-01-04T23:30:00Z");
  context.times["data_interval_end"] = *base::ParseTime("2026-01-05T02:00:00.5Z");
  context.utc_offset_seconds = [](base::Time) { return 3 * 3600; };
  return context;
}

// The rendered value as JSON, or the error.
std::string Rendered(std::string_view text, const Context& context = Sample()) {
  auto parsed = Template::Parse(text);
  if (!parsed)
    return parsed.error().message;
  auto value = parsed->Render(context);
  return value ? base::Serialize(*value) : value.error().message;
}

TEST(Template, RendersWithTypesWhereTheTextIsOneExpression) {
  struct {
    const char* text;
    const char* json;
  } table[] = {
      {"", R"("")"},
      {"plain { } }} text", R"("plain { } }} text")"},
      {"{{ ds }}", R"("2026-01-05")"},
      {"{{try_number}}", "2"},
      {"try {{ try_number }}", R"("try 2")"},
      {"{{ params.days }}", "7"},
      {"{{ params['days'] }}{{ params[\"days\"] }}", R"("77")"},
      {"{{ params.list }}", R"(["a",1,true])"},
      {"{{ params.list[0] }}", R"("a")"},
      {"{{ params.list[-1] }}", "true"},
      {"{{ params.map['the-key'] }}", R"("k")"},
      {"{{ params.map[lane.id] }}", R"("one")"},
      {"{{ params.nothing }}", "null"},
      {"{{ 1 }}", "1"},
      {"{{ -5 }}", "-5"},
      {"{{ 1.5 }}", "1.5"},
      {"{{ 2e3 }}", "2000.0"},
      {"{{ true }}", "true"},
      {"{{ False }}", "false"},
      {"{{ none }}", "null"},
      {"{{ 'a\\'b\\n' }}", R"("a'b\n")"},
      {"{{ '}}' }}", R"("}}")"},
      {"{{ '{{' }} x {{ '}}' }}", R"("{{ x }}")"},
      {"{{ (params.days) }}", "7"},
      // A space, a newline or a comment beside it: the first two make a text, the last does not.
      {" {{ 1 }}", R"(" 1")"},
      {"{{ 1 }}\n", R"("1\n")"},
      {"{# why #}{{ 1 }}", "1"},
      {"a{# b #}c", R"("ac")"},
      {"a {{- 1 -}} b", R"("a1b")"},
      {"a {#- c -#} b", R"("ab")"},
      {"{{ 1 -}} {{ 2 }}", R"("12")"},
      {" {{- 1 -}} ", "1"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Rendered(row.text), row.json) << row.text;
}

TEST(Template, ValuesInsideATextLookAsInPython) {
  struct {
    const char* expression;
    const char* text;
  } table[] = {
      {"params.on", "True"},
      {"false", "False"},
      {"params.nothing", "None"},
      {"params.days", "7"},
      {"params.rate", "0.5"},
      {"1.0", "1.0"},
      {"params.big", "1e+16"},
      {"params.small", "1e-05"},
      {"0.0001", "0.0001"},
      {"123456789.125", "123456789.125"},
      {"1e15", "1000000000000000.0"},
      {"-2.5", "-2.5"},
      {"1e300", "1e+300"},
      {"-1.25e-7", "-1.25e-07"},
      {"0.1", "0.1"},
      {"100.0", "100.0"},
      {"logical_date", "2026-01-04T23:30:00+00:00"},
      {"data_interval_end", "2026-01-05T02:00:00.500000+00:00"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Rendered(Cat("<{{ ", row.expression, " }}>")), Cat("\"<", row.text, ">\""))
        << row.expression;
  EXPECT_EQ(Rendered("<{{ params.list }}>"),
            "column 12: a list cannot stand inside a text; use '| tojson' or '| join(\",\")'");
  EXPECT_EQ(Rendered("<{{ params }}>"),
            "column 5: a map cannot stand inside a text; use '| tojson'");
}

TEST(Template, Filters) {
  struct {
    const char* expression;
    const char* json;
  } table[] = {
      {"logical_date", R"("2026-01-04T23:30:00+00:00")"},
      {"logical_date | ds", R"("2026-01-04")"},
      {"logical_date | ds_nodash", R"("20260104")"},
      {"logical_date | ts", R"("2026-01-04T23:30:00+00:00")"},
      {"logical_date | local", R"("2026-01-05T02:30:00+03:00")"},
      {"logical_date | local | ds", R"("2026-01-05")"},
      {"logical_date|local|ds_nodash", R"("20260105")"},
      {"logical_date | replace(':', '')", R"("2026-01-04T233000+0000")"},
      {"params.none_such | default(3)", "3"},
      {"params.none_such | default", R"("")"},
      {"no.such.thing | default('x')", R"("x")"},
      {"ds.foo | default('x')", R"("x")"},
      {"params.days | default(no_such)", "7"},
      {"params.nothing | default(3)", "null"},
      {"params.nothing | default(3, true)", "3"},
      {"params.empty | default('e', true)", R"("e")"},
      {"params.none_such | default(params.days)", "7"},
      {"params.none_such | default('1') | int", "1"},
      {"params | tojson | replace(' ', '') | int(0)", "0"},
      {"params.map | tojson", R"("{\"1\":\"one\",\"the-key\":\"k\"}")"},
      {"params.html | tojson", R"("\"<&'>\"")"},
      {"none | tojson", R"("null")"},
      {"0.25 | tojson", R"("0.25")"},
      {"'42' | int", "42"},
      {"params.text | int", "42"},
      {"'42.9' | int", "42"},
      {"-3.9 | int", "-3"},
      {"true | int", "1"},
      {"'x' | int(7)", "7"},
      {"'a-b-c' | replace('-', '_')", R"("a_b_c")"},
      {"5 | replace(5, 6)", R"("6")"},
      {"params.list | join(',')", R"("a,1,True")"},
      {"params.list | join", R"("a1True")"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Rendered(Cat("{{ ", row.expression, " }}")), row.json) << row.expression;
}

TEST(Template, OddOffsetsAreWrittenAsPythonDoes) {
  Context context = Sample();
  context.utc_offset_seconds = [](base::Time) { return -(3 * 3600 + 30 * 60 + 52); };
  EXPECT_EQ(Rendered("{{ logical_date | local }}", context), R"("2026-01-04T19:59:08-03:30:52")");
}

TEST(Template, ErrorsNameTheColumnAndTheFix) {
  struct {
    const char* text;
    const char* error;
  } table[] = {
      {"a {{ parms.days }}", "column 6: 'parms' is not defined; did you mean 'params'?"},
      {"a\nb {{ parms }}", "line 2 column 6: 'parms' is not defined; did you mean 'params'?"},
      {"{{ lane.params.customer }}",
       "column 16: 'lane.params' has no member 'customer'; did you mean 'customers'?"},
      {"{{ lane.zzzzzzzzzz }}",
       "column 9: 'lane' has no member 'zzzzzzzzzz'; there are id, params"},
      {"{{ ds.year }}", "column 7: 'ds' is a text and has no member for \"year\""},
      {"{{ logical_date.years }}",
       "column 17: 'logical_date' is a time and has no member for \"years\"; did you mean 'year'?"},
      {"{{ params.list[3] }}", "column 15: 'params.list' has 3 items, so no [3]"},
      {"{{ params.none_such | int | default(3) }}",
       "column 11: 'params' has no member 'none_such'"},
      {"{{ }}", "column 1: there is nothing between '{{' and '}}'"},
      {"x {{ ds", "column 3: the '{{' that begins here has no '}}'"},
      {"x {{ ds }", "column 9: expected '}}', found '}'"},
      {"{{ 'x }}", "column 4: the text that begins here has no closing quote"},
      {"{{ '\\d' }}", "column 5: unknown escape in a text; there are \\\\ \\' \\\" \\n \\t \\r"},
      {"{# x",
       "column 1: the comment that begins here has no '#}'; write {{ '{#' }} for the "
       "characters themselves"},
      {"{% if x %}",
       "column 1: statements ({% … %}) are not supported; write {{ '{%' }} for the "
       "characters themselves"},
      {"{{ ds = 1 }}", "column 7: expected '}}', found '='"},
      {"{{ ds(1) }}",
       "column 4: there is no function 'ds'; there are macros.ds_add, macros.ds_format, "
       "macros.timedelta"},
      {"{{ params. }}",
       "column 12: expected a name after '.' (other keys: name['the-key']), found "
       "'}'"},
      {"{{ ds | upcase }}",
       "column 9: there is no filter 'upcase'; there are add, default, ds, ds_nodash, end_of, "
       "int, join, local, replace, start_of, strftime, subtract, tojson, ts, ts_nodash, "
       "ts_nodash_with_tz"},
      {"{{ ds | locale }}", "column 9: there is no filter 'locale'; did you mean 'local'?"},
      {"{{ ds | replace('a') }}", "column 9: the filter 'replace' takes 2 arguments, found 1"},
      {"{{ ds | ts(1) }}", "column 9: the filter 'ts' takes no arguments, found 1"},
      {"{{ ds | local }}", "column 9: 'local' needs a time such as logical_date, found a text"},
      {"{{ 'x1' | int }}", "column 11: 'x1' is not a whole number"},
      {"{{ ds | join }}", "column 9: 'join' needs a list, found a text"},
      {"{{ logical_date | tojson }}",
       "column 19: 'tojson' cannot write a time; use '| ts | tojson'"},
      {"{{ 99999999999999999999 }}",
       "column 4: '99999999999999999999' is a number that 64 bits cannot hold"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Rendered(row.text).substr(0, std::string_view(row.error).size()), row.error)
        << row.text;
}

TEST(Template, AnUndefinedNameHasItsOwnCode) {
  EXPECT_EQ(Template::Parse("{{ nope }}")->Render(Sample()).error().code,
            base::ErrorCode::kNotFound);
  EXPECT_EQ(Template::Parse("{{ ds | ts }}")->Render(Sample()).error().code,
            base::ErrorCode::kInvalidArgument);
}

TEST(Template, BoundsLengthAndOutput) {
  std::string chain = "{{ 'a'";
  for (int i = 0; i < 40; ++i)
    chain += " | replace('a', 'aaaaaaaa')";
  EXPECT_NE(Rendered(chain + " }}").find("is too long"), std::string::npos);
  EXPECT_NE(Rendered("{{ " + std::string(100'000, '(')).find("too deeply"), std::string::npos);
  std::string filters;
  for (int i = 0; i < 100'000; ++i)
    filters += "|int";
  EXPECT_NE(Rendered("{{ 1" + filters + " }}").find("too long"), std::string::npos);
}

std::string Checked(std::string_view text, const Context& known) {
  std::string out;
  for (const Problem& problem : Check(text, known))
    out += Cat(problem.place.line, ":", problem.place.column, " ", problem.message, "\n");
  return out;
}

TEST(Check, FindsEveryUndefinedNameWithoutRendering) {
  Context known = Sample();
  EXPECT_EQ(Checked("{{ dss }} {{ ds }}\n{{ params.dayz | default(1) }} {{ lane.idd }}", known),
            "1:4 'dss' is not defined; did you mean 'ds'?\n"
            "2:40 'lane' has no member 'idd'; did you mean 'id'?\n");
  EXPECT_EQ(Checked("{{ params.days | default(dss) }}", known),
            "1:26 'dss' is not defined; did you mean 'ds'?\n");
  EXPECT_EQ(Checked("{{ ds", known), "1:1 the '{{' that begins here has no '}}'\n");
}

TEST(Check, ANullIsAValueThatIsNotKnownYet) {
  Context known;
  known.values = base::ParseJson(R"({"params": {"days": null}, "conf": null})")->as_object();
  for (const char* text : {"{{ params.days | int }}",
                           "{{ params.days.deep[0] | ts }}",
                           "<{{ conf.any.thing }}>",
                           "{{ conf | join(',') }}",
                           "{{ 'a' | replace('a', conf) }}",
                           "{{ params | tojson }}"})
    EXPECT_EQ(Checked(text, known), "") << text;
  EXPECT_NE(Checked("{{ params.dayz }}", known), "");
}

TEST(RenderJson, RendersValuesDeepDownAndNamesThePathOfAnError) {
  auto document = base::ParseJson(
      R"({"{{ key }}": "{{ ds }}", "n": 5, "Steps": [{"HadoopJarStep": {"Args": ["--try", "{{ try_number }}"]}}]})");
  EXPECT_EQ(json::serialize(*RenderJson(*document, Sample())),
            R"({"{{ key }}":"2026-01-05","n":5,"Steps":[{"HadoopJarStep":{"Args":["--try",2]}}]})");
  auto bad = base::ParseJson(R"({"Steps": [{"HadoopJarStep": {"Args": ["x", "a {{ dss }}"]}}]})");
  EXPECT_EQ(RenderJson(*bad, Sample()).error().message,
            "Steps[0].HadoopJarStep.Args[1]: column 6: 'dss' is not defined; did you mean 'ds'?");
}

// Whatever the text: no crash, and Check agrees with Render where everything is known.
void CheckAgrees(const std::string& text) {
  Context context = Sample();
  context.values["params"].as_object().erase("nothing");
  auto parsed = Template::Parse(text);
  bool renders = parsed && parsed->Render(context);
  if (Check(text, context).empty())
    RC_ASSERT(renders);
  if (!parsed)
    RC_ASSERT(!Check(text, context).empty());
}

RC_GTEST_PROP(TemplateProperty, AnswersForAnyText, (const std::string& text)) {
  CheckAgrees(text);
}

RC_GTEST_PROP(TemplateProperty, AnswersForAnyMixOfItsOwnSigns, ()) {
  auto sign = rc::gen::elementOf(std::vector<std::string>{"{{",
                                                          "}}",
                                                          "{{ ",
                                                          " }}",
                                                          "{#",
                                                          "#}",
                                                          "{%",
                                                          "-}}",
                                                          "{{-",
                                                          " ",
                                                          "\n",
                                                          "params",
                                                          "ds",
                                                          ".days",
                                                          ".",
                                                          "[",
                                                          "]",
                                                          "0",
                                                          "-1",
                                                          "1.5",
                                                          "'a'",
                                                          "\"",
                                                          "'",
                                                          "\\",
                                                          "|",
                                                          "| int",
                                                          "| default(1)",
                                                          "| replace('a','b')",
                                                          "| tojson",
                                                          "(",
                                                          ")",
                                                          ",",
                                                          "logical_date",
                                                          "| local",
                                                          "none",
                                                          "é",
                                                          " + ",
                                                          "*",
                                                          " not ",
                                                          " in ",
                                                          " if ",
                                                          " else ",
                                                          " and ",
                                                          "==",
                                                          "//",
                                                          "%",
                                                          "~",
                                                          "-",
                                                          "is defined",
                                                          "1d",
                                                          ":",
                                                          "[",
                                                          "macros.ds_add(ds, ",
                                                          ".add(days=",
                                                          ".strftime('%Y')"});
  std::string text;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(sign))
    text += piece;
  CheckAgrees(text);
  CheckAgrees("{{ " + text + " }}");
}

}  // namespace
}  // namespace tmpl
