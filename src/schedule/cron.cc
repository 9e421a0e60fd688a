#include "schedule/cron.h"

#include <array>
#include <bit>
#include <chrono>
#include <vector>

#include "base/text.h"

namespace schedule {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

constexpr int kMinutesPerDay = 24 * 60;

struct FieldSpec {
  std::string_view name;
  int low;
  int high;
  std::string_view names;  // three letters each, the first is `low`
};

constexpr FieldSpec kMinute = {"minute", 0, 59, ""};
constexpr FieldSpec kHour = {"hour", 0, 23, ""};
constexpr FieldSpec kDayOfMonth = {"day of month", 1, 31, ""};
constexpr FieldSpec kMonth = {"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"};
constexpr FieldSpec kDayOfWeek = {"day of week", 0, 7, "SUNMONTUEWEDTHUFRISAT"};

struct Preset {
  std::string_view name;
  std::string_view fields;
};
constexpr Preset kPresets[] = {
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@quarterly", "0 0 1 */3 *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

struct Word {
  std::string_view text;
  size_t column;  // from 1
};

// The pieces of `text` between characters of `separators`; empty ones are kept where asked for.
enum class Empty { kKeep, kDrop };
std::vector<Word> SplitWords(Word in, std::string_view separators, Empty empty) {
  std::vector<Word> words;
  size_t begin = 0;
  while (begin <= in.text.size()) {
    size_t end = std::min(in.text.find_first_of(separators, begin), in.text.size());
    if (end > begin || empty == Empty::kKeep)
      words.push_back({in.text.substr(begin, end - begin), in.column + begin});
    begin = end + 1;
  }
  return words;
}

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

std::string Range(const FieldSpec& spec) {
  std::string range = base::Cat(spec.low, "-", spec.high);
  if (!spec.names.empty())
    range +=
        base::Cat(" or ", spec.names.substr(0, 3), "-", spec.names.substr(spec.names.size() - 3));
  return range;
}

class FieldParser {
 public:
  // `more` takes the forms that are no bits.
  FieldParser(const FieldSpec& spec, std::string_view whole, Cron& more)
      : spec_(spec), whole_(whole), more_(more) {}

  base::Result<CronField> Parse(Word field) {
    CronField result{.bits = 0,
                     .is_star = field.text == "*" || field.text == "*/1",
                     .begins_with_star = field.text.starts_with('*')};
    for (const Word& item : SplitWords(field, ",", Empty::kKeep)) {
      ASSIGN_OR_RETURN(const bool is_taken, TakeDayForm(item));
      if (is_taken)
        continue;
      ASSIGN_OR_RETURN(uint64_t bits, ParseItem(item));
      result.bits |= bits;
    }
    return result;
  }

 private:
  base::Result<bool> TakeDayForm(Word item) {
    const std::string upper = base::ToUpper(item.text);
    if (&spec_ == &kDayOfMonth) {
      auto taken = TakeDate(upper, more_.dates);
      if (!taken)
        return Bad(item, taken.error().message);
      return *taken;
    }
    if (&spec_ != &kDayOfWeek)
      return false;
    auto form = ReadNthWeekday(upper);
    if (!form)
      return Bad(item, form.error().message);
    if (!*form)
      return false;
    ASSIGN_OR_RETURN(const int weekday, ParseValue({(*form)->weekday, item.column}));
    more_.weekdays.nth |= uint64_t{1} << (7 * (*form)->nth + static_cast<unsigned>(weekday) % 7);
    return true;
  }

  // `*`, `5`, `1-5`, each with a step but for the bare number.
  base::Result<uint64_t> ParseItem(Word item) {
    if (item.text.empty())
      return Bad(item, "an entry of the list is empty");
    auto parts = SplitWords(item, "/", Empty::kKeep);
    if (parts.size() > 2)
      return Bad(item, base::Cat("'", item.text, "' has two steps"));
    Word range = parts[0];
    int low = spec_.low, high = spec_.high;
    bool is_number = false;
    if (range.text != "*") {
      auto ends = SplitWords(range, "-", Empty::kKeep);
      if (ends.size() > 2)
        return Bad(range, base::Cat("'", range.text, "' is not a range; expected e.g. 1-5"));
      ASSIGN_OR_RETURN(low, ParseValue(ends[0]));
      ASSIGN_OR_RETURN(high, ParseValue(ends.back()));
      is_number = ends.size() == 1;
    } else if (&spec_ == &kDayOfWeek) {
      high = 6;  // 7 is Sunday again
    }
    if (&spec_ == &kDayOfWeek && high == 0 && low > 0)
      high = 7;
    if (low > high)
      return Bad(range, base::Cat("the range '", range.text, "' runs backwards"));
    int step = 1;
    if (parts.size() == 2) {
      if (is_number)
        return Bad(item,
                   base::Cat("'",
                             item.text,
                             "' steps from a single number; expected a range, e.g. ",
                             range.text,
                             "-",
                             spec_.high,
                             "/",
                             parts[1].text));
      ASSIGN_OR_RETURN(step, ParseStep(parts[1]));
    }
    uint64_t bits = 0;
    for (int value = low; value <= high; value += step)
      bits |= uint64_t{1} << (&spec_ == &kDayOfWeek ? value % 7 : value);
    return bits;
  }

  base::Result<int> ParseValue(Word value) {
    std::string upper = base::ToUpper(value.text);
    for (size_t i = 0; i + 3 <= spec_.names.size(); i += 3)
      if (upper == spec_.names.substr(i, 3))
        return spec_.low + static_cast<int>(i / 3);
    if (!IsDigits(value.text))
      return Bad(value, base::Cat("'", value.text, "' is not understood; expected ", Range(spec_)));
    auto number = base::ParseInt(value.text);
    if (!number || *number < spec_.low || *number > spec_.high)
      return Bad(value, base::Cat("'", value.text, "' is out of range ", Range(spec_)));
    return static_cast<int>(*number);
  }

  base::Result<int> ParseStep(Word step) {
    // A step past the range would silently mean "once"; one as long as it (*/60, */24) is common.
    int most = spec_.high - spec_.low + 1;
    auto number = IsDigits(step.text) ? base::ParseInt(step.text) : std::nullopt;
    if (!number || *number < 1 || *number > most)
      return Bad(step, base::Cat("the step '", step.text, "' is not a number from 1 to ", most));
    return static_cast<int>(*number);
  }

  static bool IsDigits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  }

  tl::unexpected<base::Error> Bad(Word at, std::string_view what) {
    return Invalid(
        base::Cat(spec_.name, ": ", what, " (column ", at.column, " of '", whole_, "')"));
  }

  const FieldSpec& spec_;
  std::string_view whole_;
  Cron& more_;
};

bool DaysAreAlternatives(const Cron& cron) {
  return !cron.day_of_month.is_star && !cron.day_of_week.is_star;
}

// Some weekday is always in the field, so only the day of the month can be missing from all months.
bool CanEverMatch(const Cron& cron) {
  constexpr std::array<unsigned, 13> kLongest = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (DaysAreAlternatives(cron))
    return true;
  auto first_day = static_cast<unsigned>(std::countr_zero(cron.day_of_month.bits));
  for (unsigned month = 1; month <= 12; ++month)
    if (cron.month.Has(month) &&
        (first_day <= kLongest[month] || cron.dates.CanMatch(kLongest[month])))
      return true;
  return false;
}

base::Result<std::string_view> ExpandPreset(std::string_view text) {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) {
    if (base::ToLower(text) == preset.name)
      return preset.fields;
    names.emplace_back(preset.name);
  }
  std::string message =
      base::Cat("'", text, "' is not a preset; expected ", base::Join(names, ", "));
  if (auto meant = base::DidYouMean(base::ToLower(text), names))
    message += base::Cat("; did you mean ", *meant, "?");
  return Invalid(message);
}

