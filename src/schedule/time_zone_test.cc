#include "schedule/time_zone.h"

#include <cctz/time_zone.h>
#include <gtest/gtest.h>
#include <sstream>

#include "base/draw.h"
#include "base/text.h"
#include "schedule/zone_files.h"

namespace schedule {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using CctzTime = cctz::time_point<cctz::seconds>;

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}
LocalTime Local(std::string_view text) {
  return LocalTime(At(text).time_since_epoch());
}

CctzTime ToCctz(base::Time time) {
  return std::chrono::floor<seconds>(time);
}
cctz::civil_second Civil(LocalTime local) {
  return cctz::civil_second(1970, 1, 1) +
         std::chrono::floor<seconds>(local).time_since_epoch().count();
}

void ExpectSameLookup(const TimeZone& ours, const cctz::time_zone& theirs, LocalTime local) {
  LocalResult mine = ours.Lookup(local);
  auto other = theirs.lookup(Civil(local));
  LocalKind kind = other.kind == cctz::time_zone::civil_lookup::SKIPPED    ? LocalKind::kSkipped
                   : other.kind == cctz::time_zone::civil_lookup::REPEATED ? LocalKind::kRepeated
                                                                           : LocalKind::kUnique;
  ASSERT_EQ(mine.kind, kind) << ours.name() << " " << Civil(local);
  ASSERT_EQ(ToCctz(mine.before), other.pre) << ours.name() << " " << Civil(local);
  ASSERT_EQ(ToCctz(mine.after), other.post) << ours.name() << " " << Civil(local);
  ASSERT_EQ(ToCctz(mine.transition), other.trans) << ours.name() << " " << Civil(local);
}

// Offsets and local times around every transition from 1970 to 2060; how many transitions there
// were.
int CompareWithCctz(const std::string& name) {
  auto ours = LoadZone(name);
  cctz::time_zone theirs;
  EXPECT_TRUE(cctz::load_time_zone(name, &theirs)) << name;
  int count = 0;
  CctzTime at = sys_days(year(1970) / 1 / 1);
  cctz::time_zone::civil_transition change;
  while (theirs.next_transition(at, &change) && at < CctzTime(sys_days(year(2060) / 1 / 1))) {
    at = theirs.lookup(change.to).trans;
    ++count;
    for (int delta : {-86400, -3600, -1, 0, 1, 3600, 86400}) {
      base::Time time = base::Time(at) + seconds(delta);
      int expected = theirs.lookup(ToCctz(time)).offset;
      EXPECT_EQ(ours->OffsetAt(time).count(), expected) << name << " " << base::FormatRfc3339(time);
      for (int local_delta : {-7200, -1800, -1, 0, 1, 1800, 7200})
        ExpectSameLookup(*ours, theirs, ours->ToLocal(time) + seconds(local_delta));
      if (testing::Test::HasFailure())
        return count;
    }
  }
  return count;
}

TEST(TimeZone, AgreesWithCctzAroundEveryTransitionTo2060) {
  EXPECT_GE(CompareWithCctz("Europe/Istanbul"), 60);
  EXPECT_GE(CompareWithCctz("America/New_York"), 180);
  EXPECT_GE(CompareWithCctz("Australia/Lord_Howe"), 150);
  EXPECT_GE(CompareWithCctz("Africa/Casablanca"), 130);
  EXPECT_EQ(CompareWithCctz("Asia/Kolkata"), 0);
  EXPECT_GE(CompareWithCctz("Europe/Dublin"), 170);
}

TEST(TimeZone, AgreesWithCctzInEveryZone) {
  std::istringstream table(ReadZoneFile("tzdata.zi"));
  int zones = 0;
  for (std::string line; std::getline(table, line) && !HasFailure();) {
    // "Z Africa/Abidjan -0:16:8 - LMT 1912"
    if (!line.starts_with("Z "))
      continue;
    CompareWithCctz(base::Split(line, ' ')[1]);
    ++zones;
  }
  EXPECT_GE(zones, 300);
}

