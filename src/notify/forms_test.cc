#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "notify/forms_pagerduty.h"
#include "notify/forms_slack.h"
#include "notify/forms_sns.h"
#include "notify/forms_webhook.h"
#include "notify/safe_message.h"

namespace notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Message Sample() {
  return {.id = "n1",
          .occasion = model::Occasion::kFailed,
          .about = "failed delphi r/train",
          .title = "delphi: train[3] failed",
          .text = "It gave up after 3 tries.",
          .facts = {{"DAG", "delphi"}, {"Run", "r <1> & so on"}},
          .error = "Traceback\nValueError: x < 1",
          .link = "https://signalbox.example/dags/delphi",
          .deployment = "prod",
          .at = *base::ParseTime("2026-01-05T00:00:00Z")};
}

std::string Text(const json::object& object, std::string_view path) {
  return base::GetString(object, path);
}

std::string Value(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name)
      return value;
  return "(none)";
}

size_t Characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TEST(SafeMessage, HidesSecretsAndBoundsEverything) {
  Message message = Sample();
  message.title = "a\nb \x1b[31m hush";
  message.text = std::string(100'000, 'x');
  message.error = "first line\n" + std::string(20'000, 'e') + "\nthe reason: hush";
  message.facts.assign(100, {"hush", "hush"});
  message.link = "javascript:alert(1)";
  const Message safe =
      SafeMessage(message, [](std::string text) { return base::ReplaceAll(text, "hush", "***"); });
  EXPECT_EQ(safe.title, "a b \\u001b[31m ***");
  EXPECT_LE(Characters(safe.text), 20'001U);
  EXPECT_THAT(safe.error, HasSubstr("the reason: ***"));
  EXPECT_THAT(safe.error, Not(HasSubstr("first line")));
  EXPECT_EQ(safe.facts.size(), 40U);
  EXPECT_EQ(safe.facts[0].second, "***");
  EXPECT_EQ(safe.link, "");
}

Message Bundle(size_t count) {
  Message bundle = Sample();
  bundle.title = "many messages together";
  bundle.text = bundle.error = "";
  bundle.facts.clear();
  for (size_t i = 0; i < count; ++i) {
    Message one = Sample();
    one.id = base::Cat("n", i);
    one.about = base::Cat("failed delphi r", i, "/train");
    one.title = base::Cat("<call Ada> for r", i, "!");
    one.text = base::Cat("because of ", std::string(400, 'x'));
    bundle.bundled.push_back(one);
  }
  return SafeMessage(std::move(bundle), [](std::string text) { return text; });
}

TEST(Bundles, NameEachOfTheirMessages) {
  const std::string text = PlainText(Bundle(100));
  EXPECT_LE(Characters(text), 20'100U);
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(text, HasSubstr(base::Cat("- <call Ada> for r", i, "!\n  because of x")));
  EXPECT_THAT(PlainText(Bundle(2)), HasSubstr(std::string(400, 'x') + "\n- <call"));
}

TEST(Slack, NamesEachMessageOfABundle) {
  const json::object form = SlackForm(Bundle(30));
  const std::string text = Text(form, "text");
  EXPECT_LE(Characters(text), 4'000U);
  const json::array& blocks = base::GetArray(form, "blocks");
  ASSERT_EQ(blocks.size(), 31U);
  size_t all = 0;
  for (size_t i = 0; i < 30; ++i) {
    const std::string block = Text(blocks[i + 1].get_object(), "text.text");
    EXPECT_TRUE(block.starts_with(base::Cat("*&lt;call Ada&gt; for r", i, "!*\nbecause of x")));
    EXPECT_THAT(text, HasSubstr(base::Cat("&lt;call Ada&gt; for r", i, "!")));
    all += Characters(block);
  }
  EXPECT_LE(all, 9'000U);
}

TEST(Webhook, HasEachMessageOfABundleAsItWouldHaveComeAlone) {
  const Message bundle = Bundle(3);
  const json::object form = WebhookForm(bundle);
  const json::array& messages = base::GetArray(form, "messages");
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[2], WebhookForm(bundle.bundled[2]));
  EXPECT_EQ(Text(messages[2].get_object(), "about"), "failed delphi r2/train");
  EXPECT_FALSE(WebhookForm(Sample()).contains("messages"));
}

TEST(Sns, OffersAllThatABundleIsAboutToFilters) {
  const Parameters form = SnsForm(Bundle(2), "arn:aws:sns:eu-west-1:1:t");
  EXPECT_EQ(Value(form, "MessageAttributes.entry.4.Name"), "about");
  EXPECT_EQ(Value(form, "MessageAttributes.entry.4.Value.DataType"), "String.Array");
  EXPECT_EQ(Value(form, "MessageAttributes.entry.4.Value.StringValue"),
            R"(["failed delphi r0/train","failed delphi r1/train"])");
}

TEST(Slack, EscapesWhatWouldMentionPeopleOrForgeLinks) {
  Message message = Sample();
  message.title = "<!channel> & <http://evil.example|here>";
  message.error = "``` <@U1>";
  const std::string body = base::Serialize(SlackForm(message));
  EXPECT_THAT(body, Not(HasSubstr("<!")));
  EXPECT_THAT(body, Not(HasSubstr("<http://evil")));
  EXPECT_THAT(body, Not(HasSubstr("<@")));
  EXPECT_THAT(body, HasSubstr("*<https://signalbox.example/dags/delphi|&lt;!channel&gt; &amp; "));
  EXPECT_THAT(body, HasSubstr("```''' &lt;@U1&gt;```"));
}

RC_GTEST_PROP(Slack, StaysWithinItsLimits, (const std::string& drawn)) {
  Message message = Sample();
  const std::string unit = base::ValidUtf8(drawn) + "<&>";
  std::string text;
  while (text.size() < 30'000)
    text += unit;
  message.title = message.text = message.error = text;
  message.facts.assign(20, {text, text});
  const json::object form = SlackForm(message);
  RC_ASSERT(Characters(Text(form, "text")) <= 4'000U);
  RC_ASSERT(base::GetArray(form, "blocks").size() <= 50U);
  size_t all = 0;
  for (const json::value& block : base::GetArray(form, "blocks")) {
    const json::object& object = block.get_object();
    const size_t size = Characters(Text(object, "text.text"));
    RC_ASSERT(size <= 3'000U);
    all += size;
    RC_ASSERT(base::GetArray(object, "fields").size() <= 10U);
    for (const json::value& field : base::GetArray(object, "fields")) {
      RC_ASSERT(Characters(Text(field.get_object(), "text")) <= 2'000U);
      all += Characters(Text(field.get_object(), "text"));
    }
  }
  RC_ASSERT(all <= 12'000U);
}

TEST(Webhook, SaysAllThatIsKnown) {
  EXPECT_EQ(
      base::Serialize(WebhookForm(Sample())),
      R"({"id":"n1","occasion":"failed","is_over":false,"about":"failed delphi r/train",)"
      R"("title":"delphi: train[3] failed","text":"It gave up after 3 tries.",)"
      R"("facts":[{"name":"DAG","value":"delphi"},{"name":"Run","value":"r <1> & so on"}],)"
      R"("error":"Traceback\nValueError: x < 1","link":"https://signalbox.example/dags/delphi",)"
      R"("deployment":"prod","at":"2026-01-05T00:00:00Z","times":1})");
}

// By `printf '1767571200.{}' | openssl dgst -sha256 -hmac secret`.
TEST(Webhook, SignsTimeAndBody) {
  EXPECT_EQ(Signature("secret", "{}", Sample().at),
            "t=1767571200,v1=17c65568683cf14f465b8160e857ca75645d6c633b3db3617133c5040f6b0334");
}

TEST(PagerDuty, OpensAndResolvesByOneKey) {
  Message message = Sample();
  const json::object open = PagerDutyForm(message, "key");
  EXPECT_EQ(Text(open, "routing_key"), "key");
  EXPECT_EQ(Text(open, "event_action"), "trigger");
  EXPECT_EQ(Text(open, "dedup_key"), "prod/failed delphi r/train");
  EXPECT_EQ(Text(open, "payload.summary"), "delphi: train[3] failed");
  EXPECT_EQ(Text(open, "payload.severity"), "error");
  EXPECT_EQ(Text(open, "payload.custom_details.DAG"), "delphi");
  message.is_over = true;
  EXPECT_EQ(PagerDutyForm(message, "key"),
            (json::object{{"routing_key", "key"},
                          {"event_action", "resolve"},
                          {"dedup_key", "prod/failed delphi r/train"}}));
}

TEST(PagerDuty, KeepsItsLimits) {
  Message message = Sample();
  message.about = std::string(400, 'a');
  message.title = std::string(2'000, 't');
  message.text = message.error = std::string(400'000, '"');
  message.facts.assign(40, {std::string(4'000, '"'), std::string(4'000, '"')});
  message = SafeMessage(std::move(message), [](std::string text) { return text; });
  const json::object form = PagerDutyForm(message, "key");
  EXPECT_LE(Text(form, "dedup_key").size(), 255U);
  EXPECT_LE(Characters(Text(form, "payload.summary")), 1'024U);
  EXPECT_LE(base::Serialize(form).size(), size_t{512} << 10);
  message.about += "b";
  EXPECT_NE(Text(PagerDutyForm(message, "key"), "dedup_key"), Text(form, "dedup_key"));
}

TEST(Sns, MakesASubjectThatItTakes) {
  Message message = Sample();
  message.title = "  délphi: ⚠ " + std::string(200, 'x');
  const Parameters form = SnsForm(message, "arn:aws:sns:eu-west-1:1:t");
  const std::string subject = Value(form, "Subject");
  EXPECT_THAT(subject, HasSubstr("d?lphi: ? xxx"));
  EXPECT_EQ(subject.size(), 100U);
  EXPECT_EQ(Value(form, "MessageGroupId"), "(none)");
  EXPECT_EQ(Value(form, "MessageAttributes.entry.2.Name"), "occasion");
  EXPECT_EQ(Value(form, "MessageAttributes.entry.2.Value.StringValue"), "failed");
}

TEST(Sns, NamesGroupAndIdWhereTheTopicIsFifo) {
  const Parameters form = SnsForm(Sample(), "arn:aws:sns:eu-west-1:1:t.fifo");
  EXPECT_EQ(Value(form, "MessageGroupId"), base::Sha256Hex("failed delphi r/train"));
  EXPECT_EQ(Value(form, "MessageDeduplicationId"), base::Sha256Hex("n1"));
}

TEST(Sns, KnowsTheRegionOfATopic) {
  EXPECT_EQ(RegionOfTopic("arn:aws:sns:eu-west-1:123456789012:alerts"), "eu-west-1");
  EXPECT_EQ(RegionOfTopic("arn:aws-cn:sns:cn-north-1:123456789012:a.fifo"), "cn-north-1");
  for (const char* text :
       {"", "alerts", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sns:eu-west-1:1:t:sub"})
    EXPECT_EQ(RegionOfTopic(text), "");
}

}  // namespace
}  // namespace notify