// The first matching minute of a day that is not before `from`, and the last that is not after it.
std::optional<minutes> FirstTimeOfDay(const Cron& cron, minutes from) {
  auto hour = static_cast<int>(from.count() / 60);
  auto minute = static_cast<int>(from.count() % 60);
  uint64_t later_minutes = cron.minute.bits >> minute;
  if (cron.hour.bits >> hour & 1 && later_minutes != 0)
    return minutes(hour * 60 + minute + std::countr_zero(later_minutes));
  uint64_t later_hours = cron.hour.bits >> (hour + 1);
  if (later_hours == 0)
    return std::nullopt;
  hour += 1 + std::countr_zero(later_hours);
  return minutes(hour * 60 + std::countr_zero(cron.minute.bits));
}

std::optional<minutes> LastTimeOfDay(const Cron& cron, minutes from) {
  auto hour = static_cast<int>(from.count() / 60);
  auto minute = static_cast<int>(from.count() % 60);
  uint64_t earlier_minutes = cron.minute.bits << (63 - minute);
  if (cron.hour.bits >> hour & 1 && earlier_minutes != 0)
    return minutes(hour * 60 + minute - std::countl_zero(earlier_minutes));
  uint64_t earlier_hours = cron.hour.bits & ((uint64_t{1} << hour) - 1);
  if (earlier_hours == 0)
    return std::nullopt;
  hour = 63 - std::countl_zero(earlier_hours);
  return minutes(hour * 60 + 63 - std::countl_zero(cron.minute.bits));
}

}  // namespace

