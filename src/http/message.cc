#include "http/message.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "base/json.h"
#include "base/json_text.h"
#include "base/percent.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace http {
namespace {

// Messages cut what they repeat of a request; this is the last bound.
constexpr size_t kDetailMax = 4000;

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string DecodeQueryPart(std::string_view text) {
  return PercentDecode(base::ReplaceAll(text, "+", " "));
}

}  // namespace

void Headers::Set(std::string_view name, std::string value) {
  Remove(name);
  Add(name, std::move(value));
}

void Headers::Add(std::string_view name, std::string value) {
  all_.emplace_back(std::string(name), std::move(value));
}

void Headers::Remove(std::string_view name) {
  std::erase_if(all_, [&](const auto& header) { return SameName(header.first, name); });
}

std::optional<std::string> Headers::Get(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (SameName(key, name))
      return value;
  }
  return std::nullopt;
}

bool Headers::Has(std::string_view name) const {
  return std::ranges::any_of(all_, [&](const auto& h) { return SameName(h.first, name); });
}

Response ErrorResponse(int status, std::string_view detail) {
  Response response{.status = status};
  response.headers.Add("Content-Type", "application/json");
  response.body =
      base::ValidUtf8(base::Serialize(json::object{{"detail", base::Excerpt(detail, kDetailMax)}}));
  return response;
}

std::string PercentDecode(std::string_view text) {
  return base::PercentDecode(text);
}

std::string PercentEncode(std::string_view text) {
  return base::PercentEncode(text);
}

std::optional<std::string> Target::Param(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name)
      return value;
  }
  return std::nullopt;
}

Target SplitTarget(std::string_view target) {
  Target result;
  const size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.starts_with('/'))
    path.remove_prefix(1);
  if (path.ends_with('/'))
    path.remove_suffix(1);
  if (!path.empty()) {
    for (const std::string& segment : base::Split(path, '/'))
      result.segments.push_back(PercentDecode(segment));
  }
  if (question == std::string_view::npos)
    return result;
  for (const std::string& part : base::Split(target.substr(question + 1), '&')) {
    if (part.empty())
      continue;
    const std::string_view pair = part;
    const size_t equals = pair.find('=');
    std::string_view value;
    if (equals != std::string_view::npos)
      value = pair.substr(equals + 1);
    result.query.emplace_back(DecodeQueryPart(pair.substr(0, equals)), DecodeQueryPart(value));
  }
  return result;
}

namespace {

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string FormatHttpDate(base::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<base::seconds>(time - day));
  char buffer[40];
  std::snprintf(buffer,
                sizeof(buffer),
                "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(),
                static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer;
}

std::optional<base::Time> ParseHttpDate(std::string_view text) {
  constexpr size_t kSize = std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size();
  if (text.size() != kSize || !text.ends_with(" GMT"))
    return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end())
    return std::nullopt;
  const auto number = month - kMonths.begin() + 1;
  auto parsed = base::ParseTime(base::Cat(text.substr(12, 4),
                                          number < 10 ? "-0" : "-",
                                          number,
                                          "-",
                                          text.substr(5, 2),
                                          "T",
                                          text.substr(17, 8),
                                          "Z"));
  return parsed ? std::optional(*parsed) : std::nullopt;
}

}  // namespace http
