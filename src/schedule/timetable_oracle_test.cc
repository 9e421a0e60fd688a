// The timetable against a slow and obvious one: it walks over UTC minute by minute as cron does,
// takes the local time from cctz, and applies Debian's rule for changes of clocks as cron.c applies
// it.

#include <algorithm>
#include <array>
#include <cctz/time_zone.h>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "base/draw.h"
#include "base/text.h"
#include "schedule/timetable.h"
#include "schedule/zone_files.h"

namespace schedule {
namespace {

using std::chrono::minutes;

const std::array<std::string, 6> kZones = {"Europe/Istanbul",
                                           "America/New_York",
                                           "Australia/Lord_Howe",
                                           "Africa/Casablanca",
                                           "Asia/Kolkata",
                                           "Europe/Dublin"};

// The names of tzdata's own list.
std::vector<std::string> AllZones() {
  std::istringstream list(ReadZoneFile("tzdata.zi"));
  std::vector<std::string> names;
  for (std::string line; std::getline(list, line);)
    if (line.starts_with("Z "))
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
  return names;
}

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

// A day that is another date in each month: found by looking at all days of the month.
struct DayForm {
  enum { kBeforeLast, kNear, kLastWeekday, kNth, kLastOfKind } kind;
  int n = 0;
  int weekday = 0;  // from Sunday
};

int WeekdayOf(cctz::civil_day day) {
  return (static_cast<int>(cctz::get_weekday(day)) + 1) % 7;  // cctz counts from Monday
}

// The days of the form, in the month of `day`.
std::vector<cctz::civil_day> DaysOf(const DayForm& form, cctz::civil_day day) {
  std::vector<cctz::civil_day> all, workdays, of_kind;
  for (cctz::civil_day each(cctz::civil_month{day}); each.month() == day.month(); ++each) {
    all.push_back(each);
    if (WeekdayOf(each) >= 1 && WeekdayOf(each) <= 5)
      workdays.push_back(each);
    if (WeekdayOf(each) == form.weekday)
      of_kind.push_back(each);
  }
  const int size = static_cast<int>(all.size());
  switch (form.kind) {
    case DayForm::kBeforeLast:
      return form.n < size ? std::vector{all[size - 1 - form.n]} : std::vector<cctz::civil_day>();
    case DayForm::kNear: {
      const cctz::civil_day wanted = all[std::min(form.n, size) - 1];
      return {*std::min_element(workdays.begin(), workdays.end(), [&](auto a, auto b) {
        return std::abs(a - wanted) < std::abs(b - wanted);
      })};
    }
    case DayForm::kLastWeekday:
      return {workdays.back()};
    case DayForm::kNth:
      return form.n <= std::ssize(of_kind) ? std::vector{of_kind[form.n - 1]}
                                           : std::vector<cctz::civil_day>();
    case DayForm::kLastOfKind:
      return {of_kind.back()};
  }
  return {};
}

// A cron expression with its meaning, drawn together: the parser under test has no part in it.
struct Field {
  std::string text;
  std::array<bool, 60> values{};
  std::vector<DayForm> forms;

  bool HasDay(int value, cctz::civil_day day) const {
    return values[value] || std::ranges::any_of(forms, [&](const DayForm& form) {
             const auto days = DaysOf(form, day);
             return std::ranges::count(days, day) > 0;
           });
  }
};
struct DrawnCron {
  Field minute, hour, day, month, weekday;

  std::string Text() const {
    return base::Cat(
        minute.text, " ", hour.text, " ", day.text, " ", month.text, " ", weekday.text);
  }
  bool IsWildcard() const { return minute.text[0] == '*' || hour.text[0] == '*'; }
};

class Drawer {
 public:
  Drawer(uint64_t seed, std::string entity) : seed_(seed), entity_(std::move(entity)) {}

  int Below(int bound) {
    return static_cast<int>(base::Draw(seed_, entity_, counter_++) % static_cast<uint64_t>(bound));
  }

