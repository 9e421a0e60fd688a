#include "template/expression.h"

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
    "ds": "2026-01-05", "try_number": 1, "dag_id": "delphi",
    "params": {"days": 7, "full": true, "word": "Zoë", "list": [1, 2, 3], "nothing": null, "count": 0,
               "huge": 18446744073709551615},
    "lane": {"id": "eu"}, "dag_run": {"run_id": "r1", "conf": {"day": "2025-02-28"}},
    "jobs": {"build": {"state": "success"}}
  })")
                       ->as_object();
  context.times["logical_date"] = *base::ParseTime("2026-03-31T23:30:15.25Z");
  context.times["dag_run.logical_date"] = context.times["logical_date"];
  context.times["data_interval_end"] = *base::ParseTime("2026-03-31T00:00:00Z");
  return context;
}

// The value as JSON, or the error.
std::string Evaluated(std::string_view text, const Context& context = Sample()) {
  auto parsed = Expression::Parse(text);
  if (!parsed)
    return parsed.error().message;
  auto value = parsed->Evaluate(context);
  return value ? base::Serialize(*value) : value.error().message;
}

struct Row {
  const char* expression;
  const char* answer;
};

template <size_t N>
void ExpectAll(const Row (&table)[N], const Context& context = Sample()) {
  for (const Row& row : table)
    EXPECT_EQ(Evaluated(row.expression, context), row.answer) << row.expression;
}

TEST(Expression, OperatorsBindAsInJinja) {
  ExpectAll({
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"'a' ~ 1 * 2", R"("a2")"},
      {"'x' + 'a' ~ 1", R"("xa1")"},
      {"2 - 1 - 1", "0"},
      {"2 --1", "3"},
      {"- 2 * 3", "-6"},
      {"-'5' | int", "column 1: '-' needs a number, found a text"},
      {"2 + '5' | int", "7"},
      {"1 + 1 == 2 and not 1 > 2", "true"},
      {"not 1 == 2", "true"},
      {"1 + 2 is none", "1"},
  });
}

TEST(Expression, DividesAsPython) {
  ExpectAll({
      {"7 / 2", "3.5"},
      {"-7 // 2", "-4"},
      {"-7 % 3", "2"},
      {"7 % -3", "-2"},
      {"-7.5 // 2", "-4.0"},
      {"-7.5 % 2", "0.5"},
      {"6 / 3", "2.0"},
      {"9007199254740993 / 1", "9007199254740992.0"},
      {"9223372036854775807 // -1", "-9223372036854775807"},
      {"true + true", "2"},
      {"1 / 0", "column 3: division by zero"},
      {"1.5 % 0", "column 5: division by zero"},
      {"7 // params.count", "column 3: division by zero"},
  });
}

TEST(Expression, WholeNumbersHaveSixtyFourBits) {
  constexpr const char* kError = "column 21: the result is a number that 64 bits cannot hold";
  ExpectAll({
      {"9223372036854775807 + 1", kError},
      {"9223372036854775807 * 2", kError},
      {"-9223372036854775808 // -1", "column 22: the result is a number that 64 bits cannot hold"},
      {"-9223372036854775808 % -1", "0"},
      {"params.huge + 1", "column 13: the result is a number that 64 bits cannot hold"},
      {"params.huge > 9223372036854775807", "true"},
      {"1e308 * 10", "column 7: the result is a number that 64 bits cannot hold"},
  });
}

TEST(Expression, ComparesAndLooksFor) {
  ExpectAll({
      {"1 < 2 < 3", "true"},
      {"1 < 3 < 2", "false"},
      {"1 == 1.0 == true", "true"},
      {"9007199254740993 == 9007199254740992.0", "false"},
      {"'a' == 1", "false"},
      {"'a' < 'b'", "true"},
      {"[1, 'a'] < [1, 'b']", "true"},
      {"'a' < 1", "column 5: a text and a number have no order"},
      {"none < 1", "column 6: None and a number have no order"},
      {"'o' in params.word", "true"},
      {"2.0 in params.list", "true"},
      {"'days' in params", "true"},
      {"4 not in params.list", "true"},
      {"not 4 in params.list", "true"},
      {"1 in 'a1'", "column 3: 'in' cannot look for a number in a text"},
      {"1 in 1", "column 3: 'in' needs a list, a text or a map, found a number"},
      {"logical_date > data_interval_end", "true"},
      {"logical_date == dag_run.logical_date", "true"},
  });
}

