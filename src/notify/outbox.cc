#include "notify/outbox.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/draw.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using base::Duration;
using base::Time;
using model::Occasion;

constexpr Duration kForgottenAfter = base::hours(24 * 30);
constexpr Duration kFirstPause = base::seconds(10);
constexpr Duration kLongestPause = base::minutes(10);     // of one message
constexpr Duration kLongestLinePause = base::minutes(5);  // of all messages of a notifier
constexpr Duration kLongestWait = base::hours(1);         // however long a sender is told to wait
constexpr size_t kBundleMax = 200;
constexpr size_t kWhyMax = 500;
// Of a matter's record: below what the store takes (kRecordBytesMax), whatever has piled up.
constexpr size_t kBodyMax = model::kRecordBytesMax * 3 / 4;
// A notifier that is gone from the file may be back after the next edit.
constexpr Duration kMissedFor = base::hours(24);

bool IsDeadline(Occasion occasion) {
  return occasion == Occasion::kAtRisk || occasion == Occasion::kLate ||
         occasion == Occasion::kMissed;
}

// It lasts until it is over.
bool Lasts(Occasion occasion) {
  return occasion != Occasion::kRetry && occasion != Occasion::kSuccess;
}

// What is over before anybody was told is not told at all. A failure always is.
bool MayPassUnheard(Occasion occasion) {
  return occasion != Occasion::kFailed && Lasts(occasion);
}

// How long a message waits for others that it can report as well.
Duration GatherTime(const Matter& matter, Occasion occasion) {
  if (matter.is_told && (occasion == Occasion::kFailed || occasion == Occasion::kRetry))
    return base::minutes(2);
  if (IsDeadline(occasion))
    return base::minutes(1);
  return base::seconds(10);
}

Duration Spacing(const Notifier* settings) {
  return Duration(base::minutes(1)) /
         std::max(settings == nullptr ? 1 : settings->max_per_minute, 1);
}

// Doubles with each try, give or take a fifth.
Duration Pause(uint64_t seed, std::string_view what, int tries, Duration longest) {
  const Duration whole = std::min(longest, kFirstPause * (1 << std::min(tries - 1, 10)));
  const double share = 0.8 + 0.4 * base::DrawUnit(seed, what, static_cast<uint64_t>(tries));
  return Duration(static_cast<int64_t>(static_cast<double>(whole.count()) * share));
}

std::string ShortHash(const std::string& text) {
  return base::Sha256Hex(text).substr(0, 20);
}

Part PartOf(const Happening& happening) {
  return {.name = happening.part,
          .job = happening.job,
          .try_number = happening.try_number,
          .verdict = happening.verdict,
          .why = base::Excerpt(happening.why, kWhyMax),
          .next_try_at = happening.next_try_at,
          .at = happening.at};
}

const std::string& IdOf(const Notice& notice) {
  return notice.bundle.empty() ? notice.id : notice.bundle;
}

// What one record cannot hold is counted, and not named.
std::string BoundedBody(Matter& matter) {
  std::string body = ToBody(matter);
  for (size_t parts = kPartsMax / 2; body.size() > kBodyMax && parts > 0; parts /= 2) {
    for (Notice& notice : matter.notices)
      notice.parts.resize(std::min(notice.parts.size(), parts));
    while (matter.open.size() > parts) {
      matter.open.erase(std::prev(matter.open.end()));
      matter.has_more = true;
    }
    body = ToBody(matter);
  }
  return body;
}

bool HasBegun(const Matter& matter) {
  return matter.is_told ||
         std::ranges::any_of(matter.notices, [](const Notice& n) { return !n.is_over; });
}

void EraseParts(std::set<std::string>& open, const std::string& part) {
  std::erase_if(open, [&](const std::string& each) {
    return each == part || each.starts_with(part + "[");  // instances of a mapped job
  });
}

}  // namespace

void Outbox::Load(const std::vector<const model::RecordRow*>& rows, Time now) {
  if (!std::exchange(is_born_, true))
    born_at_ = now;
  matters_.clear();
  touched_.clear();
  stored_.clear();
  for (const model::RecordRow* row : rows) {
    auto matter = ParseMatter(row->body);
    if (!matter)
      continue;
    stored_.insert(matter->key);
    matters_.insert_or_assign(matter->key, *std::move(matter));
  }
}

// An earlier life may have sent a message a moment ago.
Outbox::Line& Outbox::LineOf(const std::string& notifier, const Notifier* settings) {
  return lines_.try_emplace(notifier, Line{.state = {}, .free_at = born_at_ + Spacing(settings)})
      .first->second;
}

Matter& Outbox::Touch(Matter& matter, Time now) {
  matter.changed_at = now;
  touched_.insert(matter.key);
  return matter;
}

