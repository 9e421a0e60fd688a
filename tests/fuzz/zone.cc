#include "base/check.h"
#include "schedule/time_zone.h"
#include "targets.h"

namespace fuzz {
namespace {

// Spans join without gaps, and a local time that exists once finds its way back.
void LookAt(const schedule::TimeZone& zone, base::Time utc) {
  const schedule::Span span = zone.SpanAt(utc);
  CHECK(span.begin <= utc && utc < span.end);
  if (span.begin != base::Time::min()) {
    CHECK(zone.SpanAt(span.begin).begin == span.begin);
    CHECK(zone.SpanAt(span.begin - base::Duration(1)).end == span.begin);
  }
  const schedule::LocalTime local = zone.ToLocal(utc);
  const schedule::LocalResult found = zone.Lookup(local);
  CHECK(found.kind != schedule::LocalKind::kSkipped);
  if (found.kind == schedule::LocalKind::kUnique)
    CHECK(found.before == utc);
  CHECK(zone.ToLocal(zone.ToUtc(local)) == local);
  CHECK(!zone.FormatIso(utc).empty());
}

}  // namespace

void FuzzZone(std::string_view bytes) {
  const auto zone = schedule::TimeZone::Parse("f", bytes);
  if (!zone) {
    CHECK(!zone.error().message.empty());
    return;
  }
  for (int year = 1850; year < 2200; year += 25) {
    for (unsigned month = 1; month <= 12; month += 3)
      LookAt(*zone,
             std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / 29));
  }
}

}  // namespace fuzz