TEST(Expression, LogicAnswersWithItsOperands) {
  ExpectAll({
      {"params.full and lane.id != 'x'", "true"},
      {"0 or 'x'", R"("x")"},
      {"0 and nowhere", "0"},
      {"not []", "true"},
      {"not none and 1", "1"},
      {"'a' if params.full else nowhere", R"("a")"},
      {"1 if 0 else 2 if 0 else 3", "3"},
      {"1 if 0", "column 3: the condition does not hold and there is no 'else'"},
      {"nowhere is defined", "false"},
      {"params.days is defined and params.days is not none", "true"},
      {"params.nothing is none", "true"},
      {"params.missing is undefined", "true"},
      {"jobs.build.state == 'success'", "true"},
      {"('a' if 0) | default('b')", R"("b")"},
  });
}

TEST(Expression, TextsAndListsAreTakenApart) {
  ExpectAll({
      {"params.word[2]", R"("ë")"},
      {"params.word[-1]", R"("ë")"},
      {"ds[:7]", R"("2026-01")"},
      {"ds[-2:]", R"("05")"},
      {"ds[5:2]", R"("")"},
      {"params.list[1:]", "[2,3]"},
      {"params.list[:-1]", "[1,2]"},
      {"params.list + [4,]", "[1,2,3,4]"},
      {"2 * 'ab'", R"("abab")"},
      {"'ab' * -1", R"("")"},
      {"ds ~ '/' ~ try_number", R"("2026-01-05/1")"},
      {"ds + 1", "column 4: '+' cannot take a text and a number; '~' joins texts"},
      {"params.get('days', 1)", "7"},
      {"params.get('nope', 1)", "1"},
      {"params.get('nope')", "null"},
      {"params.word[9]", "column 12: 'params.word' has 3 characters, so no [9]"},
      {"try_number[1:]",
       "column 11: 'try_number' is a number; only a text or a list has a part [a:b]"},
      {"[logical_date]", "column 2: a list cannot hold a time; make it a text, as '| ts' does"},
  });
}

TEST(Dates, MoveAsAirflowPeopleWriteThem) {
  ExpectAll({
      {"logical_date - 1d", R"("2026-03-30T23:30:15.250000+00:00")"},
      {"logical_date + 1h30m", R"("2026-04-01T01:00:15.250000+00:00")"},
      {"logical_date - macros.timedelta(days=1, hours=2)", R"("2026-03-30T21:30:15.250000+00:00")"},
      {"logical_date - data_interval_end", R"("23:30:15.250000")"},
      {"(logical_date - data_interval_end).total_seconds()", "84615.25"},
      {"-1d", R"("-1 day, 0:00:00")"},
      {"1d // 2", R"("12:00:00")"},
      {"2d / 1d", "2.0"},
      {"1d / 2", R"("12:00:00")"},
      {"(5us / 2).microseconds", "2"},
      {"7us / 2", R"("0:00:00.000004")"},
      {"-7us / -2", R"("0:00:00.000004")"},
      {"90s.seconds", "90"},
      {"macros.ds_add(ds, -7)", R"("2025-12-29")"},
      {"macros.ds_add(dag_run.conf.day, 1)", R"("2025-03-01")"},
      {"macros.ds_format(ds, '%Y-%m-%d', '%Y/%m')", R"("2026/01")"},
      {"macros.ds_format('2026111', '%Y%m%d', '%d.%m.%Y')", R"("01.11.2026")"},
      {"logical_date.strftime('%Y%m')", R"("202603")"},
      {"logical_date | strftime('%G-W%V %j')", R"("2026-W14 090")"},
      {"logical_date.subtract(months=1)", R"("2026-02-28T23:30:15.250000+00:00")"},
      {"logical_date.subtract(months=1) | start_of('month') | ds", R"("2026-02-01")"},
      {"logical_date | add(months=-1) | strftime('%Y-%m')", R"("2026-02")"},
      {"logical_date | end_of('quarter') | ts", R"("2026-03-31T23:59:59.999999+00:00")"},
      {"logical_date.start_of('week').day", "30"},
      {"logical_date.quarter", "1"},
      {"logical_date.isoweekday()", "2"},
      {"logical_date | ts_nodash", R"("20260331T233015")"},
      {"data_interval_end | ts_nodash_with_tz", R"("20260331T000000+0000")"},
  });
}

