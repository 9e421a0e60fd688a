#include "engine/secrets.h"

#include <gtest/gtest.h>

#include "secrets/book.h"

namespace engine {
namespace {

using model::RecordKind;

bool Anywhere(std::string_view) {
  return true;
}

class Secrets : public ::testing::Test {
 protected:
  Secrets() : book_(secrets::Book::Environment{{"AIRFLOW_VAR_OWN", "mine"}}) {
    base::SealKey key;
    key.fill(7);
    book_.SetKeyring(std::make_shared<const secrets::Keyring>(std::vector{key}, ""));
    state_.book = &book_;
    Put(RecordKind::kVariable, "plain", secrets::ToDocument(secrets::Variable{"", "v", {}}));
    Put(RecordKind::kVariable, "a_token", secrets::ToDocument(secrets::Variable{"", "tok", {}}));
    Put(RecordKind::kVariable,
        "doc",
        secrets::ToDocument(
            secrets::Variable{"", R"({"user": "u", "password": "pw", "list": [1]})", {}}));
    Put(RecordKind::kConnection,
        "db",
        secrets::ToDocument(
            secrets::ReadConnection("db", "postgres://me:pa%27ss@h:5432/s?role=r&n=1").value()));
    Put(RecordKind::kConnection, "bare", R"({"conn_type": "http"})");
  }

  void Put(RecordKind kind, const std::string& name, const std::string& document) {
    model::RecordRow row{.id = {kind, name}};
    row.body = book_.keyring()->Seal(row.id, document).value();
    state_.records[row.id] = row;
  }
  base::Result<json::value> Rendered(std::string_view text) const {
    tmpl::Context context;
    AddSecrets(state_, text, context);
    return tmpl::RenderJson(json::value(text), context, &Anywhere);
  }
  json::value Render(std::string_view text) const {
    const auto value = Rendered(text);
    EXPECT_TRUE(value) << (value ? "" : value.error().message);
    return value.value_or(json::value());
  }
  json::value Fill(std::string_view text) const {
    const auto open = [this](const tmpl::SecretPath& path) { return OpenSecret(state_, path); };
    return tmpl::FillSecrets(Render(text), &Anywhere, open).value();
  }

  secrets::Book book_;
  State state_;
};

TEST_F(Secrets, AnOpenValueIsRendered) {
  EXPECT_EQ(Render("{{ var.value.plain }}"), "v");
  EXPECT_EQ(Render("{{ var.value.own }}"), "mine");
  EXPECT_EQ(Render("{{ conn.db.login }}@{{ conn.db.host }}:{{ conn.db.port + 1 }}"), "me@h:5433");
  EXPECT_EQ(Render("{{ conn.db.conn_type }}/{{ conn.db.schema }}"), "postgres/s");
  EXPECT_EQ(Render("{{ conn.bare.password }}"), json::value());
  EXPECT_EQ(Render("{{ var.json.doc.user }}"), "u");
  EXPECT_EQ(Render("{{ var.json.doc.list[0] }}"), 1);
  EXPECT_EQ(Render("{{ var.value.get('none', 'd') }}"), "d");
}

TEST_F(Secrets, ASecretIsAMarkThatOpensWhereItIsSent) {
  EXPECT_EQ(Render("{{ conn.db.password }}"), "***secret:conn/db/password***");
  EXPECT_EQ(Fill("p={{ conn.db.password }}"), "p=pa'ss");
  EXPECT_EQ(Fill("{{ conn.db.extra_dejson.role }}{{ conn.db.extra_dejson.n }}"), "r1");
  EXPECT_EQ(Fill("{{ conn.db.extra }}"), R"({"role":"r","n":"1"})");
  EXPECT_EQ(Fill("{{ var.value.a_token }}"), "tok");
  EXPECT_EQ(Fill("{{ var.json.doc.password }}"), "pw");
  EXPECT_EQ(Render("{{ var.value.doc }}"), "***secret:var/doc***");
  EXPECT_FALSE(Rendered("{{ var.json.doc.password | replace('p', 'q') }}"));
}

TEST_F(Secrets, WhatIsMissingSaysHowToMakeIt) {
  EXPECT_NE(Rendered("{{ var.value.x }}")
                .error()
                .message.find("there is no variable 'x': `signalbox variables set x VALUE`"),
            std::string::npos);
  EXPECT_NE(Rendered("{{ conn.x.host }}").error().message.find("there is no connection 'x'"),
            std::string::npos);
  EXPECT_FALSE(Rendered("{{ var.json.plain.x }}"));
  EXPECT_FALSE(Rendered("{{ conn.db.extra_dejson.none }}"));
  EXPECT_FALSE(OpenSecret(state_, {"conn", "x", "password"}));
  EXPECT_FALSE(OpenSecret(state_, {}));
}

TEST_F(Secrets, AWrongKeyIsAnErrorOfItsUse) {
  base::SealKey other;
  other.fill(8);
  book_.SetKeyring(std::make_shared<const secrets::Keyring>(std::vector{other}, ""));
  EXPECT_NE(Rendered("{{ var.value.plain }}").error().message.find("sealed with another key"),
            std::string::npos);
  EXPECT_EQ(Render("{{ var.value.own }}"), "mine");
  state_.book = nullptr;
  EXPECT_FALSE(Rendered("{{ var.value.plain }}"));
}

}  // namespace
}  // namespace engine