  DrawnCron Cron() {
    DrawnCron cron;
    cron.minute = Any(0, 59, Below(5) == 0);
    // Most changes of clocks are in the small hours.
    cron.hour = Below(2) == 0 ? Any(0, 3, false) : Any(0, 23, Below(3) == 0);
    cron.day = Any(1, 31, Below(3) != 0);
    cron.month = Any(1, 12, Below(3) != 0);
    cron.weekday = Any(0, 6, Below(3) != 0);
    if (Below(4) == 0)
      AddForm(cron.day, AnyDate());
    if (Below(4) == 0)
      AddForm(cron.weekday, AnyWeekday());
    return cron;
  }

 private:
  struct Form {
    std::string text;
    DayForm meaning;
  };

  Form AnyDate() {
    const int n = 1 + Below(30);
    switch (Below(4)) {
      case 0:
        return {"L", {DayForm::kBeforeLast}};
      case 1:
        return {base::Cat("L-", n), {DayForm::kBeforeLast, n}};
      case 2:
        return {"LW", {DayForm::kLastWeekday}};
      default:
        return {base::Cat(n + 1, "W"), {DayForm::kNear, n + 1}};
    }
  }

  Form AnyWeekday() {
    constexpr std::array kNames = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
    const int weekday = Below(7), n = 1 + Below(5);
    const std::string name = Below(2) == 0 ? kNames[weekday] : base::Cat(weekday);
    if (Below(3) == 0)
      return {Below(2) == 0 ? name + "L" : "L" + name, {DayForm::kLastOfKind, 0, weekday}};
    return {base::Cat(name, "#", n), {DayForm::kNth, n, weekday}};
  }

  // In place of the field, or one more entry of its list.
  void AddForm(Field& field, const Form& form) {
    if (field.text.starts_with('*') || Below(2) == 0)
      field = Field();
    field.text += (field.text.empty() ? "" : ",") + form.text;
    field.forms.push_back(form.meaning);
  }

  Field Any(int low, int high, bool is_star) {
    Field field;
    if (is_star) {
      int step = Below(3) == 0 ? 1 + Below(high - low) : 1;
      field.text = step == 1 ? "*" : base::Cat("*/", step);
      for (int value = low; value <= high; value += step)
        field.values[value] = true;
      return field;
    }
    for (int count = 1 + Below(3); count > 0; --count) {
      int first = low + Below(high - low + 1), last = first + Below(high - first + 1),
          step = 1 + Below(4);
      if (Below(2) == 0) {
        last = first;
        step = 1;
      }
      field.text += base::Cat(field.text.empty() ? "" : ",", first);
      if (last > first || step > 1)
        field.text += base::Cat("-", last);
      if (step > 1)
        field.text += base::Cat("/", step);
      for (int value = first; value <= last; value += step)
        field.values[value] = true;
    }
    return field;
  }

  uint64_t seed_;
  std::string entity_;
  uint64_t counter_ = 0;
};

// The wall clock of one stretch of time, minute by minute.
class Walk {
 public:
  Walk(const std::string& zone_name, base::Time begin, base::Time end) : begin_(begin) {
    cctz::time_zone zone;
    CHECK(cctz::load_time_zone(zone_name, &zone));
    // One minute before the beginning, to see a change at the beginning itself.
    for (base::Time at = begin - minutes(1); at < end; at += minutes(1))
      clock_.emplace_back(cctz::convert(std::chrono::floor<std::chrono::seconds>(at), zone));
  }

  std::vector<base::Time> Fires(const DrawnCron& cron) const {
    std::vector<base::Time> fires;
    constexpr int64_t kThreeHours = 180;
    bool is_wildcard = cron.IsWildcard();
    cctz::civil_minute done = clock_[0];  // cron's virtual time: fixed jobs have run up to it
    for (size_t i = 1; i < clock_.size(); ++i) {
      cctz::civil_minute now = clock_[i];
      int64_t jump = now - clock_[i - 1] - 1;
      if (jump >= kThreeHours || jump <= -kThreeHours)
        done = now - 1;
      bool is_fire = is_wildcard && Matches(cron, now);
      for (; done < now; ++done)
        is_fire = is_fire || (!is_wildcard && Matches(cron, done + 1));
      if (is_fire)
        fires.push_back(begin_ + minutes(static_cast<int64_t>(i) - 1));
    }
    return fires;
  }

