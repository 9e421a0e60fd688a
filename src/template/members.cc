#include <algorithm>
#include <array>

#include "template/calendar.h"
#include "template/eval.h"

namespace tmpl {

namespace {

bool ContinuesCharacter(char c) {
  return (c & 0xC0) == 0x80;
}

// The byte at which the character begins; the text's size past its end.
size_t ByteOf(std::string_view text, size_t character) {
  size_t at = 0;
  for (; at < text.size(); ++at)
    if (!ContinuesCharacter(text[at]) && character-- == 0)
      return at;
  return at;
}

json::value Characters(std::string_view text, size_t begin, size_t end) {
  const size_t first = ByteOf(text, begin);
  return json::string(text.substr(first, ByteOf(text, end) - first));
}

// As Python's slices: from the end where negative, and never outside.
size_t Clamped(int64_t index, size_t length) {
  const auto size = static_cast<int64_t>(length);
  return static_cast<size_t>(std::clamp<int64_t>(index < 0 ? index + size : index, 0, size));
}

constexpr std::array<std::string_view, 8> kTimeParts = {
    "year", "quarter", "month", "day", "hour", "minute", "second", "microsecond"};
constexpr std::array<std::string_view, 3> kSpanParts = {"days", "seconds", "microseconds"};

std::optional<int64_t> TimePart(const DateTime& time, std::string_view name) {
  const Fields fields = FieldsOf(time);
  const auto month = static_cast<int64_t>(static_cast<unsigned>(fields.date.month()));
  if (name == "year")
    return static_cast<int>(fields.date.year());
  if (name == "quarter")
    return (month + 2) / 3;
  if (name == "month")
    return month;
  if (name == "day")
    return static_cast<unsigned>(fields.date.day());
  if (name == "hour")
    return fields.clock.hours().count();
  if (name == "minute")
    return fields.clock.minutes().count();
  if (name == "second")
    return fields.clock.seconds().count();
  if (name == "microsecond")
    return fields.clock.subseconds().count();
  return std::nullopt;
}

std::optional<int64_t> SpanPart(const Span& span, std::string_view name) {
  const auto days = std::chrono::floor<std::chrono::days>(span.length);
  const base::Duration rest = span.length - days;
  const auto seconds = std::chrono::floor<base::seconds>(rest);
  if (name == "days")
    return days.count();
  if (name == "seconds")
    return seconds.count();
  if (name == "microseconds")
    return (rest - seconds).count();
  return std::nullopt;
}

}  // namespace

std::optional<Value> PartOf(const Value& value, std::string_view name) {
  std::optional<int64_t> part;
  if (const auto* time = std::get_if<DateTime>(&value))
    part = TimePart(*time, name);
  if (const auto* span = std::get_if<Span>(&value))
    part = SpanPart(*span, name);
  return part ? std::optional<Value>(json::value(*part)) : std::nullopt;
}

std::vector<std::string> PartNames(const Value& value) {
  if (std::holds_alternative<DateTime>(value))
    return {kTimeParts.begin(), kTimeParts.end()};
  if (std::holds_alternative<Span>(value))
    return {kSpanParts.begin(), kSpanParts.end()};
  return {};
}

size_t LengthOf(const json::value& sequence) {
  if (const json::array* list = sequence.if_array())
    return list->size();
  const std::string_view text = View(sequence.get_string());
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !ContinuesCharacter(c); }));
}

std::optional<json::value> ItemOf(const json::value& sequence, int64_t index) {
  const auto size = static_cast<int64_t>(LengthOf(sequence));
  if (index < -size || index >= size)
    return std::nullopt;
  const size_t at = Clamped(index, static_cast<size_t>(size));
  if (const json::array* list = sequence.if_array())
    return (*list)[at];
  return Characters(View(sequence.get_string()), at, at + 1);
}

json::value StretchOf(const json::value& sequence,
                      std::optional<int64_t> begin,
                      std::optional<int64_t> end) {
  const size_t length = LengthOf(sequence);
  const size_t first = Clamped(begin.value_or(0), length);
  const size_t last = std::max(first, end ? Clamped(*end, length) : length);
  const json::array* list = sequence.if_array();
  if (list == nullptr)
    return Characters(View(sequence.get_string()), first, last);
  json::array out;
  for (size_t i = first; i < last; ++i)
    out.push_back((*list)[i]);
  return out;
}

}  // namespace tmpl