Records Outbox::Changes() {
  Records records;
  for (const MatterKey& key : touched_) {
    const auto found = matters_.find(key);
    if (found == matters_.end())
      continue;
    Matter& matter = found->second;
    const model::RecordKey record{model::RecordKind::kNotice, NameOf(key)};
    if (!matter.notices.empty() || !matter.open.empty() || matter.has_more) {
      records.push_back({record, BoundedBody(matter), std::nullopt});
      stored_.insert(key);
      continue;
    }
    // What has come and gone in one step was never stored.
    if (stored_.erase(key) > 0)
      records.push_back({record, std::nullopt, std::nullopt});
    matters_.erase(found);
  }
  touched_.clear();
  return records;
}

Records Outbox::Take(const std::vector<Happening>& happenings, const Routes& routes, Time now) {
  for (const Happening& happening : happenings) {
    if (happening.is_over || happening.occasion == Occasion::kSuccess)
      End(happening, now);
    if (happening.is_over)
      continue;
    for (const Route& route : routes.For(happening)) {
      // What is told so late helps nobody: rows that are looked at again after a restart, by rules
      // that are new.
      const Notifier* settings = routes.Find(route.target.notifier);
      const bool is_old = settings != nullptr && now - happening.at > settings->give_up_after;
      if (!is_old && !IsEcho(happening, route.target))
        Begin(happening, route, now);
    }
  }
  return Changes();
}

bool Outbox::IsEcho(const Happening& happening, const Target& target) const {
  if (happening.occasion != Occasion::kFailed || !happening.job.job.empty())
    return false;
  const auto first = matters_.lower_bound({happening.job.run, "", {}});
  for (auto at = first; at != matters_.end() && at->first.run == happening.job.run; ++at) {
    if (at->first.target == target && at->first.about.starts_with(happening.about) &&
        !at->second.open.empty())
      return true;
  }
  return false;
}

void Outbox::Begin(const Happening& happening, const Route& route, Time now) {
  const MatterKey key{happening.job.run, happening.about, route.target};
  const auto [found, is_new] = matters_.try_emplace(key);
  Matter& matter = found->second;
  const bool is_open = !matter.open.empty();
  if (!is_new && is_open && MayPassUnheard(happening.occasion) &&
      matter.open.contains(happening.part) && happening.severity <= matter.severity)
    return;
  matter.key = key;
  matter.title = route.title;
  matter.text = route.text;
  const bool is_worse = is_new || happening.severity > matter.severity;
  matter.severity = happening.severity;
  Touch(matter, now);
  if (Lasts(happening.occasion) && matter.open.size() < kOpenMax)
    matter.open.insert(happening.part);
  else if (Lasts(happening.occasion))
    matter.has_more = true;
  // It was over for a moment, and nobody has heard of that.
  if (MayPassUnheard(happening.occasion) && !matter.notices.empty() &&
      matter.notices.back().is_over && matter.notices.back().tries == 0 &&
      !IsUnderWay(matter, matter.notices.back()) && matter.notices.back().bundle.empty()) {
    matter.notices.pop_back();
    if (!is_worse)
      return;
  }
  AddNotice(matter, happening, now);
}

void Outbox::AddNotice(Matter& matter, const Happening& happening, Time now) {
  Notice* last = nullptr;
  for (auto& notice : std::views::reverse(matter.notices)) {
    if (notice.is_over)
      break;
    // What may have arrived already is not changed any more.
    if (last == nullptr && notice.occasion == happening.occasion && notice.tries == 0 &&
        notice.bundle.empty() && !IsUnderWay(matter, notice))
      last = &notice;
  }
  if (last == nullptr) {
    const std::string what =
        Cat(NameOf(matter.key), " ", happening.seq, " ", base::ToMicros(happening.at));
    last = &matter.notices.emplace_back();
    last->id = ShortHash(what);
    last->occasion = happening.occasion;
    last->at = now;
    last->due = now + GatherTime(matter, happening.occasion);
  }
  const auto same = std::ranges::find(last->parts, happening.part, &Part::name);
  if (same != last->parts.end()) {
    *same = PartOf(happening);
    return;
  }
  ++last->count;
  if (last->parts.size() < kPartsMax)
    last->parts.push_back(PartOf(happening));
}

bool Outbox::IsUnderWay(const Matter& matter, const Notice& notice) const {
  const auto line = lines_.find(matter.key.target.notifier);
  return line != lines_.end() && line->second.under_way == IdOf(notice);
}