bool Cron::MatchesDay(local_days day) const {
  year_month_day date(day);
  if (!month.Has(static_cast<unsigned>(date.month())))
    return false;
  bool by_date = day_of_month.Has(static_cast<unsigned>(date.day())) || dates.Has(day);
  bool by_weekday = day_of_week.Has(std::chrono::weekday(day).c_encoding()) || weekdays.Has(day);
  return DaysAreAlternatives(*this) ? by_date || by_weekday : by_date && by_weekday;
}

base::Result<Cron> ParseCron(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::string_view fields_text = text;
  if (std::string_view trimmed = base::Trim(text); trimmed.starts_with('@')) {
    ASSIGN_OR_RETURN(fields_text, ExpandPreset(trimmed));
  }
  auto fields = SplitWords({fields_text, 1}, kBlanks, Empty::kDrop);
  if (fields.size() != 5)
    return Invalid(base::Cat("'",
                             text,
                             "' has ",
                             fields.size(),
                             fields.size() == 1 ? " field" : " fields",
                             "; expected 5: minute, hour, day of month, month, day of week"));
  Cron cron;
  cron.text = text;
  auto parse = [&](const FieldSpec& spec, size_t index) {
    return FieldParser(spec, fields_text, cron).Parse(fields[index]);
  };
  ASSIGN_OR_RETURN(cron.minute, parse(kMinute, 0));
  ASSIGN_OR_RETURN(cron.hour, parse(kHour, 1));
  ASSIGN_OR_RETURN(cron.day_of_month, parse(kDayOfMonth, 2));
  ASSIGN_OR_RETURN(cron.month, parse(kMonth, 3));
  ASSIGN_OR_RETURN(cron.day_of_week, parse(kDayOfWeek, 4));
  if (!CanEverMatch(cron))
    return Invalid(base::Cat("day of month: '",
                             text,
                             "' can never fire: no month '",
                             fields[3].text,
                             "' has a day '",
                             fields[2].text,
                             "' (column ",
                             fields[2].column,
                             ")"));
  return cron;
}

std::optional<LocalTime> FirstMatch(const Cron& cron, LocalTime from, LocalTime until) {
  LocalTime start = std::chrono::ceil<minutes>(from);
  auto day = std::chrono::floor<days>(start);
  auto time = std::chrono::duration_cast<minutes>(start - day);
  while (day < until) {
    year_month_day date(day);
    if (!cron.month.Has(static_cast<unsigned>(date.month()))) {
      day = local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
      time = minutes(0);
      continue;
    }
    if (cron.MatchesDay(day))
      if (auto found = FirstTimeOfDay(cron, time))
        return day + *found < until ? std::optional(LocalTime(day + *found)) : std::nullopt;
    day += days(1);
    time = minutes(0);
  }
  return std::nullopt;
}

std::optional<LocalTime> LastMatch(const Cron& cron, LocalTime from, LocalTime until) {
  constexpr minutes kLastMinute(kMinutesPerDay - 1);
  // The last whole minute before `until`.
  LocalTime start = std::chrono::ceil<minutes>(until) - minutes(1);
  auto day = std::chrono::floor<days>(start);
  auto time = std::chrono::duration_cast<minutes>(start - day);
  while (day + time >= from) {
    year_month_day date(day);
    if (!cron.month.Has(static_cast<unsigned>(date.month()))) {
      day = local_days(date.year() / date.month() / 1) - days(1);
      time = kLastMinute;
      continue;
    }
    if (cron.MatchesDay(day))
      if (auto found = LastTimeOfDay(cron, time))
        return day + *found >= from ? std::optional(LocalTime(day + *found)) : std::nullopt;
    day -= days(1);
    time = kLastMinute;
  }
  return std::nullopt;
}

}  // namespace schedule