TEST(TimeZone, AgreesWithCctzInTheFarFuture) {
  for (const char* name :
       {"America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Asia/Gaza"}) {
    auto ours = LoadZone(name);
    cctz::time_zone theirs;
    ASSERT_TRUE(cctz::load_time_zone(name, &theirs));
    for (uint64_t i = 0; i < 2000; ++i) {
      base::Time time = At("2037-01-01") + seconds(base::Draw(7, name, i) % (400 * 31'556'952ull));
      ASSERT_EQ(ours->OffsetAt(time).count(), theirs.lookup(ToCctz(time)).offset)
          << name << " " << base::FormatRfc3339(time);
    }
  }
}

TEST(TimeZone, SpansCoverTimeWithoutHoles) {
  for (const char* name : {"America/New_York", "Africa/Casablanca", "Asia/Kolkata", "UTC"}) {
    auto zone = LoadZone(name);
    Span span = zone->SpanAt(base::Time::min());
    EXPECT_EQ(span.begin, base::Time::min());
    while (span.end < At("2100-01-01")) {
      Span next = zone->SpanAt(span.end);
      ASSERT_EQ(next.begin, span.end);
      ASSERT_LT(next.begin, next.end);
      ASSERT_EQ(zone->SpanAt(span.end - base::Duration(1)).begin, span.begin);
      span = next;
    }
    EXPECT_EQ(zone->SpanAt(base::Time::max()).end, base::Time::max());
  }
}

TEST(TimeZone, ReadsLocalTimes) {
  auto zone = LoadZone("America/New_York");
  EXPECT_EQ(zone->ToUtc(Local("2026-01-05T02:00")), At("2026-01-05T07:00Z"));
  EXPECT_EQ(zone->ToUtc(Local("2026-03-08T02:30")),
            At("2026-03-08T07:00Z"));  // skipped: the gap's end
  EXPECT_EQ(zone->ToUtc(Local("2026-11-01T01:30")),
            At("2026-11-01T05:30Z"));  // repeated: the first
  using namespace std::chrono;
  EXPECT_EQ(zone->StartOfDay(2026y / July / 4), At("2026-07-04T04:00Z"));
  // There was no midnight in Beirut on 2022-03-27: the clock went from 00:00 to 01:00.
  EXPECT_EQ(LoadZone("Asia/Beirut")->StartOfDay(2022y / March / 27), At("2022-03-26T22:00Z"));

  EXPECT_EQ(zone->ParseTime("2026-01-05").value(), At("2026-01-05T05:00Z"));
  EXPECT_EQ(zone->ParseTime("2026-01-05T02:00:00").value(), At("2026-01-05T07:00Z"));
  EXPECT_EQ(zone->ParseTime("2026-01-05T02:00Z").value(), At("2026-01-05T02:00Z"));
  EXPECT_EQ(zone->ParseTime("2026-01-05T02:00-03:00").value(), At("2026-01-05T05:00Z"));
  EXPECT_FALSE(zone->ParseTime("yesterday"));
  EXPECT_FALSE(zone->ParseTime("2026"));
}

TEST(TimeZone, WritesLocalTimes) {
  EXPECT_EQ(LoadZone("Europe/Istanbul")->FormatIso(At("2026-01-04T23:00Z")),
            "2026-01-05T02:00:00+03:00");
  EXPECT_EQ(LoadZone("America/St_Johns")->FormatIso(At("2026-01-05T00:00Z")),
            "2026-01-04T20:30:00-03:30");
  EXPECT_EQ(TimeZone::Utc().FormatIso(At("2026-01-05T00:00:00.5Z")),
            "2026-01-05T00:00:00.500+00:00");
  // Liberia kept its mean solar time until 1972.
  EXPECT_EQ(LoadZone("Africa/Monrovia")->FormatIso(At("1971-01-01T00:00Z")),
            "1970-12-31T23:15:30-00:44:30");
}