void Outbox::End(const Happening& happening, Time now) {
  const model::RunKey& run = happening.job.run;
  const bool is_of_run = happening.job.job.empty() && !run.run.empty();
  // A run that has succeeded ends what its jobs were told to have failed by.
  const bool is_all =
      happening.about.empty() || (is_of_run && happening.occasion == Occasion::kSuccess);
  auto at = matters_.lower_bound({{run.dag, run.run}, "", {}});
  for (; at != matters_.end() && at->first.run.dag == run.dag; ++at) {
    Matter& matter = at->second;
    if ((!run.run.empty() || !is_all) && at->first.run != run)
      break;
    if ((!is_all && at->first.about != happening.about) ||
        (matter.open.empty() && !matter.has_more))
      continue;
    const size_t before = matter.open.size();
    if (is_all)
      matter.open.clear();
    else
      EraseParts(matter.open, happening.part);
    matter.has_more = matter.has_more && !is_all;
    if (matter.open.size() != before)
      CloseIfOver(Touch(matter, now), happening, now);
  }
}

void Outbox::CloseIfOver(Matter& matter, const Happening& happening, Time now) {
  if (!matter.open.empty() || matter.has_more || !HasBegun(matter))
    return;
  const bool is_unheard =
      !matter.is_told && std::ranges::all_of(matter.notices, [&](const Notice& notice) {
        return MayPassUnheard(notice.occasion) && notice.tries == 0 && notice.bundle.empty() &&
               !IsUnderWay(matter, notice);
      });
  if (is_unheard) {
    matter.notices.clear();
    return;
  }
  Notice& over = matter.notices.emplace_back();
  over.id = ShortHash(
      Cat(NameOf(matter.key), " over ", happening.seq, " ", base::ToMicros(happening.at)));
  over.occasion = happening.occasion;
  over.is_over = true;
  over.parts = {PartOf(happening)};
  over.count = 1;
  over.at = now;
  over.due = now + GatherTime({}, happening.occasion);
}

Outbox::Waiting Outbox::WaitingOf(const std::string& notifier, Time now) {
  Waiting waiting;
  for (auto& [key, matter] : matters_) {
    if (key.target.notifier == notifier && !matter.notices.empty() &&
        matter.notices.front().due <= now)
      waiting.emplace_back(&matter, &matter.notices.front());
  }
  std::ranges::sort(
      waiting, {}, [](const auto& each) { return std::tie(each.second->at, each.second->id); });
  return waiting;
}

// While nothing arrives, what has waited for too long goes without an attempt of its own.
void Outbox::GiveUpOld(Waiting& waiting, const Notifier* settings, Time now) {
  if (waiting.empty())
    return;
  const Line& line = LineOf(waiting.front().first->key.target.notifier, settings);
  if (settings != nullptr && line.failures_in_row == 0)
    return;
  const Duration patience = settings == nullptr ? kMissedFor : settings->give_up_after;
  const std::string why =
      settings == nullptr ? std::string(kNoSuchNotifier) : line.state.last_error;
  std::erase_if(waiting, [&](const auto& each) {
    auto& [matter, notice] = each;
    if (now - notice->at <= patience || IsUnderWay(*matter, *notice))
      return false;
    GiveUp(Touch(*matter, now), notice->id, why);
    return true;
  });
}

Records Outbox::Bundle(const Routes& routes, Time now) {
  std::set<std::string> notifiers;
  for (auto& [key, matter] : matters_) {
    if (!matter.notices.empty())
      notifiers.insert(key.target.notifier);
    else if (matter.changed_at + kForgottenAfter < now) {
      matter.open.clear();
      matter.has_more = false;
      touched_.insert(key);
    }
  }
  for (const std::string& name : notifiers) {
    const Notifier* settings = routes.Find(name);
    Waiting waiting = WaitingOf(name, now);
    GiveUpOld(waiting, settings, now);
    if (settings == nullptr)
      continue;
    // PagerDuty's events stand for incidents, one each.
    if (settings->type == NotifierType::kPagerDuty || !LineOf(name, settings).under_way.empty())
      continue;
    // What may have arrived keeps its id.
    std::erase_if(waiting, [&](const auto& each) {
      return each.second->tries > 0 || !each.second->bundle.empty() ||
             !each.first->key.target.emails.empty();
    });
    if (waiting.size() <= static_cast<size_t>(std::max(settings->max_per_minute, 1)))
      continue;
    waiting.resize(std::min(waiting.size(), kBundleMax));
    const std::string bundle =
        ShortHash(Cat("bundle ", waiting.front().second->id, " ", base::ToMicros(now)));
    for (auto& [matter, notice] : waiting) {
      notice->bundle = bundle;
      Touch(*matter, now);
    }
  }
  return Changes();
}