TEST(Dates, ErrorsSayWhatIsWrong) {
  ExpectAll({
      {"logical_date.strftime('%-d')",
       "column 23: the format has '%-', which does not mean the same everywhere; there are %a %A "
       "%b "
       "%B %d %f %G %H %I %j %m %M %p %S %u %U %V %w %W %y %Y %z %%"},
      {"logical_date.strftime('%')",
       "column 23: the format ends in a single '%'; write '%%' for the character itself"},
      {"logical_date | start_of('mont')",
       "column 25: there is no unit 'mont'; did you mean 'month'?"},
      {"macros.ds_add('x', 1)", "column 8: 'x' is not a date of the form '%Y-%m-%d'"},
      {"macros.ds_add(ds)", "column 8: the function 'macros.ds_add' takes 2 arguments, found 1"},
      {"macros.ds_ad(ds, 1)",
       "column 8: there is no function 'macros.ds_ad'; did you mean 'macros.ds_add'?"},
      {"logical_date.add(month=1)",
       "column 18: the method 'add' has no argument 'month'; did you mean 'months'?"},
      {"logical_date.add(days=1.5)",
       "column 14: 'add' needs a whole number for 'days', found a number"},
      {"logical_date.add(days=1, days=2)", "column 26: 'days' is given twice"},
      {"logical_date.add(years=9999)", "column 14: the time is outside the years 1 to 9999"},
      {"logical_date + 1", "column 14: '+' cannot take a time and a number"},
      {"1x", "column 1: '1x' is not a duration; expected e.g. 90s, 10m, 1h30m or 5d"},
      {"ds.strftime('%Y')", "column 4: 'strftime' needs a time such as logical_date, found a text"},
  });
}

// Clocks go from 02:00 to 03:00 (+01:00 to +02:00) on 2026-03-29 and back on 2026-10-25, 03:00.
int Berlin(base::Time utc) {
  const bool summer = utc >= *base::ParseTime("2026-03-29T01:00:00Z") &&
                      utc < *base::ParseTime("2026-10-25T01:00:00Z");
  return summer ? 7200 : 3600;
}

TEST(Dates, InALocalZoneDaysFollowTheClock) {
  Context context = Sample();
  context.utc_offset_seconds = Berlin;
  context.times["monday"] = *base::ParseTime("2026-03-29T22:00:00Z");  // midnight of the 30th
  context.times["before"] = *base::ParseTime("2026-03-28T01:30:00Z");  // 02:30 of the 28th
  context.times["second"] = *base::ParseTime("2026-10-25T01:30:00Z");  // 02:30 for the second time
  ExpectAll(
      {
          {"((monday | local) - 1d) | ts", R"("2026-03-29T00:00:00+01:00")"},
          {"((monday | local) - 24h) | ts", R"("2026-03-29T00:00:00+01:00")"},
          {"((monday | local) - 22h) | ts", R"("2026-03-29T01:00:00+01:00")"},
          {"(monday - 1d) | local | ts", R"("2026-03-28T23:00:00+01:00")"},
          {"monday | local | start_of('month') | ts", R"("2026-03-01T00:00:00+01:00")"},
          {"((before | local) + 1d) | ts", R"("2026-03-29T03:30:00+02:00")"},
          {"second | local | start_of('hour') | ts", R"("2026-10-25T02:00:00+01:00")"},
          {"second | local | start_of('day') | ts", R"("2026-10-25T00:00:00+02:00")"},
      },
      context);
}