TEST(TimeZone, KnowsDaylightTimeAllYear) {
  // As a footer writes it: the end of one year's daylight time is the start of the next one's.
  auto rule = ParsePosixRule("XXX3EDT4,0/0,J365/23");
  ASSERT_TRUE(rule);
  for (base::Time time = At("2050-01-01"); time < At("2053-01-01"); time += base::hours(7))
    ASSERT_EQ(RuleSpanAt(*rule, std::chrono::floor<seconds>(time)).offset, base::hours(-4));
}

TEST(TimeZone, ReadsFooterRules) {
  EXPECT_EQ(ParsePosixRule("<+0545>-5:45")->offset, base::minutes(345));
  EXPECT_EQ(ParsePosixRule("IST-1GMT0,M10.5.0,M3.5.0/1")->daylight->offset, seconds(0));
  EXPECT_EQ(ParsePosixRule("EET-2EEST,M3.4.4/50,M10.4.4/50")->daylight->start.time,
            base::hours(50));
  EXPECT_EQ(ParsePosixRule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")->daylight->start.time,
            base::hours(-1));
  for (const char* text : {"",
                           "E",
                           "EST",
                           "EST5EDT",
                           "EST5EDT,M3.2.0",
                           "EST5EDT,M13.2.0,M11.1.0",
                           "EST5EDT,M3.2.0,M11.1.0x",
                           "<+03-3",
                           "EST99",
                           "EST5EDT,J0,J365",
                           "EST5:99"})
    EXPECT_FALSE(ParsePosixRule(text)) << text;
}

TEST(TimeZone, RefusesDamagedFiles) {
  std::string good = ReadZoneFile("America/New_York");
  for (size_t size = 0; size < good.size(); ++size) {
    auto zone = TimeZone::Parse("X", std::string_view(good).substr(0, size));
    ASSERT_FALSE(zone) << size;
    ASSERT_EQ(zone.error().code, base::ErrorCode::kCorrupt);
  }
  // Other damage may go unseen, but it must not be undefined behaviour.
  for (uint64_t i = 0; i < 3000; ++i) {
    std::string bytes = good;
    bytes[base::Draw(1, "at", i) % bytes.size()] = static_cast<char>(base::Draw(1, "byte", i));
    if (auto zone = TimeZone::Parse("X", bytes))
      zone->Lookup(Local("2045-07-01T00:00"));
  }
  EXPECT_EQ(TimeZone::Parse("Mars/Base", "no").error().message,
            "time zone Mars/Base: this is not a TZif file");
}

TEST(TimeZone, NamesThatAreNoZonesAreUnsafe) {
  for (const char* name :
       {"UTC", "Europe/Istanbul", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "NZ-CHAT"})
    EXPECT_TRUE(IsSafeZoneName(name)) << name;
  for (const char* name :
       {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a/./b", "a b", "a\\b"})
    EXPECT_FALSE(IsSafeZoneName(name)) << name;
  EXPECT_FALSE(IsSafeZoneName(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsSafeZoneName(std::string(200, 'a')));
}

TEST(ZoneSet, FindsWhatWasAddedAndUtc) {
  ZoneSet zones;
  ASSERT_TRUE(zones.Find("UTC"));
  EXPECT_EQ(zones.Find("UTC")->OffsetAt(At("2026-07-01")), seconds(0));
  EXPECT_FALSE(zones.Find("Europe/Istanbul"));
  zones.Add(*LoadZone("Europe/Istanbul"));
  ASSERT_TRUE(zones.Find("Europe/Istanbul"));
  EXPECT_EQ(zones.Find("Europe/Istanbul")->OffsetAt(At("2026-07-01")), base::hours(3));
}

}  // namespace
}  // namespace schedule
