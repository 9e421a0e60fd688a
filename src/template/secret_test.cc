#include <gtest/gtest.h>

#include "template/expression.h"
#include "template/template.h"

namespace tmpl {
namespace {

LookedMap MapOf(std::map<std::string, Looked, std::less<>> members) {
  return std::make_shared<const std::map<std::string, Looked, std::less<>>>(std::move(members));
}

class Secrecy : public ::testing::Test {
 protected:
  Secrecy() {
    context_.values = {{"params",
                        {{"id", "db"},
                         {"forged", "***secret:conn/db/password***"},
                         {"half", "***sec"},
                         {"list", {"***secret:x***"}}}}};
    context_.lookups["conn"] = [](std::string_view id) -> base::Result<Looked> {
      if (id == "broken")
        return base::Fail(base::ErrorCode::kCorrupt, "it does not open");
      if (id != "db")
        return base::Fail(base::ErrorCode::kNotFound, "there is no connection");
      return MapOf({{"host", json::value("h")},
                    {"password", Secret{{"conn", "db", "password"}}},
                    {"extra", Secret{{"conn", "db", "extra"}, true}}});
    };
    context_.lookups["var.value"] = [](std::string_view name) -> base::Result<Looked> {
      if (name != "x")
        return base::Fail(base::ErrorCode::kNotFound, "there is no variable");
      return json::value("seven");
    };
  }

  std::string Error(std::string_view text, Secrets secrets = Secrets::kTaken) const {
    const auto value = Template::Parse(text).value().Render(context_, secrets);
    EXPECT_FALSE(value) << text;
    return value ? "" : value.error().message;
  }
  json::value Render(std::string_view text, Secrets secrets = Secrets::kTaken) const {
    const auto value = Template::Parse(text).value().Render(context_, secrets);
    EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().message);
    return value.value_or(json::value());
  }
  std::string Holds(std::string_view text, std::string_view part) const {
    const std::string error = Error(text);
    return error.find(part) == std::string::npos ? error : "";
  }

