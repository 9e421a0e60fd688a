#include "yaml/reader.h"

#include <gtest/gtest.h>

namespace yaml {
namespace {

Node Root(std::string_view text) {
  Parsed parsed = Parse("a.yaml", text);
  EXPECT_TRUE(parsed.diagnostics.empty());
  return parsed.root.value_or(Node());
}

std::string Text(Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.Take())
    out += diagnostic.ToString() + "\n";
  return out;
}

TEST(MapReader, ReadsTypedValues) {
  Node node = Root(
      "s: text\nid: 1.10\ni: 3\nd: 2.5\nb: true\nwait: 1h30m\nat: 2026-01-05\n"
      "list: [a, 2]\nnodes: [{}]\nmap: {x: [1]}\n");
  Diagnostics diagnostics("a.yaml");
  MapReader reader(node, "the file", &diagnostics);
  EXPECT_EQ(reader.Required<std::string>("s"), "text");
  EXPECT_EQ(reader.Required<std::string>("id"), "1.10");
  EXPECT_EQ(reader.Required<int64_t>("i"), 3);
  EXPECT_EQ(reader.Required<double>("d"), 2.5);
  EXPECT_EQ(reader.Required<bool>("b"), true);
  EXPECT_EQ(reader.Required<base::Duration>("wait"), base::minutes(90));
  EXPECT_EQ(reader.Required<base::Time>("at"), *base::ParseTime("2026-01-05"));
  EXPECT_EQ(reader.Required<std::vector<std::string>>("list"),
            (std::vector<std::string>{"a", "2"}));
  EXPECT_EQ(reader.Required<std::vector<Node>>("nodes")->size(), 1u);
  EXPECT_EQ(json::serialize(*reader.Optional<json::object>("map")), R"({"x":[1]})");
  EXPECT_EQ(reader.Optional<int64_t>("absent"), std::nullopt);
  reader.Finish();
  EXPECT_EQ(Text(diagnostics), "");
}

TEST(MapReader, ReportsEveryMistakeAtOnceInTheOrderOfTheFile) {
  Node node = Root(
      "retries: [1]\ndelay: 10\nshedule: x\ndeadline: 5d\npaused: yes\nname:\nargs: [a, true, {}]\n"
      "zzzzzzzz: 1\n");
  Diagnostics diagnostics("a.yaml");
  MapReader reader(node, "the DAG", &diagnostics);
  reader.Required<std::string>("dag_id");
  reader.Optional<std::vector<std::string>>("args");
  reader.Optional<int64_t>("retries");
  reader.Optional<base::Duration>("delay");
  reader.Optional<std::string>("schedule");
  reader.Optional<bool>("paused");
  reader.Optional<std::string>("name");
  reader.Later({"deadline"});
  reader.Finish();
  EXPECT_EQ(
      Text(diagnostics),
      "a.yaml:1:1: the DAG needs the key 'dag_id'\n"
      "a.yaml:1:10: 'retries': expected a whole number, found a list\n"
      "a.yaml:2:8: 'delay': expected a duration such as 90s, 10m, 1h30m or 5d, found 10\n"
      "a.yaml:3:1: unknown key 'shedule' in the DAG; did you mean 'schedule'?\n"
      "a.yaml:4:1: 'deadline' is not supported yet in this version\n"
      "a.yaml:5:9: 'paused': expected true or false, found the text 'yes'\n"
      "a.yaml:6:1: 'name': expected a text, found nothing (give a value, or remove the key)\n"
      "a.yaml:7:11: 'args' item 2: expected a text (put it in quotes if it is one), found true\n"
      "a.yaml:7:17: 'args' item 3: expected a text, found a map\n"
      "a.yaml:8:1: unknown key 'zzzzzzzz' in the DAG; it may have args, dag_id, delay, name, "
      "paused, retries, schedule\n");
}

TEST(MapReader, SaysOnceThatTheNodeIsNoMap) {
  Node node = Root("[1]");
  Diagnostics diagnostics("a.yaml");
  MapReader reader(node, "this lane", &diagnostics);
  EXPECT_EQ(reader.Required<std::string>("id"), std::nullopt);
  reader.Finish();
  EXPECT_EQ(Text(diagnostics), "a.yaml:1:1: this lane: expected a map, found a list\n");
}

TEST(Diagnostics, AMistakeSeenThroughAnAliasIsToldOnce) {
  Node node = Root("- &a {retries: x}\n- *a\n");
  Diagnostics diagnostics("a.yaml");
  for (const Node& item : node.items()) {
    MapReader reader(item, "a task", &diagnostics);
    reader.Optional<int64_t>("retries");
  }
  EXPECT_EQ(Text(diagnostics),
            "a.yaml:1:16: 'retries': expected a whole number, found the text 'x'\n");
}

TEST(Diagnostics, RepeatLittleOfTheFile) {
  const auto shown = [](const std::string& message) {
    Diagnostics diagnostics("f");
    diagnostics.Add({}, message);
    return diagnostics.Take().at(0).message;
  };
  const std::string x(5000, 'x');
  const std::string cut = std::string(200, 'x') + "\u2026";
  EXPECT_EQ(shown("'" + x + "' is no id"), "'" + cut + "' is no id");
  EXPECT_EQ(shown("it can't be '" + x + "' or 'b'; did you mean '" + x + "'?"),
            "it can't be '" + cut + "' or 'b'; did you mean '" + cut + "'?");
  EXPECT_EQ(shown("no text is " + x).size(), 1000u + std::string("\u2026").size());
  // Quotes within the text end none, or leave less than the whole.
  EXPECT_EQ(shown("'it's " + x + "' is no id"),
            "'it's " + std::string(195, 'x') + "\u2026' is no id");
  std::string quotes;
  while (quotes.size() < 5000)
    quotes += "' x";
  EXPECT_LT(shown("'" + quotes + "' is no id").size(), 1010u);
  EXPECT_EQ(shown("'a' is no id"), "'a' is no id");
}

}  // namespace
}  // namespace yaml
