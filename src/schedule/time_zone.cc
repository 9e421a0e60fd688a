#include "schedule/time_zone.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace schedule {

namespace {

using std::chrono::seconds;

// Far outside any schedule, and still a base::Time.
constexpr int64_t kMaxSeconds = 9'000'000'000'000;
// No zone was ever further from UTC (RFC 8536 names -25 h to +26 h).
constexpr int64_t kMaxOffsetSeconds = 26 * 3600;
// Rules are about dates, and <chrono>'s dates end with the year 32767: beyond it there is no
// daylight saving time.
constexpr base::Time kRulesBegin = std::chrono::sys_days(std::chrono::year(-30000) / 1 / 1);
constexpr base::Time kRulesEnd = std::chrono::sys_days(std::chrono::year(30000) / 1 / 1);

int64_t BigEndian(std::string_view bytes) {
  uint64_t value = bytes[0] & 0x80 ? ~uint64_t{0} : 0;
  for (char c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(value);
}

// One of the two blocks of a TZif file: the header's counts, and where its arrays are.
struct Block {
  static constexpr size_t kHeaderBytes = 44;

  char version = 0;
  uint64_t is_utc, is_std, leaps, times, types, chars;

  // `time_bytes`: 4 in the first block, 8 in the second.
  uint64_t DataBytes(uint64_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + chars + leaps * (time_bytes + 4) + is_std +
           is_utc;
  }
};

std::optional<Block> ReadHeader(std::string_view bytes) {
  if (bytes.size() < Block::kHeaderBytes || !bytes.starts_with("TZif"))
    return std::nullopt;
  auto count = [&](size_t index) {
    return static_cast<uint64_t>(BigEndian(bytes.substr(20 + index * 4, 4))) & 0xffffffff;
  };
  return Block{.version = bytes[4],
               .is_utc = count(0),
               .is_std = count(1),
               .leaps = count(2),
               .times = count(3),
               .types = count(4),
               .chars = count(5)};
}

std::string FormatOffset(seconds offset) {
  auto pair = [](int64_t value) { return base::Cat(value < 10 ? "0" : "", value); };
  int64_t total = offset.count() < 0 ? -offset.count() : offset.count();
  std::string text =
      base::Cat(offset.count() < 0 ? "-" : "+", pair(total / 3600), ":", pair(total / 60 % 60));
  if (total % 60 != 0)
    text += base::Cat(":", pair(total % 60));
  return text;
}

}  // namespace

base::Result<TimeZone> TimeZone::Parse(std::string name, std::string_view tzif_bytes) {
  auto bad = [&](std::string_view what) {
    return base::Fail(base::ErrorCode::kCorrupt, base::Cat("time zone ", name, ": ", what));
  };
  auto first = ReadHeader(tzif_bytes);
  if (!first)
    return bad("this is not a TZif file");
  if (first->version < '2')
    return bad("TZif version 1 has no 64-bit times; version 2 or later is needed");
  uint64_t skip = Block::kHeaderBytes + first->DataBytes(4);
  auto block = skip <= tzif_bytes.size() ? ReadHeader(tzif_bytes.substr(skip)) : std::nullopt;
  if (!block || skip + Block::kHeaderBytes + block->DataBytes(8) > tzif_bytes.size())
    return bad("the file is cut short");
  if (block->leaps != 0)
    return bad("zones that count leap seconds (right/...) are not supported");
  if (block->types == 0)
    return bad("the file has no offsets");

  std::string_view data = tzif_bytes.substr(skip + Block::kHeaderBytes);
  std::string_view times = data.substr(0, block->times * 8);
  std::string_view indexes = data.substr(times.size(), block->times);
  std::string_view types = data.substr(times.size() + indexes.size(), block->types * 6);
  std::string_view footer = data.substr(block->DataBytes(8));

  std::vector<seconds> offsets;
  for (uint64_t i = 0; i < block->types; ++i) {
    int64_t offset = BigEndian(types.substr(i * 6, 4));
    if (offset > kMaxOffsetSeconds || offset < -kMaxOffsetSeconds)
      return bad("an offset is out of range");
    offsets.emplace_back(offset);
  }

  TimeZone zone;
  zone.initial_offset_ = offsets[0];
  int64_t previous = INT64_MIN;
  for (uint64_t i = 0; i < block->times; ++i) {
    int64_t at = BigEndian(times.substr(i * 8, 8));
    auto type = static_cast<unsigned char>(indexes[i]);
    if (type >= offsets.size() || at > kMaxSeconds || (i > 0 && at <= previous))
      return bad("its transitions are damaged");
    previous = at;
    // Old compilers begin the table with the Big Bang.
    if (at < -kMaxSeconds)
      zone.initial_offset_ = offsets[type];
    else
      zone.transitions_.push_back({base::Time(seconds(at)), offsets[type]});
  }

  if (footer.size() < 2 || footer.front() != '\n' || footer.find('\n', 1) == footer.npos)
    return bad("the rule at its end is missing");
  footer = footer.substr(1, footer.find('\n', 1) - 1);
  if (!footer.empty()) {
    zone.rule_ = ParsePosixRule(footer);
    if (!zone.rule_)
      return bad(base::Cat("the rule at its end, '", footer, "', cannot be read"));
  }
  zone.name_ = std::move(name);
  return zone;
}

TimeZone TimeZone::Utc() {
  TimeZone zone;
  zone.name_ = "UTC";
  return zone;
}

Span TimeZone::SpanAt(base::Time utc) const {
  auto next = std::upper_bound(
      transitions_.begin(), transitions_.end(), utc, [](base::Time at, const Transition& t) {
        return at < t.at;
      });
  bool is_first = next == transitions_.begin();
  bool is_last = next == transitions_.end();
  Span span{.begin = is_first ? base::Time::min() : (next - 1)->at,
            .end = is_last ? base::Time::max() : next->at,
            .offset = is_first ? initial_offset_ : (next - 1)->offset};
  if (!is_last || !rule_)
    return span;
  if (rule_->daylight && (utc < kRulesBegin || utc >= kRulesEnd)) {
    span.offset = rule_->offset;
    if (utc < kRulesBegin)
      span.end = kRulesBegin;
    else
      span.begin = std::max(span.begin, kRulesEnd);
    return span;
  }
  RuleSpan rule = RuleSpanAt(*rule_, std::chrono::floor<seconds>(utc));
  span.offset = rule.offset;
  if (rule.begin)
    span.begin = std::max(span.begin, base::Time(*rule.begin));
  if (rule.end)
    span.end = *rule.end;
  return span;
}

LocalResult TimeZone::Lookup(LocalTime local) const {
  base::Time as_utc(local.time_since_epoch());
  constexpr seconds kReach(kMaxOffsetSeconds);
  Span previous = SpanAt(as_utc - kReach);
  std::optional<base::Time> found;
  if (base::Time at = previous.ToUtc(local); at < previous.end)
    found = at;
  LocalResult skipped{LocalKind::kUnique, as_utc, as_utc, as_utc};
  while (previous.end <= as_utc + kReach) {
    Span span = SpanAt(previous.end);
    base::Time before = previous.ToUtc(local), after = span.ToUtc(local);
    if (before >= span.begin && after < span.begin)
      skipped = {LocalKind::kSkipped, before, after, span.begin};
    if (after >= span.begin && after < span.end) {
      if (found)
        return {LocalKind::kRepeated, *found, after, span.begin};
      found = after;
    }
    previous = span;
  }
  return found ? LocalResult{LocalKind::kUnique, *found, *found, *found} : skipped;
}

base::Time TimeZone::ToUtc(LocalTime local) const {
  LocalResult result = Lookup(local);
  return result.kind == LocalKind::kSkipped ? result.transition : result.before;
}

base::Time TimeZone::StartOfDay(std::chrono::year_month_day date) const {
  return ToUtc(LocalTime(std::chrono::local_days(date)));
}

base::Result<base::Time> TimeZone::ParseTime(std::string_view text) const {
  ASSIGN_OR_RETURN(base::Time time, base::ParseTime(text));
  // Behind the date, only an offset has a sign or a Z.
  constexpr size_t kDateLength = 10;
  if (text.find_first_of("Zz+-", kDateLength) != text.npos)
    return time;
  return ToUtc(LocalTime(time.time_since_epoch()));
}

std::string TimeZone::FormatIso(base::Time utc) const {
  Span span = SpanAt(utc);
  std::string text = base::FormatRfc3339(base::Time(span.ToLocal(utc).time_since_epoch()));
  text.pop_back();  // the Z
  return text + FormatOffset(span.offset);
}

bool IsSafeZoneName(std::string_view name) {
  if (name.empty() || name.size() > 100)
    return false;
  for (const std::string& part : base::Split(name, '/')) {
    if (part.empty() || part == "." || part == "..")
      return false;
    for (char c : part) {
      bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!is_alnum && c != '_' && c != '-' && c != '+')
        return false;
    }
  }
  return true;
}

ZoneSet::ZoneSet() {
  Add(TimeZone::Utc());
}

void ZoneSet::Add(TimeZone zone) {
  std::string name = zone.name();
  zones_[name] = std::make_shared<const TimeZone>(std::move(zone));
}

std::shared_ptr<const TimeZone> ZoneSet::Find(std::string_view name) const {
  auto it = zones_.find(name);
  return it == zones_.end() ? nullptr : it->second;
}

}  // namespace schedule