TEST(Expression, ResultsAreBounded) {
  EXPECT_NE(Evaluated("'0123456789' * 100000").find("0123456789"), std::string::npos);
  ExpectAll({
      {"'0123456789' * 200000", "column 14: the result is longer than 1 MiB"},
      {"[params] * 100000", "column 10: the result is longer than 1 MiB"},
  });
  Context context = Sample();
  context.values["text"] = std::string(600'000, 'x');
  for (const char* text : {"text + text", "text ~ text", "[text, text]", "[text] + [text]"})
    EXPECT_NE(Evaluated(text, context).find("is longer than 1 MiB"), std::string::npos) << text;
  EXPECT_EQ(Template::Parse("{{ text }}{{ text }}")->Render(context).error().message,
            "column 14: the whole text is longer than 1 MiB");
  EXPECT_NE(Evaluated(std::string(1000, '-') + "1").find("nested too deeply"), std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 1000; ++i)
    sum += " + 1";
  EXPECT_NE(Evaluated(sum).find("too long"), std::string::npos);
}

TEST(Expression, MistakesHavePlaces) {
  ExpectAll({
      {"", "column 1: expected a name, a number or a text in quotes, found the end of the text"},
      {"a b", "column 3: expected the end of the expression, found 'b'"},
      {"params.full and",
       "column 16: expected a name, a number or a text in quotes, found the end of the text"},
      {"params.full\n and lane.idd",
       "line 2 column 11: 'lane' has no member 'idd'; did you mean 'id'?"},
      {"2 ** 3", "column 3: expected the end of the expression, found '*'"},
      {"(1", "column 3: expected ')', found the end of the text"},
      {"[1", "column 3: expected ',' or ']', found the end of the text"},
      {"ds is define", "column 7: there is no test 'define'; did you mean 'defined'?"},
      {"ds is defined if 1 else 2",
       "column 15: put the test before this in parentheses: (a is defined)"},
      {"ds.upper()",
       "column 4: there is no method 'upper'; there are add, end_of, get, isoformat, isoweekday, "
       "start_of, strftime, subtract, timestamp, total_seconds, weekday"},
  });
}

TEST(Expression, AnUndefinedNameHasItsOwnCode) {
  for (const char* text : {"nope", "nope + 1", "not nope", "params.nope | int"})
    EXPECT_EQ(Expression::Parse(text)->Evaluate(Sample()).error().code, base::ErrorCode::kNotFound)
        << text;
}

TEST(Expression, TruthIsPythons) {
  for (const char* text : {"none", "false", "0", "0.0", "''", "[]"})
    EXPECT_FALSE(IsTrue(*Expression::Parse(text)->Evaluate(Sample()))) << text;
  for (const char* text : {"true", "-1", "0.5", "'0'", "[0]", "lane", "logical_date"})
    EXPECT_TRUE(IsTrue(*Expression::Parse(text)->Evaluate(Sample()))) << text;
}

std::string Checked(std::string_view text, const Context& known) {
  std::string out;
  for (const Problem& problem : CheckExpression(text, known))
    out += Cat(problem.place.line, ":", problem.place.column, " ", problem.message, "\n");
  return out;
}

Context Known() {
  Context known = Sample();
  known.values["params"] = json::object{{"flag", nullptr}};
  known.samples = {"try_number"};
  return known;
}

TEST(CheckExpression, LooksAtBothBranchesWhereTheConditionMayChange) {
  const Context known = Known();
  EXPECT_EQ(Checked("1 if params.flag else dss", known),
            "1:23 'dss' is not defined; did you mean 'ds'?\n");
  EXPECT_EQ(Checked("dss if params.flag else 1", known),
            "1:1 'dss' is not defined; did you mean 'ds'?\n");
  EXPECT_EQ(Checked("params.flag and dss", known),
            "1:17 'dss' is not defined; did you mean 'ds'?\n");
  EXPECT_EQ(Checked("params.flagg if try_number > 1 else 1", known),
            "1:8 'params' has no member 'flagg'; did you mean 'flag'?\n");
  EXPECT_EQ(Checked("dag_run.logical_date.day == 1 and dss", known),
            "1:35 'dss' is not defined; did you mean 'ds'?\n");
  // What is wrong with a value that the branch is not for counts only where it is taken.
  EXPECT_EQ(Checked("1 / (try_number - 1) if try_number > 1 else 1", known), "");
  EXPECT_EQ(Checked("0 < params.flag < dss", known),
            "1:19 'dss' is not defined; did you mean 'ds'?\n");
}

TEST(CheckExpression, LeavesOutWhatAConstantExcludes) {
  const Context known = Known();
  EXPECT_EQ(Checked("lane.size if lane.id == 'us' else 1", known), "");
  EXPECT_EQ(Checked("other.id if other is defined else 1", known), "");
  EXPECT_EQ(Checked("other is defined and other.id == 1", known), "");
  EXPECT_EQ(Checked("try_number > 1 and other is defined and other.id", known), "");
  EXPECT_EQ(Checked("lane.size if lane.id == 'eu' else 1", known),
            "1:6 'lane' has no member 'size'; there are id\n");
}

TEST(CheckExpression, WhatIsMadeOfTheUnknownIsUnknown) {
  for (const char* text : {"params.flag + 1",
                           "params.flag < 1 == 2",
                           "'x' in params.flag",
                           "not params.flag",
                           "-params.flag",
                           "[params.flag] + [1]",
                           "params.flag[1:params.flag]",
                           "params.flag.strftime('%Y')",
                           "logical_date.add(days=params.flag)",
                           "(params.flag or 1) + 'a'",
                           "params.flag is none",
                           "(1 if params.flag else 'a') + 1"})
    EXPECT_EQ(Checked(text, Known()), "") << text;
  EXPECT_EQ(Checked("logical_date.strftime('%Q') if params.flag else 1", Known()).substr(0, 5),
            "1:23 ");
}

// Whatever the text: no crash, and what Check lets through is evaluated.
void CheckAgrees(const std::string& text) {
  const Context context = Sample();
  auto parsed = Expression::Parse(text);
  Context known = Sample();
  known.values["params"].as_object().erase("nothing");
  known.values["params"].as_object().erase("huge");
  const bool good = CheckExpression(text, known).empty();
  RC_ASSERT(!good || (parsed && parsed->Evaluate(known)));
  RC_ASSERT(parsed || !good);
}

RC_GTEST_PROP(ExpressionProperty, AnswersForAnyText, (const std::string& text)) {
  CheckAgrees(text);
}

RC_GTEST_PROP(ExpressionProperty, AnswersForAnyMixOfItsOwnSigns, ()) {
  auto sign = rc::gen::elementOf(std::vector<std::string>{"1",
                                                          "0",
                                                          "2.5",
                                                          "'a'",
                                                          "ds",
                                                          "params.list",
                                                          "logical_date",
                                                          "1d",
                                                          "none",
                                                          "nowhere",
                                                          " + ",
                                                          " - ",
                                                          " * ",
                                                          " / ",
                                                          " // ",
                                                          " % ",
                                                          " ~ ",
                                                          " == ",
                                                          " < ",
                                                          " in ",
                                                          " not ",
                                                          " and ",
                                                          " or ",
                                                          " if ",
                                                          " else ",
                                                          " is defined",
                                                          "(",
                                                          ")",
                                                          "[",
                                                          "]",
                                                          ":",
                                                          ",",
                                                          ".day",
                                                          ".strftime('%Y')",
                                                          ".add(days=",
                                                          " | int",
                                                          " | start_of('month')",
                                                          "macros.ds_add(ds, "});
  std::string text;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(sign))
    text += piece;
  CheckAgrees(text);
}

}  // namespace
}  // namespace tmpl