 private:
  static bool Matches(const DrawnCron& cron, cctz::civil_minute at) {
    if (!cron.minute.values[at.minute()] || !cron.hour.values[at.hour()] ||
        !cron.month.values[at.month()])
      return false;
    const cctz::civil_day day(at);
    bool by_day = cron.day.HasDay(at.day(), day);
    bool by_weekday = cron.weekday.HasDay(WeekdayOf(day), day);
    bool either = cron.day.text != "*" && cron.weekday.text != "*";
    return either ? by_day || by_weekday : by_day && by_weekday;
  }

  base::Time begin_;
  std::vector<cctz::civil_minute> clock_;
};

std::vector<base::Time> FastFires(const Timetable& timetable, base::Time begin, base::Time end) {
  std::vector<base::Time> fires;
  for (auto fire = timetable.NextAtOrAfter(begin); fire && fire->run_after < end;
       fire = timetable.Next(fire->run_after))
    fires.push_back(fire->run_after);
  return fires;
}

std::vector<base::Time> FastFiresBackwards(const Timetable& timetable,
                                           base::Time begin,
                                           base::Time end) {
  std::vector<base::Time> fires;
  for (auto fire = timetable.Prev(end); fire && fire->run_after >= begin;
       fire = timetable.Prev(fire->run_after))
    fires.push_back(fire->run_after);
  std::reverse(fires.begin(), fires.end());
  return fires;
}

std::string FirstDifference(const std::vector<base::Time>& fast,
                            const std::vector<base::Time>& slow) {
  auto [a, b] = std::mismatch(fast.begin(), fast.end(), slow.begin(), slow.end());
  return base::Cat("timetable ",
                   a == fast.end() ? "ends" : base::FormatRfc3339(*a),
                   ", oracle ",
                   b == slow.end() ? "ends" : base::FormatRfc3339(*b));
}

int Compare(
    const std::string& zone_name, const Walk& walk, base::Time begin, base::Time end, int crons) {
  auto zone = LoadZone(zone_name);
  int fires = 0;
  Drawer draw(2026, base::Cat(zone_name, base::ToMicros(begin)));
  for (int i = 0; i < crons && !testing::Test::HasFailure(); ++i) {
    DrawnCron drawn = draw.Cron();
    auto cron = ParseCron(drawn.Text());
    if (!cron) {  // it can never fire
      EXPECT_EQ(walk.Fires(drawn).size(), 0u) << drawn.Text();
      continue;
    }
    Timetable timetable(*cron, zone, model::Timetable::kTrigger);
    auto slow = walk.Fires(drawn);
    auto fast = FastFires(timetable, begin, end);
    EXPECT_TRUE(fast == slow) << drawn.Text() << " in " << zone_name << ": "
                              << FirstDifference(fast, slow);
    auto backwards = FastFiresBackwards(timetable, begin, end);
    EXPECT_TRUE(backwards == slow) << drawn.Text() << " in " << zone_name
                                   << " backwards: " << FirstDifference(backwards, slow);
    fires += static_cast<int>(slow.size());
  }
  return fires;
}

TEST(TimetableOracle, AgreesOverAYear) {
  base::Time begin = At("2026-01-01"), end = At("2027-01-01");
  for (const std::string& zone : kZones) {
    Walk walk(zone, begin, end);
    EXPECT_GT(Compare(zone, walk, begin, end, 8), 100) << zone;
  }
}

// Drawn years from 1970 to 2037, over the zones of tzdata in turn, four crons each. `make oracle`
// sets how many years; here it is a sample.
TEST(TimetableOracle, AgreesInDrawnYearsOfAllZones) {
  const char* wish = std::getenv("SIGNALBOX_ORACLE_YEARS");
  const int years = wish == nullptr ? 6 : std::atoi(wish);
  ASSERT_GT(years, 0);
  const std::vector<std::string> zones = AllZones();
  ASSERT_GT(zones.size(), 300u);
  Drawer draw(1970, "years");
  int64_t fires = 0;
  for (int i = 0; i < years; ++i) {
    const int year = 1970 + draw.Below(68);
    const size_t place = wish == nullptr ? draw.Below(static_cast<int>(zones.size())) : i;
    const std::string& zone = zones[place % zones.size()];
    const base::Time begin = At(base::Cat(year, "-01-01")), end = At(base::Cat(year + 1, "-01-01"));
    fires += Compare(zone, Walk(zone, begin, end), begin, end, 4);
    ASSERT_FALSE(HasFailure());
  }
  std::printf(
      "%d years of zones, %d crons, %lld fires\n", years, years * 4, static_cast<long long>(fires));
  EXPECT_GT(fires, 1000);
}

// Three days about every change of offset, where the rules matter.
TEST(TimetableOracle, AgreesAroundEveryChangeOfClocks) {
  struct Years {
    const char* from;
    const char* until;
  };
  for (Years years : {Years{"2005-01-01", "2017-01-01"}, Years{"2037-01-01", "2046-01-01"}}) {
    for (const std::string& name : kZones) {
      cctz::time_zone zone;
      ASSERT_TRUE(cctz::load_time_zone(name, &zone));
      cctz::time_zone::civil_transition change;
      base::Time at = At(years.from);
      while (zone.next_transition(std::chrono::floor<std::chrono::seconds>(at), &change)) {
        at = zone.lookup(change.to).trans;
        if (at > At(years.until))
          break;
        base::Time begin = std::chrono::floor<std::chrono::days>(at) - std::chrono::days(1);
        Walk walk(name, begin, begin + std::chrono::days(3));
        Compare(name, walk, begin, begin + std::chrono::days(3), 25);
        if (HasFailure())
          return;
      }
    }
  }
}

TEST(TimetableOracle, NeighboursAreConsistent) {
  for (const std::string& name : kZones) {
    auto zone = LoadZone(name);
    Drawer draw(7, name);
    for (int i = 0; i < 300; ++i) {
      auto cron = ParseCron(draw.Cron().Text());
      if (!cron)
        continue;
      SCOPED_TRACE(base::Cat(cron->text, " in ", name));
      auto kind = i % 2 == 0 ? model::Timetable::kTrigger : model::Timetable::kDataInterval;
      Timetable timetable(*cron, zone, kind);
      base::Time time = At("1990-01-01") + minutes(draw.Below(70 * 365 * 24 * 60));
      auto fire = timetable.Next(time);
      for (int step = 0; step < 20; ++step) {
        ASSERT_TRUE(fire);
        ASSERT_GT(fire->run_after, time);
        ASSERT_LT(fire->data_interval.start, fire->data_interval.end);
        ASSERT_EQ(fire->data_interval.end, fire->run_after);
        ASSERT_EQ(timetable.NextAtOrAfter(fire->run_after), fire);
        ASSERT_EQ(timetable.PrevAtOrBefore(fire->run_after), fire);
        ASSERT_EQ(timetable.NextLogicalAtOrAfter(fire->logical_date), fire);
        ASSERT_EQ(timetable.PrevLogicalAtOrBefore(fire->logical_date), fire);
        auto next = timetable.Next(fire->run_after);
        ASSERT_TRUE(next);
        ASSERT_EQ(next->data_interval.start, fire->data_interval.end);
        ASSERT_GT(next->logical_date, fire->logical_date);
        ASSERT_EQ(timetable.Prev(next->run_after), fire);
        ASSERT_EQ(timetable.PrevAtOrBefore(next->run_after - base::Duration(1)), fire);
        time = fire->run_after;
        fire = next;
      }
    }
  }
}

}  // namespace
}  // namespace schedule