  Context context_;
};

TEST_F(Secrecy, AMemberIsLookedUpWhenItIsUsed) {
  EXPECT_EQ(Render("{{ conn.db.host }}"), "h");
  EXPECT_EQ(Render("{{ conn[params.id]['host'] ~ '!' }}"), "h!");
  EXPECT_EQ(Render("{{ var.value.x }}"), "seven");
  EXPECT_EQ(Render("{{ var.value.get('x') }}{{ var.value.get('y', 'd') }}"), "sevend");
  EXPECT_EQ(Render("{{ var.value.y | default('d') }}"), "d");
  EXPECT_EQ(Render("{{ conn.other is defined }}"), false);
  EXPECT_EQ(Holds("{{ var.value.y }}", "there is no variable"), "");
  EXPECT_EQ(Holds("{{ conn.broken.host | default('d') }}", "it does not open"), "");
  EXPECT_EQ(Holds("{{ conn.db.hosts }}", "did you mean 'host'"), "");
  EXPECT_EQ(Holds("{{ var }}", "var.value.NAME"), "");
}

TEST_F(Secrecy, ASecretStandsInATextAsAMark) {
  EXPECT_EQ(Render("{{ conn.db.password }}"), "***secret:conn/db/password***");
  EXPECT_EQ(Render("u:{{ conn.db.password }}@{{ conn.db.host }}"),
            "u:***secret:conn/db/password***@h");
  EXPECT_EQ(Render("{{ conn.db.extra['a/b*'] }}"), "***secret:conn/db/extra/a%2Fb%2A***");
  EXPECT_EQ(Render("{{ conn.db.password if true else 'x' }}"), "***secret:conn/db/password***");
  EXPECT_EQ(Render("{{ conn.other.password | default(conn.db.password) }}"),
            "***secret:conn/db/password***");
}

TEST_F(Secrecy, NothingElseCanBeDoneWithASecret) {
  for (const char* text : {"{{ conn.db.password ~ 'x' }}",
                           "{{ conn.db.password | replace('a', 'b') }}",
                           "{{ conn.db.password[0] }}",
                           "{{ conn.db.password[0:1] }}",
                           "{{ conn.db.password == 'x' }}",
                           "{{ 'a' in conn.db.password }}",
                           "{{ 1 if conn.db.password else 2 }}",
                           "{{ [conn.db.password] }}",
                           "{{ conn.db.password or 'x' }}",
                           "{{ not conn.db.password }}",
                           "{{ conn.db.password is none }}",
                           "{{ conn.db.password | default('d', true) }}",
                           "{{ params[conn.db.password] }}",
                           "{{ conn.db.extra | tojson }}"})
    EXPECT_EQ(Holds(text, "secret"), "") << text;
  EXPECT_EQ(Holds("{{ conn.db }}", "name one of its members"), "");
  EXPECT_NE(Error("{{ conn.db.password }}", Secrets::kRefused).find("would be seen"),
            std::string::npos);
  EXPECT_FALSE(Expression::Parse("conn.db.password").value().Evaluate(context_));
  EXPECT_FALSE(Expression::Parse("conn.db.password == 'x'").value().Evaluate(context_));
}

TEST_F(Secrecy, AMarkFromElsewhereIsRefused) {
  for (const char* text : {"{{ params.forged }}",
                           "a {{ params.forged }}",
                           "***secret:conn/db/password***",
                           "{{ params.half }}ret:conn/db/password***",
                           "{{ conn.db.password }}secret:conn/db/password***",
                           "{{ params.list }}"})
    EXPECT_EQ(Holds(text, "only Signalbox may write"), "") << text;
}

TEST_F(Secrecy, ADocumentTakesSecretsAtItsPlacesAlone) {
  const SecretPlaces args = [](std::string_view path) { return path.starts_with("Args["); };
  const auto good =
      RenderJson({{"Args", {"--p={{ conn.db.password }}"}}, {"Name", "n"}}, context_, args);
  ASSERT_TRUE(good);
  const auto bad = RenderJson({{"Name", "{{ conn.db.password }}"}}, context_, args);
  EXPECT_TRUE(bad.error().message.starts_with("Name: ")) << bad.error().message;
  EXPECT_FALSE(RenderJson({{"Args", {"{{ conn.db.password }}"}}}, context_));

  std::vector<SecretPath> asked;
  const OpenSecret open = [&](const SecretPath& path) -> base::Result<std::string> {
    asked.push_back(path);
    return std::string("real");
  };
  json::object document = good->get_object();
  document["Name"] = "***secret:conn/db/password***";
  EXPECT_EQ(FillSecrets(document, args, open).value(),
            json::value({{"Args", {"--p=real"}}, {"Name", "***secret:conn/db/password***"}}));
  EXPECT_EQ(asked, (std::vector<SecretPath>{{"conn", "db", "password"}}));
  const OpenSecret refuse = [](const SecretPath&) -> base::Result<std::string> {
    return base::Fail(base::ErrorCode::kNotFound, "it is gone");
  };
  EXPECT_FALSE(FillSecrets(document, args, refuse));
}

TEST_F(Secrecy, MarksComeBackAsTheirPaths) {
  const SecretPath path{"conn", "a/b %*é", "extra", ""};
  SecretPath found;
  const json::value document(MarkOf(path));
  const auto filled = FillSecrets(
      document,
      [](std::string_view) { return true; },
      [&](const SecretPath& of) -> base::Result<std::string> {
        found = of;
        return std::string();
      });
  EXPECT_EQ(filled.value(), "");
  EXPECT_EQ(found, path);
}

TEST_F(Secrecy, ChecksFindMisuseBeforeAnythingIsRendered) {
  EXPECT_TRUE(Check("{{ conn.db.password }}", context_, Secrets::kTaken).empty());
  EXPECT_FALSE(Check("{{ conn.db.password }}", context_).empty());
  EXPECT_FALSE(CheckExpression("conn.db.password == 'x'", context_).empty());
}

}  // namespace
}  // namespace tmpl
