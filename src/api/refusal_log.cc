#include "api/refusal_log.h"

#include <utility>

#include "base/safe_text.h"
#include "base/time.h"

namespace api {

namespace {

constexpr size_t kMostKinds = 64;  // in a minute
constexpr base::Duration kKept = base::seconds(60);

}  // namespace

void RefusalLog::Note(const model::Principal& by, std::string what, std::string why) {
  what = base::Excerpt(base::PrintableLine(what));
  model::Principal who = by;
  Key key{by.name, by.address, what, why};
  if (seen_.size() >= kMostKinds && !seen_.contains(key)) {
    what = "much else";
    why = "refused";
    who = model::Principal(kNobody);
    key = {kNobody, "", what, why};
  }
  if (seen_.empty())
    flush_ = views_.After(kKept, [this] { Flush(); });
  const auto [found, is_first] = seen_.try_emplace(std::move(key), who, 0);
  if (!is_first) {
    ++found->second.second;
    return;
  }
  commands_.NoteRefusal(
      {.what = std::move(what), .why = std::move(why), .times = 1, .by = std::move(who)});
}

void RefusalLog::Flush() {
  for (auto& [key, of] : std::exchange(seen_, {})) {
    if (of.second > 0)
      commands_.NoteRefusal({.what = std::get<2>(key),
                             .why = std::get<3>(key),
                             .times = of.second,
                             .by = std::move(of.first)});
  }
}

}  // namespace api
