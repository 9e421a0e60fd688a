#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>

#include "base/text.h"
#include "yaml/yaml.h"

namespace yaml {
namespace {

using base::Cat;

std::string Errors(std::string_view text) {
  std::string out;
  for (const Diagnostic& diagnostic : Parse("a.yaml", text).diagnostics)
    out += diagnostic.ToString() + "\n";
  return out;
}

// The text as JSON; its errors where it has any.
std::string Json(std::string_view text) {
  Parsed parsed = Parse("a.yaml", text);
  if (!parsed.diagnostics.empty())
    return Errors(text);
  return json::serialize(ToJson(*parsed.root));
}

TEST(Yaml, TypesPlainScalarsByTheCoreSchema) {
  struct {
    const char* text;
    const char* json;
  } table[] = {
      {"true", "true"},
      {"False", "false"},
      {"TRUE", "true"},
      {"no", R"("no")"},
      {"yes", R"("yes")"},
      {"on", R"("on")"},
      {"off", R"("off")"},
      {"y", R"("y")"},
      {"N", R"("N")"},
      {"", "null"},
      {"~", "null"},
      {"null", "null"},
      {"Null", "null"},
      {"nULL", R"("nULL")"},
      {"12", "12"},
      {"-12", "-12"},
      {"+12", "12"},
      {"0", "0"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"0o18", R"("0o18")"},
      {"007", R"("007")"},
      {"-012", R"("-012")"},
      {"1_000", R"("1_000")"},
      {"1.10", "1.1E0"},
      {".5", "5E-1"},
      {"1.", "1E0"},
      {"1e3", "1E3"},
      {"-2.5e-1", "-2.5E-1"},
      {"1e", R"("1e")"},
      {".", R"(".")"},
      {"-", "[null]"},
      {"1.2.3", R"("1.2.3")"},
      {"'1'", R"("1")"},
      {"\"true\"", R"("true")"},
      {"'~'", R"("~")"},
      {"!!str 5", R"("5")"},
      {"2026-01-05", R"("2026-01-05")"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"s3://b/k#x", R"("s3://b/k#x")"},
      {"a #comment", R"("a")"},
      {"|\n  12\n", "\"12\\n\""},
      {"12:30", R"("12:30")"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Json(row.text), row.json) << row.text;
}

TEST(Yaml, KeepsTheTextOfANumberAsWritten) {
  Parsed parsed = Parse("a.yaml", "[1.10, 0x1f, +3, 'q']");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->items()[0].raw(), "1.10");
  EXPECT_EQ(parsed.root->items()[1].raw(), "0x1f");
  EXPECT_EQ(parsed.root->items()[2].raw(), "+3");
  EXPECT_TRUE(parsed.root->items()[3].quoted());
  EXPECT_FALSE(parsed.root->items()[0].quoted());
}

TEST(Yaml, RefusesNumbersThat64BitsCannotHold) {
  for (const char* text : {"9223372036854775808",
                           "-9223372036854775809",
                           "0xFFFFFFFFFFFFFFFFF",
                           "1e999",
                           ".inf",
                           "-.Inf",
                           ".nan",
                           "1234e5678"})
    EXPECT_EQ(Errors(Cat("k: ", text)),
              Cat("a.yaml:1:4: '",
                  text,
                  "' is a number that 64 bits cannot hold; if it is a text, put it in quotes\n"));
}

TEST(Yaml, KeepsTheOrderAndThePlaceOfEveryMember) {
  Parsed parsed = Parse("a.yaml", "b: 1\na:\n  - x\n  - {k: v}\n");
  ASSERT_TRUE(parsed.diagnostics.empty());
  const auto& members = parsed.root->members();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].key, "b");
  EXPECT_EQ(members[1].key_mark, (Mark{2, 1}));
  const Node& map = members[1].value.items()[1];
  EXPECT_EQ(map.mark(), (Mark{4, 5}));
  EXPECT_EQ(map.Find("k")->mark(), (Mark{4, 9}));
  EXPECT_EQ(map.Find("x"), nullptr);
}

TEST(Yaml, DuplicateKeysAreErrorsAndDoNotHideOtherErrors) {
  EXPECT_EQ(Errors("a: 1\nb: 2\na: 3\nc: {x: 1, 'x': 2}\n"),
            "a.yaml:3:1: the key 'a' is there twice; first at line 1 column 1\n"
            "a.yaml:4:11: the key 'x' is there twice; first at line 4 column 5\n");
  EXPECT_TRUE(Parse("a.yaml", "a: 1\na: 2\n").root);
  EXPECT_EQ(Errors("1: a\n'1': b\n"),
            "a.yaml:2:1: the key '1' is there twice; first at line 1 column 1\n");
}

TEST(Yaml, MergeKeysAreAppliedAndOwnKeysWin) {
  const char* base = "base: &b {retries: 3, delay: 1m}\n";
  EXPECT_EQ(Json(Cat(base, "task: {delay: 5m, <<: *b}\n")),
            R"({"base":{"retries":3,"delay":"1m"},"task":{"delay":"5m","retries":3}})");
  EXPECT_EQ(Json("- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n  z: 3\n"),
            R"([{"x":1},{"x":2,"y":2},{"z":3,"x":1,"y":2}])");
  EXPECT_EQ(Json("- &a {x: 1}\n- &b {<<: *a, y: 2}\n- {<<: *b}\n"),
            R"([{"x":1},{"y":2,"x":1},{"y":2,"x":1}])");
  EXPECT_EQ(Json("'<<': 1"), R"({"<<":1})");
  EXPECT_EQ(
      Errors("<<: 5\na: 1\n"),
      "a.yaml:1:5: '<<' takes a map (or a list of maps), usually an alias such as *defaults\n");
  EXPECT_EQ(Errors("- &a {x: 1}\n- {<<: *a, <<: *a}\n"),
            "a.yaml:2:12: the key '<<' is there twice; first at line 2 column 4\n");
}

TEST(Yaml, AnchorsAreSharedAndKnowTheirOwnPlace) {
  Parsed parsed = Parse("a.yaml", "a: &x [1, 2]\nb: *x\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->Find("b")->mark().line, 1);
  EXPECT_EQ(Json("a: &x 1\nb: &x 2\nc: *x"), R"({"a":1,"b":2,"c":2})");
}

TEST(Yaml, EscapesOfQuotedTextsGiveUtf8) {
  EXPECT_EQ(Json(R"(["x\N\_y", "\L\P", "é\_\x85ö", "\u00e9\U0001F600"])"),
            "[\"x\u0085\u00a0y\",\"\u2028\u2029\",\"é\u00a0\u0085ö\",\"é\U0001F600\"]");
  EXPECT_EQ(Json(R"({"a\Nb": 1})"), "{\"a\u0085b\":1}");
}

TEST(Yaml, EveryTrapOfTheScannerIsAnErrorInWords) {
  struct {
    const char* text;
    const char* error;
  } table[] = {
      {"a: \"open\n", "1:4: the text that begins here has no closing \""},
      {"a: 'open\n", "1:4: the text that begins here has no closing '"},
      {"a: &x \"open\n", "1:4: the text that begins here has no closing \""},
      {"a: 'it''s", "1:10: a text in quotes is not closed before this"},
      {"a: \"x\\\"", "1:8: a text in quotes is not closed before this"},
      {"a:\n\t- 1\n", "2:1: a tab stands in the indentation; use spaces"},
      {"a: 1\n b: 2\n",
       "2:3: this ':' does not fit: check the indentation, that the line above has its own ':', "
       "and put a text that contains ': ' in quotes"},
      {"a: b: c\n",
       "1:5: this ':' does not fit: check the indentation, that the line above has its own ':', "
       "and put a text that contains ': ' in quotes"},
      {"a: [1, 2\nb: 3\n", "2:2: the '[' at line 1 column 4 is not closed before this"},
      {"a: {x: 1\n", "2:1: the '{' at line 1 column 4 is not closed before this"},
      {"a: 1]\nb: [1]]\n", "2:7: this bracket closes nothing"},
      {"a: *nope\n",
       "1:4: this '*' names no anchor (&name) above; put a text that begins with '*' in quotes"},
      {"a: &x [*x]\n", "1:8: this alias stands inside the very value that it names"},
      {"a: @home\n", "1:4: a text cannot begin with this character; put it in quotes"},
      {"a: %d\n", "1:4: a text cannot begin with this character; put it in quotes"},
      {"a: \"\\q\"\n",
       "1:7: this '\\' escape is unknown; write '\\\\' for a backslash, or use single quotes"},
      {"a: 1\n---\nb: 2\n", "2:1: a second document begins here; one file holds one document"},
      {"a: {{ ds }}\n", "1:5: a value that begins with '{{' must be in quotes: \"{{ name }}\""},
      {"[a]: 1\n", "1:1: a key must be a text, found a list"},
      {": 1\n", "1:1: this key is empty"},
      {"a: !!python/object:os.system x\n",
       "1:4: the tag '!!python/object:os.system' is not supported here; write the value alone"},
      {"a: !mine {b: 1}\n", "1:4: the tag '!mine' is not supported; write the value alone"},
      {"a: 1\nb\nc: 2\n",
       "3:2: this ':' does not fit: check the indentation, that the line above has its own ':', "
       "and put a text that contains ': ' in quotes"},
      {"a: 1\n- b\n",
       "2:1: this does not fit the map that begins at line 1 column 1: is the indentation right, "
       "and has each key its ':'?"},
      {"a:\n\tb: 1\n", "2:1: a tab stands in the indentation; use spaces"},
      {"a:\n  b: 1\n\tc: 1\n", "3:1: a tab stands in the indentation; use spaces"},
      {"a:\n  b: 1\n c: 1\n",
       "3:2: this does not fit the map that begins at line 1 column 1: is the indentation right, "
       "and has each key its ':'?"},
      {"- a\nb: 1\n", "2:1: this belongs to nothing above; check the indentation"},
      {"a: [training[*]]\n",
       "1:15: this '*' names no anchor (&name) above; put a text that begins with '*' in quotes"},
      {"a: \xff\n",
       "1:4: this byte is not text in UTF-8; is the file binary or in another encoding?"},
      {"a: x\x04y\n",
       "1:5: this byte is not text in UTF-8; is the file binary or in another encoding?"},
  };
  for (const auto& row : table)
    EXPECT_EQ(Errors(row.text), Cat("a.yaml:", row.error, "\n")) << row.text;
}

TEST(Yaml, AcceptsWhatIsUnusualButRight) {
  EXPECT_EQ(Json(""), "null");
  EXPECT_EQ(Json("# only a comment\n"), "null");
  EXPECT_EQ(Json("---\na: 1\n...\n"), R"({"a":1})");
  EXPECT_EQ(Json("%YAML 1.2\n---\na: 1\n"), R"({"a":1})");
  EXPECT_EQ(Json("\xEF\xBB\xBF"
                 "a: 1\r\nb: [x,\r\n y]\r\n"),
            R"({"a":1,"b":["x","y"]})");
  EXPECT_EQ(Json("a: 'it''s'\nb: \"x\\\"y\"\nc: \"multi\n  line\""),
            R"({"a":"it's","b":"x\"y","c":"multi line"})");
  EXPECT_EQ(Json("şehir: İzmir 😀\n"), R"({"şehir":"İzmir 😀"})");
  EXPECT_EQ(Json("a: &x\n  \"quoted\"\nb: !!str\n  'q'\n"), R"({"a":"quoted","b":"q"})");
}

TEST(Yaml, StopsAliasBombs) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += Cat("a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j)
      text += Cat(j > 0 ? ", *a" : "*a", i - 1);
    text += "]\n";
  }
  EXPECT_NE(Errors(text).find("has more than 200000 values (aliases written out)"),
            std::string::npos);
}

TEST(Yaml, StopsMergeBombs) {
  std::string text = "- &a0 {k: [x, x, x, x, x, x, x, x, x, x]}\n";
  for (int i = 1; i < 30; ++i)
    text += Cat("- &a", i, " {l", i, ": *a", i - 1, ", <<: *a", i - 1, "}\n");
  EXPECT_NE(Errors(text).find("has more than 200000 values"), std::string::npos);
}

TEST(Yaml, StopsDeepNestingAlsoThroughAliases) {
  EXPECT_NE(Errors(std::string(100'000, '[')).find("nested more than 64 deep"), std::string::npos);
  EXPECT_NE(Errors(std::string(100'000, '{')).find("a.yaml:"), std::string::npos);
  std::string text = "- &a0 x\n";
  for (int i = 1; i < 80; ++i)
    text += Cat("- &a", i, " [*a", i - 1, "]\n");
  EXPECT_NE(Errors(text).find("nested more than 64 deep"), std::string::npos);
  EXPECT_EQ(Errors(std::string(64, '[') + std::string(64, ']')).find("deep"), std::string::npos);
}

TEST(Yaml, RefusesHugeFiles) {
  EXPECT_EQ(Errors(std::string(kMaxBytes + 1, ' ')), "a.yaml:1:1: the file is larger than 8 MiB\n");
}

// Whatever the bytes: no crash, no exception, and either a root or a diagnostic.
void CheckAnswers(const std::string& text) {
  Parsed parsed = Parse("a.yaml", text);
  RC_ASSERT(parsed.root.has_value() || !parsed.diagnostics.empty());
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    RC_ASSERT(diagnostic.mark.line >= 1);
    RC_ASSERT(diagnostic.mark.column >= 1);
    RC_ASSERT(!diagnostic.message.empty());
  }
  if (parsed.root)
    ToJson(*parsed.root);
}

RC_GTEST_PROP(YamlProperty, AnswersForAnyBytes, (const std::string& text)) {
  CheckAnswers(text);
}

RC_GTEST_PROP(YamlProperty, AnswersForAnyMixOfItsOwnSigns, ()) {
  auto sign = rc::gen::elementOf(std::vector<std::string>{
      "a",  "b",   ":",   ": ",  "- ", "-",  "\n", "\n  ", "\n\t",   " ",    "[", "]", "{", "}",
      ",",  "\"",  "'",   "&a ", "*a", "<<", "!",  "!!",   "!!str ", "|",    ">", "#", "%", "?",
      "? ", "---", "...", "1",   "0x", "~",  "\\", "@",    "`",      "\r\n", "é", "{{"});
  std::string text;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(sign))
    text += piece;
  CheckAnswers(text);
}

TEST(Parse, AliasesCannotRepeatALongTextForEver) {
  std::string text = "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [";
  for (int i = 0; i < 40; ++i)
    text += "*a, ";
  Parsed parsed = Parse("f", text + "]\n");
  ASSERT_FALSE(parsed.diagnostics.empty());
  EXPECT_EQ(parsed.diagnostics[0].message,
            "the file has more than 32 MiB of text, aliases written out");
}

}  // namespace
}  // namespace yaml
