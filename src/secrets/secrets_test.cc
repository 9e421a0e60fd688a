#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.h"
#include "base/mask.h"
#include "base/safe_text.h"
#include "secrets/book.h"
#include "secrets/redact.h"

namespace secrets {
namespace {

using model::RecordKind;

base::SealKey KeyOf(char c) {
  base::SealKey key;
  key.fill(static_cast<uint8_t>(c));
  return key;
}

Connection Read(std::string_view text) {
  auto connection = ReadConnection("db", text);
  EXPECT_TRUE(connection) << (connection ? "" : connection.error().message);
  return connection.value_or(Connection());
}

model::RecordRow RowOf(const Keyring& ring, RecordKind kind, std::string name, std::string text) {
  model::RecordRow row{.id = {kind, std::move(name)}};
  row.body = ring.Seal(row.id, text).value();
  return row;
}

TEST(SecretNames, AreAirflows) {
  EXPECT_TRUE(base::IsSecretName("db_PASSWORD"));
  EXPECT_TRUE(base::IsSecretName("slack_token"));
  EXPECT_FALSE(base::IsSecretName("bucket"));
}

// What Airflow's Connection.from_uri makes of the same texts.
TEST(ConnectionUri, IsReadAsAirflowReadsIt) {
  const Connection all =
      Read("postgres://user:p%40ss%2Fw%3A@db.example:5432/sales?sslmode=require&x=a+b");
  EXPECT_EQ(all.type, "postgres");
  EXPECT_EQ(all.login, "user");
  EXPECT_EQ(all.password, "p@ss/w:");
  EXPECT_EQ(all.host, "db.example");
  EXPECT_EQ(all.port, 5432);
  EXPECT_EQ(all.schema, "sales");
  EXPECT_EQ(all.extra, R"({"sslmode":"require","x":"a b"})");
  EXPECT_EQ(Read("google-cloud-platform://").type, "google_cloud_platform");
  EXPECT_EQ(Read("postgresql://h").type, "postgres");
  EXPECT_EQ(Read("http://https://host.example:443/path").host, "https://host.example");
  EXPECT_EQ(Read("aws://?__extra__=%7B%22region%22%3A%20%22eu%22%7D").extra, R"({"region": "eu"})");
  EXPECT_EQ(Read("mysql://:secret@h").password, "secret");
  EXPECT_EQ(Read("mysql://:secret@h").login, std::nullopt);
  EXPECT_EQ(Read("http://[::1]:80").host, "::1");
  EXPECT_EQ(Read("x://Db.Example/?a=&b").extra, R"({"a":"","b":""})");
  EXPECT_EQ(Read("x://Db.Example/?a=&b").host, "db.example");
  EXPECT_EQ(Read("x://%2FVar%2Frun").host, "/Var/run");
  EXPECT_FALSE(ReadConnection("db", "http://me:pass@https://host"));
  EXPECT_FALSE(ReadConnection("db", "no uri"));
  EXPECT_FALSE(ReadConnection("db", "x://host:many"));
}

TEST(ConnectionJson, HasAirflowsMembers) {
  const Connection read = Read(
      R"({"conn_type": "aws", "login": "k", "password": "s", "port": "1", "extra": {"a": 1}})");
  EXPECT_EQ(read.type, "aws");
  EXPECT_EQ(read.port, 1);
  EXPECT_EQ(read.extra, R"({"a":1})");
  EXPECT_FALSE(ReadConnection("db", R"({"conn_type": "aws", "colour": "red"})"));
  EXPECT_FALSE(ReadConnection("db", "{"));
}

TEST(Documents, ComeBackAsTheyWere) {
  const Variable variable{"x", "{\"a\": 1}", "what it is"};
  EXPECT_EQ(ParseVariable("x", ToDocument(variable)).value(), variable);
  const Connection connection = Read("postgres://u:p@h:1/s?a=b");
  EXPECT_EQ(ParseConnection("db", ToDocument(connection)).value(), connection);
  EXPECT_EQ(ParseVariable("x", "[]").error().code, base::ErrorCode::kCorrupt);
  EXPECT_EQ(ParseConnection("db", "7").error().code, base::ErrorCode::kCorrupt);
}

TEST(Check, RefusesWhatHasNoName) {
  EXPECT_FALSE(Check(Variable{"", "v", {}}));
  EXPECT_FALSE(Check(Variable{std::string(251, 'x'), "v", {}}));
  EXPECT_FALSE(Check(Variable{"a/b", "v", {}}));
  EXPECT_FALSE(Check(Variable{"..", "v", {}}));
  EXPECT_TRUE(Check(Variable{"é b.c", "v", {}}));
  EXPECT_FALSE(Check(Connection{.id = "a b", .type = "x"}));
  EXPECT_FALSE(Check(Connection{.id = "a", .type = ""}));
  EXPECT_FALSE(Check(Connection{.id = "a", .type = "x", .extra = "[1]"}));
  EXPECT_TRUE(Check(Connection{.id = "a.b-c_1", .type = "x", .extra = "{}"}));
}

TEST(KeyringTest, OpensWithEachOfItsKeysAndUnderTheRightName) {
  const Keyring old({KeyOf('a')}, "");
  const Keyring both({KeyOf('b'), KeyOf('a')}, "");
  const Keyring fresh({KeyOf('b')}, "");
  model::RecordRow row = RowOf(old, RecordKind::kVariable, "x", "value");
  EXPECT_EQ(row.body.find("value"), std::string::npos);
  EXPECT_EQ(both.Open(row).value(), "value");
  EXPECT_EQ(fresh.Open(row).error().code, base::ErrorCode::kCorrupt);
  EXPECT_TRUE(fresh.Open(RowOf(both, RecordKind::kVariable, "x", "value")));
  row.id.name = "y";
  EXPECT_FALSE(both.Open(row));
  const Keyring none({}, "there is no key");
  EXPECT_EQ(none.Open(row).error().message, "the variable 'y' cannot be read: there is no key");
  EXPECT_EQ(none.Seal(row.id, "v").error().code, base::ErrorCode::kUnavailable);
}

TEST(Redacted, HidesWhatAirflowHides) {
  EXPECT_EQ(Redact("bucket", "s3://x"), "s3://x");
  EXPECT_EQ(Redact("my_token", "abc"), "***");
  EXPECT_EQ(Redact("my_token", "1234"), "***");
  EXPECT_EQ(Redact("my_token", R"({"a": ["b", 1], "n": null})"), R"({"a":["***","***"],"n":null})");
  EXPECT_EQ(Redact("db", R"({"user": "u", "password": "p"})"), R"({"user":"u","password":"***"})");
  EXPECT_EQ(Redact("db", R"({"user":  "u"})"), R"({"user":  "u"})");
  EXPECT_TRUE(HoldsSecret("db", R"({"a": {"api_key": 1}})"));
  EXPECT_FALSE(HoldsSecret("db", R"({"a": {"key": 1}})"));
}

TEST(Unredacted, TakesTheMaskForWhatWasThere) {
  EXPECT_EQ(Unredact("my_token", "***", "abc"), "abc");
  EXPECT_EQ(Unredact("my_token", "new", "abc"), "new");
  EXPECT_EQ(Unredact("bucket", "***", "abc"), "***");
  EXPECT_EQ(Unredact("extra", R"({"password":"***","a":2})", R"({"password":"p","a":1})"),
            R"({"password":"p","a":2})");
}

TEST(BookTest, TakesTheEnvironmentFirst) {
  Book book(Book::Environment{{"AIRFLOW_VAR_TARGET", "here"},
                              {"AIRFLOW_CONN_DB", "postgres://u:p@h"},
                              {"AIRFLOW_CONN_ODD", "no uri"},
                              {"PATH", "/bin"}});
  auto ring = std::make_shared<const Keyring>(std::vector{KeyOf('a')}, "");
  book.SetKeyring(ring);
  const auto row =
      RowOf(*ring, RecordKind::kVariable, "target", ToDocument(Variable{"target", "there", {}}));
  EXPECT_EQ(book.FindVariable("target", &row)->value, "here");
  EXPECT_EQ(Book().FindVariable("target", &row).error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(book.FindConnection("db", nullptr)->password, "p");
  EXPECT_EQ(book.FindVariable("x", nullptr).error().message,
            "there is no variable 'x': `signalbox variables set x VALUE`");
  EXPECT_NE(book.FindConnection("odd", nullptr).error().message.find("AIRFLOW_CONN_ODD"),
            std::string::npos);
  EXPECT_EQ(book.VariablesOfEnvironment().size(), 1U);
  EXPECT_EQ(book.ConnectionsOfEnvironment().size(), 1U);
}

TEST(SecretAt, IsFoundByItsPath) {
  const Connection db =
      Read(R"({"conn_type":"x","password":"p","extra":{"a":{"b":7},"token":"t"}})");
  EXPECT_EQ(SecretOf(db, {"password"}).value(), "p");
  EXPECT_EQ(SecretOf(db, {"extra", "a", "b"}).value(), "7");
  EXPECT_EQ(SecretOf(db, {"extra"}).value(), *db.extra);
  EXPECT_FALSE(SecretOf(db, {"extra", "c"}));
  EXPECT_FALSE(SecretOf(db, {"host"}));
  const Variable variable{"v", R"({"password":"q","a":"b"})", {}};
  EXPECT_EQ(SecretOf(variable, {"password"}).value(), "q");
  EXPECT_EQ(SecretsIn(db), (std::vector<std::string>{"p", "t"}));
  EXPECT_EQ(SecretsIn(variable), (std::vector<std::string>{"q"}));
  EXPECT_EQ(SecretsIn(Variable{"my_token", "z", {}}), (std::vector<std::string>{"z"}));
  EXPECT_TRUE(SecretsIn(Variable{"plain", "z", {}}).empty());
}

// What is read comes back from its document; anything else is refused.
void CheckRead(const std::string& text) {
  const auto read = ReadConnection("db", text);
  if (!read)
    RC_ASSERT(read.error().code == base::ErrorCode::kInvalidArgument);
  else if (base::IsUtf8(text))
    RC_ASSERT(ParseConnection("db", ToDocument(*read)).has_value());
}

RC_GTEST_PROP(ConnectionProperty, AnswersForAnyText, (const std::string& text)) {
  CheckRead(text);
}

RC_GTEST_PROP(ConnectionProperty, AnswersForAnyMixOfItsOwnSigns, ()) {
  const auto sign = rc::gen::elementOf(std::vector<std::string>{
      "://", ":", "@", "/", "?", "&", "=", "%", "%41", "__extra__", "[", "]", "+", "a", "1", "{"});
  std::string text;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(sign))
    text += part;
  CheckRead(text);
}

RC_GTEST_PROP(RedactedProperty, HidesASecretWhateverItIs, (const std::string& value)) {
  RC_PRE(value.size() > 3);
  const std::string shown = Redact("a_password", value);
  const auto parsed = base::ParseJson(value);
  RC_ASSERT(shown == base::kMask || (parsed && parsed->is_structured()));
}

TEST(Secrets, WhatIsSentBackInAListStandsForWhatItWas) {
  const std::string before = R"({"hosts":[{"password":"x"},{"password":["a","b"]}]})";
  const std::string shown = Redact("extra", before);
  EXPECT_EQ(shown.find("\"x\""), std::string::npos) << shown;
  EXPECT_EQ(Unredact("extra", shown, before), before);
}

TEST(Secrets, ASecretThatBeginsLikeAnotherIsMaskedWhole) {
  EXPECT_EQ(Masked("a hunter2-prod b hunter2", {"hunter2", "hunter2-prod"}), "a *** b ***");
}

}  // namespace
}  // namespace secrets