std::vector<Outbox::Sending> Outbox::Next(const Routes& routes, Time now) {
  std::vector<Sending> sendings;
  for (const Notifier& notifier : routes.notifiers()) {
    Line& line = LineOf(notifier.name, &notifier);
    if (!line.under_way.empty() || now < line.free_at || now < line.paused_until)
      continue;
    const Waiting waiting = WaitingOf(notifier.name, now);
    if (waiting.empty())
      continue;
    const auto& [first, notice] = waiting.front();
    Sending sending{.id = IdOf(*notice), .target = first->key.target, .notices = {}};
    for (const auto& [matter, other] : waiting) {
      if (IdOf(*other) == sending.id)
        sending.notices.emplace_back(matter->key, *other);
    }
    if (notice->bundle.empty()) {
      sending.title = first->title;
      sending.text = first->text;
    }
    line.under_way = sending.id;
    line.free_at = now + Spacing(&notifier);
    sendings.push_back(std::move(sending));
  }
  return sendings;
}

// By value: the notice that has the id goes.
void Outbox::GiveUp(Matter& matter, std::string id, std::string_view why) {
  const bool has_begun_elsewhere =
      matter.is_told || std::ranges::any_of(matter.notices, [&](const Notice& notice) {
        return !notice.is_over && notice.id != id;
      });
  // Who was not told that it began is not told that it is over.
  const bool is_beginning = std::ranges::any_of(
      matter.notices, [&](const Notice& notice) { return notice.id == id && !notice.is_over; });
  std::erase_if(matter.notices, [&](const Notice& notice) {
    return notice.id == id || (is_beginning && !has_begun_elsewhere && notice.is_over);
  });
  if (is_beginning && !has_begun_elsewhere) {
    matter.open.clear();
    matter.has_more = false;
  }
  ++LineOf(matter.key.target.notifier, nullptr).state.given_up;
  base::LogError("notification_given_up",
                 {{"notifier", matter.key.target.notifier},
                  {"about", matter.key.about},
                  {"id", id},
                  {"message", why}});
}

Records Outbox::Answered(const std::string& id,
                         const std::optional<SendFailure>& failure,
                         const Routes& routes,
                         Time now) {
  const auto found =
      std::ranges::find_if(lines_, [&](const auto& line) { return line.second.under_way == id; });
  if (found == lines_.end())
    return {};
  auto& [name, line] = *found;
  before_answer_ = *found;
  line.under_way.clear();
  if (!failure) {
    ++line.state.sent;
    line.failures_in_row = 0;
    line.paused_until = {};
    line.state.last_success = now;
    line.state.failing_since = std::nullopt;
    line.state.last_error.clear();
  } else {
    ++line.state.failed;
    ++line.failures_in_row;
    line.state.last_error = failure->why;
    line.state.failing_since = line.state.failing_since.value_or(now);
    line.paused_until =
        now + std::max(Pause(seed_, name, line.failures_in_row, kLongestLinePause),
                       std::min(failure->retry_after.value_or(Duration()), kLongestPause));
  }
  const Notifier* settings = routes.Find(name);
  for (auto& [key, matter] : matters_) {
    if (key.target.notifier != name || matter.notices.empty() || IdOf(matter.notices.front()) != id)
      continue;
    Touch(matter, now);
    Notice& notice = matter.notices.front();
    if (!failure) {
      matter.is_told = matter.is_told || (!notice.is_over && Lasts(notice.occasion));
      matter.notices.erase(matter.notices.begin());
      continue;
    }
    ++notice.tries;
    notice.last_error = failure->why;
    notice.due = now + std::max(Pause(seed_, id, notice.tries, kLongestPause),
                                std::min(failure->retry_after.value_or(Duration()), kLongestWait));
    const Duration patience = settings == nullptr ? kMissedFor : settings->give_up_after;
    if (failure->is_final || now - notice.at > patience)
      GiveUp(matter, notice.id, failure->why);
  }
  return Changes();
}

void Outbox::TakeBackAnswer() {
  if (before_answer_)
    lines_.insert_or_assign(before_answer_->first, before_answer_->second);
}

std::optional<Time> Outbox::NextWake(const Routes& routes) const {
  std::optional<Time> next;
  for (const auto& [key, matter] : matters_) {
    if (matter.notices.empty())
      continue;
    Time due = matter.notices.front().due;
    if (routes.Find(key.target.notifier) == nullptr) {
      due = std::max(due, matter.notices.front().at + kMissedFor);
    } else {
      if (const auto line = lines_.find(key.target.notifier); line != lines_.end()) {
        if (!line->second.under_way.empty())
          continue;
        due = std::max({due, line->second.free_at, line->second.paused_until});
      }
    }
    next = std::min(next.value_or(due), due);
  }
  return next;
}

std::map<std::string, NotifierState> Outbox::States() const {
  std::map<std::string, NotifierState> states;
  for (const auto& [name, line] : lines_)
    states[name] = line.state;
  for (const auto& [key, matter] : matters_) {
    if (!matter.notices.empty())
      states[key.target.notifier].pending += static_cast<int>(matter.notices.size());
  }
  return states;
}

}  // namespace notify
