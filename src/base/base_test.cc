#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>

#include "base/clock.h"
#include "base/draw.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/metrics.h"
#include "base/process.h"
#include "base/process_usage.h"
#include "base/text.h"
#include "base/time.h"

namespace base {
namespace {

TEST(Text, DidYouMeanFindsANearWordOnly) {
  std::vector<std::string> words{"schedule", "retries", "retry_delay"};
  EXPECT_EQ(DidYouMean("shedule", words), "schedule");
  EXPECT_EQ(DidYouMean("RETRIES", words), "retries");
  EXPECT_EQ(DidYouMean("banana", words), std::nullopt);
}

TEST(Text, DidYouMeanKnowsShortWordsAndSwappedLetters) {
  const std::vector<std::string> words{"day", "by", "lane", "schedule", "x"};
  EXPECT_EQ(DidYouMean("dya", words), "day");
  EXPECT_EQ(DidYouMean("yb", words), "by");
  EXPECT_EQ(DidYouMean("lnae", words), "lane");
  EXPECT_EQ(DidYouMean("shcedule", words), "schedule");
  EXPECT_EQ(DidYouMean("da", words), "day");
  EXPECT_EQ(DidYouMean("bx", words), "by");
  EXPECT_EQ(DidYouMean("q", words), std::nullopt) << "nothing of it is right";
  EXPECT_EQ(DidYouMean("qz", words), std::nullopt);
}

TEST(Text, GlobMatchesRunsAndSingleCharacters) {
  EXPECT_TRUE(GlobMatch("*training_2*try 1", "sbx-d-x training_2 try 1"));
  EXPECT_FALSE(GlobMatch("*training_2*try 1", "sbx-d-x training_2 try 12"));
  EXPECT_TRUE(GlobMatch("a?c", "abc"));
  EXPECT_FALSE(GlobMatch("", "a"));
}

TEST(Metrics, AHistogramCountsUpToEachBound) {
  static constexpr std::array kBounds{1., 10.};
  Histogram histogram(kBounds);
  for (double value : {0.5, 1., 2., 50.})
    histogram.Observe(value);
  MetricsText out;
  out.Family("x_seconds", "histogram", "Time.");
  out.Sample({{"dag", "a"}}, histogram);
  EXPECT_EQ(out.text(),
            "# HELP x_seconds Time.\n# TYPE x_seconds histogram\n"
            "x_seconds_bucket{dag=\"a\",le=\"1\"} 2\n"
            "x_seconds_bucket{dag=\"a\",le=\"10\"} 3\n"
            "x_seconds_bucket{dag=\"a\",le=\"+Inf\"} 4\n"
            "x_seconds_sum{dag=\"a\"} 53.5\n"
            "x_seconds_count{dag=\"a\"} 4\n");
}

TEST(ProcessUsage, IsThatOfThisProcess) {
  const ProcessUsage usage = ReadProcessUsage();
  EXPECT_GT(usage.resident_bytes, 1 << 20);
  EXPECT_GT(usage.virtual_bytes, usage.resident_bytes);
  EXPECT_GE(usage.open_files, 3);
  EXPECT_GT(usage.most_open_files, usage.open_files);
  EXPECT_GT(usage.started_at, 1.7e9);
  EXPECT_GE(usage.cpu_seconds, 0);
}

TEST(Text, ParseIntTakesTheWholeTextOrNothing) {
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseInt("12x"), std::nullopt);
  EXPECT_EQ(ParseInt(""), std::nullopt);
  EXPECT_EQ(ParseInt("99999999999999999999"), std::nullopt);
}

TEST(Time, ParsesWhatItFormats) {
  for (const char* text : {"2026-01-05T02:00:00Z",
                           "1969-12-31T23:59:59.999Z",
                           "2026-02-28T00:00:00.000001Z",
                           "9999-12-31T23:59:59Z"})
    EXPECT_EQ(FormatRfc3339(ParseTime(text).value()), text);
  EXPECT_EQ(FormatRfc3339(ParseTime("2026-01-05").value()), "2026-01-05T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(ParseTime("2026-01-05T02:00+03:00").value()), "2026-01-04T23:00:00Z");
  EXPECT_EQ(FormatIso(ParseTime("2026-01-05T02:00:00Z").value()), "2026-01-05T02:00:00+00:00");
  for (const char* text : {"",
                           "2026-02-29",
                           "2026-1-5",
                           "2026-01-05T25:00:00",
                           "2026-01-05T02",
                           "2026-01-05T02:00:00.Z",
                           "2026-01-05T02:00:00ZZ"})
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
}

TEST(Time, DurationsRoundTrip) {
  EXPECT_EQ(ParseDuration("1h30m").value(), minutes(90));
  EXPECT_EQ(ParseDuration("5d").value(), hours(120));
  EXPECT_EQ(FormatDuration(minutes(90)), "1h30m");
  EXPECT_EQ(FormatDuration(Duration(1'500'000)), "1s500ms");
  for (const char* text : {"", "10", "m", "10q", "-5m", "1h 30m"})
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
}

TEST(Clock, WorldRunsFasterThanTheWallAndBack) {
  Time epoch = ParseTime("2026-01-05").value(), start = ParseTime("2026-11-22").value();
  Clock clock(epoch, 300, start);
  EXPECT_EQ(clock.WorldAt(start + seconds(2)), epoch + minutes(10));
  EXPECT_EQ(clock.WallAt(epoch + minutes(10)), start + seconds(2));
  Clock same = Clock::Parse(clock.Setting()).value();
  EXPECT_EQ(same.WorldAt(start + seconds(7)), clock.WorldAt(start + seconds(7)));
  EXPECT_FALSE(Clock::Parse("1,0,2").has_value());
  EXPECT_FALSE(Clock::Parse("1,2").has_value());
  EXPECT_EQ(Clock::Parse("").value().WorldAt(start), start);
}

TEST(Hash, AgreesWithPublishedVectors) {
  EXPECT_EQ(Sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // FIPS 180-2 appendix B.1; RFC 4231 test case 2; RFC 4648 section 10.
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(AsText(HmacSha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Base32("foobar"), "mzxw6ytboi");
  EXPECT_EQ(Base32("foob"), "mzxw6yq");
}

TEST(Draw, IsAPureFunctionAndRoughlyUniform) {
  EXPECT_EQ(Draw(1, "a", 2), Draw(1, "a", 2));
  EXPECT_NE(Draw(1, "a", 2), Draw(1, "a", 3));
  EXPECT_NE(Draw(1, "a", 2), Draw(2, "a", 2));
  double sum = 0;
  for (uint64_t i = 0; i < 10000; ++i)
    sum += DrawUnit(7, "entity", i);
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(Json, MergesDeeplyAndFindsByPath) {
  json::object under = ParseJson(R"({"a":{"b":1,"c":[1,2]},"d":3})").value().as_object();
  DeepMerge(
      under,
      ParseJson(R"({"a":{"c":[9],"e":true},"d":null,"f":{"g":{"h":null}}})").value().as_object());
  EXPECT_EQ(Canonical(under), R"({"a":{"b":1,"c":[9],"e":true},"f":{"g":{}}})");
  EXPECT_EQ(GetInt(under, "a.b"), 1);
  EXPECT_EQ(GetString(under, "a.b", "none"), "none");
  EXPECT_EQ(Find(under, "a.x.y"), nullptr);
  EXPECT_FALSE(ParseJson("{").has_value());
}

TEST(Json, NumbersAreWrittenAsPeopleWriteThem) {
  json::value value = *ParseJson(R"({"a":0.5,"b":[1.10,1.0,100000.0,1e16,0.00001,-0.0,3],"c":"5E-1",
      "d":{"e":{},"f":[]},"g":true,"h":null})");
  EXPECT_EQ(Serialize(value),
            R"({"a":0.5,"b":[1.1,1.0,100000.0,1e+16,1e-05,-0.0,3],"c":"5E-1",)"
            R"("d":{"e":{},"f":[]},"g":true,"h":null})");
  EXPECT_EQ(Serialize(json::value(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(Serialize(json::array{std::numeric_limits<double>::quiet_NaN()}), "[null]");
  EXPECT_EQ(Canonical(json::value(0.5)), "5E-1") << "stored DAG versions are hashes of this";
}

TEST(Json, ScalarsStandInTextsAsInPython) {
  EXPECT_EQ(ScalarText(true), "True");
  EXPECT_EQ(ScalarText(nullptr), "None");
  EXPECT_EQ(ScalarText(1e5), "100000.0");
  EXPECT_EQ(ScalarText(12), "12");
  EXPECT_EQ(ScalarText("a \"b\""), "a \"b\"");
}

TEST(Json, NumbersThatAreWrittenReadBack) {
  for (uint64_t i = 0; i < 20'000; ++i) {
    const auto number = std::bit_cast<double>(Draw(7, "number", i));
    if (!std::isfinite(number))
      continue;
    const std::string text = Serialize(json::value(number));
    EXPECT_EQ(ParseDouble(text), number) << text;
    auto back = ParseJson(text);
    ASSERT_TRUE(back.has_value()) << text;
    EXPECT_EQ(back->get_double(), number) << text;
  }
}

TEST(Json, NumbersThatDoNotFitReadAsAbsent) {
  json::object object =
      ParseJson(R"({"huge":1e300,"low":-1e19,"edge":9223372036854775808.0,"half":2.5,"t":1.5})")
          .value()
          .as_object();
  EXPECT_EQ(GetInt(object, "huge", 7), 7);
  EXPECT_EQ(GetInt(object, "low", 7), 7);
  EXPECT_EQ(GetInt(object, "edge", 7), 7);
  EXPECT_EQ(GetInt(object, "half", 7), 2);
  EXPECT_EQ(GetEpoch(object, "huge"), std::nullopt);
  EXPECT_EQ(GetEpoch(object, "low"), std::nullopt);
  EXPECT_EQ(GetEpoch(object, "t"), FromMicros(1'500'000));
}

TEST(Process, ReadNowNeverWaitsAndGivesALastLineWithoutItsEnd) {
  auto sleeper = Process::Start({.argv = {"sleep", "60"}, .pipe_stdout = true});
  ASSERT_TRUE(sleeper.has_value());
  EXPECT_EQ(sleeper->ReadNow(), "");

  auto speaker = Process::Start({.argv = {"printf", "a"}, .pipe_stdout = true});
  ASSERT_TRUE(speaker.has_value());
  std::string got;
  for (std::optional<std::string> more = ""; more; more = speaker->ReadNow())
    got += *more;
  EXPECT_EQ(got, "a");
}

TEST(Process, ReportsOutputAndExitCodes) {
  auto echo = Process::Start({.argv = {"sh", "-c", "echo $GREETING; exit 3"},
                              .env = {{"GREETING", "hello"}},
                              .pipe_stdout = true});
  ASSERT_TRUE(echo.has_value());
  EXPECT_EQ(echo->ReadLine(seconds(10)), "hello");
  EXPECT_EQ(echo->WaitOrKill(seconds(10)), 3);
  EXPECT_FALSE(Process::Start({.argv = {"no-such-program-anywhere"}}).has_value());
}

TEST(Process, HasOnlyTheEnvironmentAndTheFolderThatItIsGiven) {
  ::setenv("SIGNALBOX_TEST_SECRET", "secret", 1);
  auto shell = Process::Start({.argv = {"/bin/sh", "-c", "echo $SIGNALBOX_TEST_SECRET-$A-$PWD"},
                               .env = {{"A", "a"}},
                               .pipe_stdout = true,
                               .only_env = true,
                               .directory = "/"});
  ::unsetenv("SIGNALBOX_TEST_SECRET");
  ASSERT_TRUE(shell.has_value());
  EXPECT_EQ(shell->ReadLine(seconds(10)), "-a-/");
}

TEST(Process, TakesItsGroupWithIt) {
  // The shell ends at once; what it started in the background would hold the pipe for an hour.
  auto shell = Process::Start({.argv = {"/bin/sh", "-c", "sleep 3600 & echo $!; read nothing"},
                               .pipe_stdout = true,
                               .own_group = true});
  ASSERT_TRUE(shell.has_value());
  EXPECT_TRUE(shell->ReadLine(seconds(10)).has_value());
  EXPECT_EQ(shell->WaitOrKill(seconds(10)), 1);           // stdin was at its end
  EXPECT_FALSE(shell->ReadLine(minutes(1)).has_value());  // and so is the pipe
}

TEST(Gzip, ReadsWhatItWrote) {
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += Cat("line ", i, "\n");
  const std::string packed = Gzip(text);
  EXPECT_LT(packed.size(), text.size() / 3);
  EXPECT_EQ(Gunzip(packed, text.size()).value(), text);
  EXPECT_EQ(Gunzip(Gzip(""), 0).value(), "");
  EXPECT_EQ(Gunzip(packed, text.size() - 1).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Gunzip(packed.substr(0, packed.size() / 2), text.size()).error().code,
            ErrorCode::kCorrupt);
  EXPECT_EQ(Gunzip("plain text", 100).error().code, ErrorCode::kCorrupt);
}

TEST(MetricsText, WritesFamiliesWithEscapedLabels) {
  MetricsText out;
  out.Family("up", "gauge", "Is it \\ up?\nYes");
  out.Sample({}, 1);
  out.Sample({{"state", "a \"quoted\\ word\n"}, {"n", "2"}}, 0.25);
  EXPECT_EQ(out.text(),
            "# HELP up Is it \\\\ up?\\nYes\n# TYPE up gauge\nup 1\n"
            "up{state=\"a \\\"quoted\\\\ word\\n\",n=\"2\"} 0.25\n");
}

}  // namespace
}  // namespace base
