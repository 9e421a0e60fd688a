#include "template/formats.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "base/safe_text.h"
#include "base/text.h"
#include "template/calendar.h"

namespace tmpl {

using base::Cat;

namespace {

constexpr std::string_view kWritten = "aAbBdfGHIjmMpSuUVwWyYz%";
constexpr std::string_view kRead = "bBdfHImMpSyY%";

constexpr std::array<std::string_view, 7> kDays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"January",
                                                      "February",
                                                      "March",
                                                      "April",
                                                      "May",
                                                      "June",
                                                      "July",
                                                      "August",
                                                      "September",
                                                      "October",
                                                      "November",
                                                      "December"};
constexpr size_t kMaxFormat = 500;  // bounds the recursion of Reader
constexpr size_t kShort = 3;        // "Mon", "Jan"

std::string Listed(std::string_view directives) {
  std::vector<std::string> names;
  for (char directive : directives)
    names.push_back(Cat("%", directive));
  return base::Join(names, " ");
}

// The directive at `at`, with the whole of a UTF-8 character.
std::string_view DirectiveAt(std::string_view format, size_t at) {
  size_t length = 2;
  while (at + length < format.size() && (format[at + length] & 0xC0) == 0x80)
    ++length;
  return format.substr(at, length);
}

std::string ProblemOf(std::string_view format, std::string_view allowed, bool once) {
  if (format.size() > kMaxFormat)
    return Cat("the format is longer than ", kMaxFormat, " bytes");
  std::string seen;
  for (size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%', at + 2)) {
    if (at + 1 == format.size())
      return "the format ends in a single '%'; write '%%' for the character itself";
    const char directive = format[at + 1];
    if (allowed.find(directive) == std::string_view::npos)
      return Cat("the format has '",
                 DirectiveAt(format, at),
                 "', which does not mean the same everywhere; there are ",
                 Listed(allowed));
    if (once && directive != '%' && seen.find(directive) != std::string::npos)
      return Cat("the format has '%", directive, "' twice");
    seen += directive;
  }
  return "";
}

std::string Padded(int64_t number, size_t width) {
  std::string digits = Cat(number);
  return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

// What the directives of one time are made of.
struct Shown {
  explicit Shown(const DateTime& time)
      : fields(FieldsOf(time)),
        day(fields.date),
        weekday(std::chrono::weekday(day)),
        day_of_year((day - std::chrono::sys_days(fields.date.year() / 1 / 1)).count()),
        offset(time.offset_seconds) {}

  int year() const { return static_cast<int>(fields.date.year()); }
  int month() const { return static_cast<int>(static_cast<unsigned>(fields.date.month())); }
  // The week of ISO 8601 belongs to the year of its Thursday.
  std::chrono::year_month_day Thursday() const {
    return day + std::chrono::days(4 - static_cast<int>(weekday.iso_encoding()));
  }
  int64_t IsoWeek() const {
    const auto thursday = Thursday();
    return (std::chrono::sys_days(thursday) - std::chrono::sys_days(thursday.year() / 1 / 1))
                   .count() /
               7 +
           1;
  }
  // Weeks of the year that have begun on that day of the week (0: Sunday).
  int64_t WeeksSince(unsigned first) const {
    return (day_of_year + 7 - (weekday.c_encoding() + 7 - first) % 7) / 7;
  }
  std::string Offset() const {
    const int east = std::abs(offset);
    return Cat(offset < 0 ? "-" : "+",
               Padded(east / 3600, 2),
               Padded(east / 60 % 60, 2),
               east % 60 == 0 ? "" : Padded(east % 60, 2));
  }

  Fields fields;
  std::chrono::sys_days day;
  std::chrono::weekday weekday;
  int64_t day_of_year;  // from 0
  int offset;
};

std::string DateText(char directive, const Shown& shown) {
  const std::string_view day = kDays[shown.weekday.c_encoding()];
  const std::string_view month = kMonths[static_cast<size_t>(shown.month() - 1)];
  switch (directive) {
    case 'a':
      return std::string(day.substr(0, kShort));
    case 'A':
      return std::string(day);
    case 'b':
      return std::string(month.substr(0, kShort));
    case 'B':
      return std::string(month);
    case 'd':
      return Padded(static_cast<unsigned>(shown.fields.date.day()), 2);
    case 'G':
      return Padded(static_cast<int>(shown.Thursday().year()), 4);
    case 'j':
      return Padded(shown.day_of_year + 1, 3);
    case 'm':
      return Padded(shown.month(), 2);
    case 'u':
      return Cat(shown.weekday.iso_encoding());
    case 'U':
      return Padded(shown.WeeksSince(0), 2);
    case 'V':
      return Padded(shown.IsoWeek(), 2);
    case 'w':
      return Cat(shown.weekday.c_encoding());
    case 'W':
      return Padded(shown.WeeksSince(1), 2);
    case 'y':
      return Padded(shown.year() % 100, 2);
    case 'Y':
      return Padded(shown.year(), 4);
    default:
      return "";
  }
}

std::string ClockText(char directive, const Shown& shown) {
  const auto hour = shown.fields.clock.hours().count();
  switch (directive) {
    case '%':
      return "%";
    case 'f':
      return Padded(shown.fields.clock.subseconds().count(), 6);
    case 'H':
      return Padded(hour, 2);
    case 'I':
      return Padded((hour + 11) % 12 + 1, 2);
    case 'M':
      return Padded(shown.fields.clock.minutes().count(), 2);
    case 'p':
      return hour < 12 ? "AM" : "PM";
    case 'S':
      return Padded(shown.fields.clock.seconds().count(), 2);
    case 'z':
      return shown.Offset();
    default:
      return DateText(directive, shown);
  }
}

// What was read, as Python's strptime begins.
struct Read {
  int year = 1900;
  int month = 1;
  int day = 1;
  int hour = 0;
  int hour12 = -1;
  bool afternoon = false;
  int minute = 0;
  int second = 0;
  int micros = 0;
};

struct NumberRule {
  char directive;
  int min;
  int max;
  size_t least_digits;
  size_t most_digits;
};
constexpr std::array kNumbers = {NumberRule{'d', 1, 31, 1, 2},
                                 NumberRule{'f', 0, 999'999, 1, 6},
                                 NumberRule{'H', 0, 23, 1, 2},
                                 NumberRule{'I', 1, 12, 1, 2},
                                 NumberRule{'m', 1, 12, 1, 2},
                                 NumberRule{'M', 0, 59, 1, 2},
                                 NumberRule{'S', 0, 59, 1, 2},
                                 NumberRule{'y', 0, 99, 2, 2},
                                 NumberRule{'Y', 1, 9999, 4, 4}};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool StartsWithoutCase(std::string_view text, std::string_view word) {
  return base::ToLower(text.substr(0, word.size())) == base::ToLower(word);
}

// Reads a text by a format. Where a directive can take more or less, all of it is tried, the
// longest first: "%Y%m%d" reads 2026111 as 2026-11-01.
class Reader {
 public:
  bool Run(std::string_view text, std::string_view format) {
    if (format.empty())
      return text.empty();
    if (++steps_ > kMaxSteps)
      return false;
    if (format.front() != '%')
      return IsSpace(format.front()) ? Spaces(text, format) : Character(text, format);
    const char directive = format[1];
    format.remove_prefix(2);
    if (directive == '%')
      return text.starts_with('%') && Run(text.substr(1), format);
    if (directive == 'b' || directive == 'B')
      return Month(text, format, directive == 'b');
    if (directive == 'p')
      return Half(text, format);
    const auto* rule = std::ranges::find(kNumbers, directive, &NumberRule::directive);
    return rule != kNumbers.end() && Number(text, format, *rule);
  }

  const Read& read() const { return read_; }

 private:
  static constexpr int kMaxSteps = 10'000;

  bool Character(std::string_view text, std::string_view format) {
    return !text.empty() &&
           base::ToLower(text.substr(0, 1)) == base::ToLower(format.substr(0, 1)) &&
           Run(text.substr(1), format.substr(1));
  }

  // White space stands for white space, one or more.
  bool Spaces(std::string_view text, std::string_view format) {
    while (!format.empty() && IsSpace(format.front()))
      format.remove_prefix(1);
    size_t count = 0;
    while (count < text.size() && IsSpace(text[count]))
      ++count;
    for (; count > 0; --count)
      if (Run(text.substr(count), format))
        return true;
    return false;
  }

  bool Month(std::string_view text, std::string_view format, bool short_name) {
    for (size_t i = 0; i < kMonths.size(); ++i) {
      const std::string_view name = short_name ? kMonths[i].substr(0, kShort) : kMonths[i];
      if (StartsWithoutCase(text, name) && Run(text.substr(name.size()), format)) {
        read_.month = static_cast<int>(i) + 1;
        return true;
      }
    }
    return false;
  }

  bool Half(std::string_view text, std::string_view format) {
    if (!StartsWithoutCase(text, "am") && !StartsWithoutCase(text, "pm"))
      return false;
    read_.afternoon = base::ToLower(text.substr(0, 1)) == "p";
    return Run(text.substr(2), format);
  }

  bool Number(std::string_view text, std::string_view format, const NumberRule& rule) {
    for (size_t digits = rule.most_digits; digits >= rule.least_digits; --digits) {
      if (digits > text.size() || !std::ranges::all_of(text.substr(0, digits), IsDigit))
        continue;
      const auto number = static_cast<int>(*base::ParseInt(text.substr(0, digits)));
      if (number < rule.min || number > rule.max || !Run(text.substr(digits), format))
        continue;
      Take(rule.directive, number, digits);
      return true;
    }
    return false;
  }

  void Take(char directive, int number, size_t digits) {
    switch (directive) {
      case 'd':
        read_.day = number;
        break;
      case 'f':
        read_.micros = number;
        for (; digits < 6; ++digits)
          read_.micros *= 10;
        break;
      case 'H':
        read_.hour = number;
        break;
      case 'I':
        read_.hour12 = number % 12;
        break;
      case 'm':
        read_.month = number;
        break;
      case 'M':
        read_.minute = number;
        break;
      case 'S':
        read_.second = number;
        break;
      case 'y':
        read_.year = number < 69 ? 2000 + number : 1900 + number;
        break;
      case 'Y':
        read_.year = number;
        break;
      default:
        break;
    }
  }

  Read read_;
  int steps_ = 0;
};

}  // namespace

std::string ProblemOfFormat(std::string_view format) {
  return ProblemOf(format, kWritten, false);
}

std::string ProblemOfReadFormat(std::string_view format) {
  return ProblemOf(format, kRead, true);
}

std::string Strftime(const DateTime& time, std::string_view format) {
  const Shown shown(time);
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%')
      out += ClockText(format[++i], shown);
    else
      out += format[i];
  }
  return out;
}

base::Result<DateTime> Strptime(std::string_view text, std::string_view format) {
  using namespace std::chrono;
  auto bad = [&] {
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        Cat("'", base::Excerpt(text), "' is not a date of the form '", base::Excerpt(format), "'"));
  };
  Reader reader;
  if (!reader.Run(text, format))
    return bad();
  const Read& read = reader.read();
  const year_month_day date(year(read.year),
                            month(static_cast<unsigned>(read.month)),
                            day(static_cast<unsigned>(read.day)));
  if (!date.ok())
    return bad();
  const int hour = read.hour12 < 0 ? read.hour : read.hour12 + (read.afternoon ? 12 : 0);
  return DateTime{.utc = base::Time(sys_days(date)) + hours(hour) + minutes(read.minute) +
                         seconds(read.second) + base::Duration(read.micros)};
}

}  // namespace tmpl
