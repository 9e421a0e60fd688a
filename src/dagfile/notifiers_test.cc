// `notifiers` of signalbox.yaml: each key's meaning, and each mistake's place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using notify::Notifier;
using notify::NotifierType;

Loaded LoadNotifiers(const std::string& lines) {
  return Load({{"signalbox.yaml", base::Cat("deployment: demo\nnotifiers:\n", lines)}});
}

std::string Errors(const std::string& lines) {
  return Text(LoadNotifiers(lines).errors);
}

TEST(Notifiers, HaveTheKeysOfTheirType) {
  const Loaded loaded = LoadNotifiers(
      "  chat: {type: slack, url: 'env:SLACK_URL'}\n"
      "  hook: {type: webhook, url: 'https://hooks.example/x?y=1', secret: 'file:secrets/hook',\n"
      "    timeout: 5s, max_per_minute: 3, give_up_after: 1h, allow_private: true, ca_file: "
      "ca.pem}\n"
      "  mail: {type: smtp, host: smtp.example, user: me, password: 'conn:mail',\n"
      "    from: Signalbox <sb@x.example>, to: [a@x.example, Bea <b@x.example>]}\n"
      "  relay: {type: smtp, host: relay, tls: none, from: sb@x.example, to: a@x.example}\n"
      "  old: {type: smtp, host: h, tls: implicit, from: sb@x.example}\n"
      "  topic: {type: sns, topic_arn: 'arn:aws:sns:eu-west-1:123456789012:a.fifo', endpoint: "
      "'http://h:1'}\n"
      "  oncall: {type: pagerduty, routing_key: 'env:KEY'}\n");
  ASSERT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
  const std::vector<Notifier>& found = loaded.project->notifiers;
  ASSERT_EQ(found.size(), 7U);
  EXPECT_EQ(
      found[0],
      (Notifier{.name = "chat", .type = NotifierType::kSlack, .url_secret = {"env:SLACK_URL"}}));
  EXPECT_EQ(found[1],
            (Notifier{.name = "hook",
                      .type = NotifierType::kWebhook,
                      .url = "https://hooks.example/x?y=1",
                      .secret = {"file:secrets/hook"},
                      .ca_file = "ca.pem",
                      .allow_private = true,
                      .timeout = base::seconds(5),
                      .max_per_minute = 3,
                      .give_up_after = base::hours(1)}));
  EXPECT_EQ(found[2],
            (Notifier{.name = "mail",
                      .type = NotifierType::kSmtp,
                      .secret = {"conn:mail"},
                      .host = "smtp.example",
                      .port = 587,
                      .user = "me",
                      .from = "Signalbox <sb@x.example>",
                      .to = {"a@x.example", "Bea <b@x.example>"}}));
  EXPECT_EQ(found[3].port, 25);
  EXPECT_EQ(found[3].to, std::vector<std::string>{"a@x.example"});
  EXPECT_EQ(found[4].port, 465);
  EXPECT_EQ(found[5].region, "eu-west-1");
  EXPECT_EQ(found[6].secret.text, "env:KEY");
}

TEST(Notifiers, TellEachMistakeAtItsPlace) {
  EXPECT_EQ(
      Errors("  a: {type: slak, url: 'env:A'}\n"),
      "signalbox.yaml:3:13: 'type': expected one of slack, webhook, smtp, sns, pagerduty, found "
      "'slak'; did you mean 'slack'?\n");
  EXPECT_EQ(
      Errors("  a: {type: webhook, url: 'https://h/', secrt: 'env:A'}\n"),
      "signalbox.yaml:3:41: unknown key 'secrt' in the notifier 'a'; did you mean 'secret'?\n");
  EXPECT_EQ(Errors("  a: {type: slack}\n"),
            "signalbox.yaml:3:6: a notifier of type slack needs the key 'url'\n");
  EXPECT_EQ(Errors("  a: {type: pagerduty}\n"),
            "signalbox.yaml:3:6: a notifier of type pagerduty needs the key 'routing_key'\n");
  EXPECT_EQ(Errors("  a: {type: webhook, url: 'ftp://h/'}\n"),
            "signalbox.yaml:3:27: 'url' is no URL such as https://host/path\n");
  EXPECT_EQ(
      Errors("  a: {type: webhook, url: 'https://u:p@h/'}\n"),
      "signalbox.yaml:3:27: 'url' has a user or a password, which do not belong into a URL\n");
  EXPECT_EQ(Errors("  a: {type: smtp, host: h, tls: ssl, from: nobody, to: [x]}\n"),
            "signalbox.yaml:3:33: 'tls' is 'ssl'; expected one of starttls, implicit, none\n"
            "signalbox.yaml:3:44: 'from' is no address such as signalbox@example.com or Signalbox "
            "<a@example.com>\n"
            "signalbox.yaml:3:56: 'to' has 'x', which is no address such as ops@example.com\n");
  EXPECT_EQ(
      Errors("  a: {type: smtp, host: h, tls: none, from: a@b, user: u, password: 'env:P'}\n"),
      "signalbox.yaml:3:33: 'tls' is none, so the password would go in the clear: give "
      "starttls or implicit\n");
  EXPECT_EQ(Errors("  a: {type: smtp, host: h, from: a@b, user: u}\n"),
            "signalbox.yaml:3:45: 'user' needs 'password' beside it\n");
  EXPECT_EQ(Errors("  a: {type: sns, topic_arn: alerts}\n"),
            "signalbox.yaml:3:29: 'topic_arn' is no ARN such as "
            "arn:aws:sns:eu-west-1:123456789012:alerts\n");
  EXPECT_EQ(Errors("  a: {type: sns, topic_arn: 'arn:aws:sns:eu-west-1:1:t', region: us-east-1}\n"),
            "signalbox.yaml:3:66: 'region' is 'us-east-1', and the topic is in eu-west-1\n");
  EXPECT_EQ(Errors("  a: {type: webhook, url: 'https://h/', timeout: 1h, max_per_minute: 0}\n"),
            "signalbox.yaml:3:50: 'timeout' must be from 1s to 2m\n"
            "signalbox.yaml:3:70: 'max_per_minute' must be from 1 to 600, found 0\n");
  EXPECT_EQ(Errors("  a b: {type: webhook, url: 'https://h/'}\n"),
            "signalbox.yaml:3:8: a notifier's name has 1 to 64 letters, digits, '-' and '_', found "
            "'a b'\n");
  EXPECT_EQ(Errors("  a: x\n"),
            "signalbox.yaml:3:6: the notifier 'a': expected a map, found the text 'x'\n");
}

TEST(Notifiers, ASecretThatIsWrittenOutIsAnErrorThatDoesNotRepeatIt) {
  for (const char* lines :
       {"  a: {type: webhook, url: 'https://h/', secret: hush-hush}\n",
        "  a: {type: pagerduty, routing_key: hush-hush}\n",
        "  a: {type: smtp, host: h, from: a@b, user: u, password: hush-hush}\n"}) {
    const std::string errors = Errors(lines);
    EXPECT_THAT(errors, testing::HasSubstr("says where the secret is: env:NAME"));
    EXPECT_THAT(errors, testing::Not(testing::HasSubstr("hush")));
  }
}

TEST(Notifiers, AUrlOfSlackThatIsWrittenOutIsAWarning) {
  const Loaded loaded =
      LoadNotifiers("  a: {type: slack, url: 'https://hooks.slack.com/services/T/B/hush'}\n");
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_THAT(Text(loaded.warnings),
              testing::HasSubstr("signalbox.yaml:3:25: anyone who reads the URL"));
  EXPECT_THAT(Text(loaded.warnings), testing::Not(testing::HasSubstr("hush")));
}

TEST(Notifiers, AVariableOverridesOne) {
  const Loaded loaded =
      Load({{"signalbox.yaml", "deployment: demo\nnotifiers: {a: {type: slack, url: 'env:A'}}\n"}},
           {{"SIGNALBOX__NOTIFIERS__A", "{type: webhook, url: 'https://h/'}"}});
  ASSERT_EQ(Text(loaded.errors), "");
  ASSERT_EQ(loaded.project->notifiers.size(), 1U);
  EXPECT_EQ(loaded.project->notifiers[0].type, NotifierType::kWebhook);
}

}  // namespace
}  // namespace dagfile
