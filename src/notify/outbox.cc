// What the outbox takes in: which matters there are, and what is still to be reported.

#include "notify/outbox.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using base::Duration;
using base::Time;
using model::Occasion;

constexpr size_t kWhyMax = 500;
constexpr size_t kCauseMax = 1'000;
// Of a matter's record: below what the store takes (kRecordBytesMax), whatever has piled up.
constexpr size_t kBodyMax = model::kRecordBytesMax * 3 / 4;
// A deadline that comes and goes is not told each time.
constexpr Duration kSameAgainAfter = base::hours(1);

bool IsDeadline(Occasion occasion) {
  return occasion == Occasion::kAtRisk || occasion == Occasion::kLate ||
         occasion == Occasion::kMissed;
}

// What is over before anybody was told is not told at all. A failure always is.
bool MayPassUnheard(Occasion occasion) {
  return occasion != Occasion::kFailed && Lasts(occasion);
}

// How long a message waits for others that it can report as well.
Duration GatherTime(const Matter& matter, const Happening& happening) {
  const Occasion occasion = happening.occasion;
  if (happening.is_cause || IsDeadline(occasion))
    return base::minutes(1);
  if (matter.is_told && (occasion == Occasion::kFailed || occasion == Occasion::kRetry))
    return base::minutes(2);
  return base::seconds(10);
}

// What has got worse again waits until it is known that it stays so.
Time DueOf(const Matter& matter, const Happening& happening, Time now) {
  const Time due = now + GatherTime(matter, happening);
  const bool is_same = matter.is_told && IsDeadline(happening.occasion) &&
                       SeverityOf(happening.occasion) <= matter.worst;
  return is_same ? std::max(due, matter.told_at + kSameAgainAfter) : due;
}

Part PartOf(const Happening& happening) {
  return {.name = happening.part,
          .job = happening.job,
          .try_number = happening.try_number,
          .verdict = happening.verdict,
          .why = base::Excerpt(happening.why, happening.is_cause ? kCauseMax : kWhyMax),
          .next_try_at = happening.next_try_at,
          .by = happening.by,
          .at = happening.at};
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

std::string IdOf(const Matter& matter, std::string_view what, const Happening& happening) {
  return NoticeId(
      Cat(NameOf(matter.key), " ", what, happening.seq, " ", base::ToMicros(happening.at)));
}

// `from`, of a DAG that has got another id, joins what there is under the new one already.
void Join(Matter& matter, Matter from) {
  matter.known_as = from.known_as;
  matter.open.merge(from.open);
  matter.has_more = matter.has_more || from.has_more;
  matter.is_told = matter.is_told || from.is_told;
  matter.has_cause = matter.has_cause || from.has_cause;
  matter.worst = std::max(matter.worst, from.worst);
  matter.told_at = std::max(matter.told_at, from.told_at);
  matter.notices.insert(matter.notices.begin(), from.notices.begin(), from.notices.end());
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

Matter& Outbox::Touch(Matter& matter, Time now) {
  matter.changed_at = now;
  touched_.insert(matter.key);
  return matter;
}

Records Outbox::Changes() {
  Records records;
  for (const MatterKey& key : std::exchange(touched_, {})) {
    const auto found = matters_.find(key);
    const model::RecordKey record{model::RecordKind::kNotice, NameOf(key)};
    if (found != matters_.end()) {
      Matter& matter = found->second;
      if (!matter.notices.empty() || !matter.open.empty() || matter.has_more) {
        records.push_back({record, BoundedBody(matter), std::nullopt});
        stored_.insert(key);
        continue;
      }
      matters_.erase(found);
    }
    // What has come and gone in one step was never stored.
    if (stored_.erase(key) > 0)
      records.push_back({record, std::nullopt, std::nullopt});
  }
  return records;
}

Records Outbox::Take(const std::vector<Happening>& happenings, const Routes& routes, Time now) {
  for (const Happening& happening : happenings) {
    if (!happening.renamed_from.empty())
      Rename(happening, now);
    else if (happening.is_cause)
      TellCause(happening, now);
    else
      TakeOne(happening, routes, now);
  }
  return Changes();
}

void Outbox::TakeOne(const Happening& happening, const Routes& routes, Time now) {
  if (happening.is_over || happening.occasion == Occasion::kSuccess)
    End(happening, now);
  else if (IsDeadline(happening.occasion))
    Ease(happening, now);
  if (happening.is_over)
    return;
  for (const Route& route : routes.For(happening)) {
    // What is told so late helps nobody: rows that are looked at again after a restart, by rules
    // that are new.
    const Notifier* settings = routes.Find(route.target.notifier);
    const bool is_old = settings != nullptr && now - happening.at > settings->give_up_after;
    if (!is_old && !IsEcho(happening, route.target))
      Begin(happening, route, now);
  }
}

std::vector<Matter*> Outbox::MattersOf(const Happening& happening) {
  std::vector<Matter*> all;
  const model::RunKey& run = happening.job.run;
  for (auto at = matters_.lower_bound({run, happening.about, {}});
       at != matters_.end() && at->first.run == run && at->first.about == happening.about;
       ++at)
    all.push_back(&at->second);
  return all;
}

// Of several addresses each must have heard of it.
bool Outbox::IsEcho(const Happening& happening, const Target& target) const {
  if (happening.occasion != Occasion::kFailed || !happening.job.job.empty())
    return false;
  bool is_told = false;
  std::set<std::string> emails;
  const auto first = matters_.lower_bound({happening.job.run, "", {}});
  for (auto at = first; at != matters_.end() && at->first.run == happening.job.run; ++at) {
    const Target& other = at->first.target;
    if (other.notifier != target.notifier || !at->first.about.starts_with(happening.about) ||
        at->second.open.empty())
      continue;
    is_told = is_told || other.emails.empty();
    emails.insert(other.emails.begin(), other.emails.end());
  }
  if (target.emails.empty())
    return is_told;
  return std::ranges::all_of(target.emails,
                             [&](const std::string& each) { return emails.contains(each); });
}

void Outbox::Begin(const Happening& happening, const Route& route, Time now) {
  const MatterKey key{happening.job.run, happening.about, route.target};
  const auto [found, is_new] = matters_.try_emplace(key);
  Matter& matter = found->second;
  const int severity = SeverityOf(happening.occasion);
  if (MayPassUnheard(happening.occasion) && matter.open.contains(happening.part) &&
      severity <= matter.severity)
    return;
  matter.key = key;
  matter.title = route.title;
  matter.text = route.text;
  const bool is_worse = is_new || severity > matter.severity;
  matter.severity = severity;
  Touch(matter, now);
  if (Lasts(happening.occasion) && matter.open.size() < kOpenMax)
    matter.open.insert(happening.part);
  else if (Lasts(happening.occasion))
    matter.has_more = true;
  // It was over for a moment, and nobody has heard of that.
  if (MayPassUnheard(happening.occasion) && !matter.notices.empty() &&
      matter.notices.back().is_over && IsUntouched(matter, matter.notices.back())) {
    matter.notices.pop_back();
    if (!is_worse)
      return;
  }
  AddNotice(matter, happening, now);
}

// A deadline that is less in danger than before is not over. What was not reported yet is not
// true any more, and if it gets worse again that is news.
void Outbox::Ease(const Happening& happening, Time now) {
  const int severity = SeverityOf(happening.occasion);
  for (Matter* matter : MattersOf(happening)) {
    if (severity >= matter->severity || !matter->open.contains(happening.part))
      continue;
    Touch(*matter, now).severity = severity;
    while (!matter->notices.empty() && SeverityOf(matter->notices.back().occasion) > severity &&
           !matter->notices.back().is_over && IsUntouched(*matter, matter->notices.back()))
      matter->notices.pop_back();
    if (!HasBegun(*matter))
      matter->open.clear();
  }
}

// Once for what was told together: who wants more asks.
void Outbox::TellCause(const Happening& happening, Time now) {
  for (Matter* matter : MattersOf(happening)) {
    const bool joins = !matter->notices.empty() && matter->notices.back().is_cause &&
                       IsUntouched(*matter, matter->notices.back());
    if (!matter->open.contains(happening.part) || (matter->has_cause && !joins))
      continue;
    matter->has_cause = true;
    AddNotice(Touch(*matter, now), happening, now);
  }
}

void Outbox::Rename(const Happening& happening, Time now) {
  const model::DagId& from = happening.renamed_from;
  const model::DagId& to = happening.job.run.dag;
  std::vector<Matter> moved;
  for (auto at = matters_.lower_bound({{from, {}}, "", {}});
       at != matters_.end() && at->first.run.dag == from;
       at = matters_.erase(at)) {
    touched_.insert(at->first);
    moved.push_back(std::move(at->second));
  }
  for (Matter& matter : moved) {
    if (matter.known_as.empty())
      matter.known_as = matter.key.about;
    matter.key.run.dag = to;
    matter.key.about = AboutAfterRename(matter.key.about, from, to);
    for (Notice& notice : matter.notices) {
      for (Part& part : notice.parts)
        part.job.run.dag = to;
    }
    const auto [found, is_new] = matters_.try_emplace(matter.key, matter);
    if (!is_new)
      Join(found->second, std::move(matter));
    Touch(found->second, now);
  }
}

// Its receivers hear how many messages they did not get.
void Outbox::TellGivenUp(const GivenUp& given_up, Time now) {
  for (const auto& [target, count] : given_up) {
    Happening happening;
    happening.occasion = Occasion::kHealth;
    happening.about = happening.part = kGivenUpAbout;
    happening.at = now;
    const MatterKey key{{}, happening.about, target};
    Matter& matter = matters_[key];
    matter.key = key;
    Notice& notice = NoticeFor(Touch(matter, now), happening, now);
    notice.parts = {PartOf(happening)};
    notice.count += count;
    notice.at = now;
  }
}

Notice& Outbox::NoticeFor(Matter& matter, const Happening& happening, Time now) {
  for (auto& notice : std::views::reverse(matter.notices)) {
    if (notice.is_over)
      break;
    // What may have arrived already is not changed any more.
    if (notice.occasion == happening.occasion && notice.is_cause == happening.is_cause &&
        IsUntouched(matter, notice))
      return notice;
  }
  Notice& made = matter.notices.emplace_back();
  made.id = IdOf(matter, "", happening);
  made.occasion = happening.occasion;
  made.is_cause = happening.is_cause;
  made.at = now;
  made.due = DueOf(matter, happening, now);
  // It has a cause of its own.
  if (happening.occasion == Occasion::kFailed && !happening.is_cause)
    matter.has_cause = false;
  return made;
}

void Outbox::AddNotice(Matter& matter, const Happening& happening, Time now) {
  Notice& notice = NoticeFor(matter, happening, now);
  const auto same = std::ranges::find(notice.parts, happening.part, &Part::name);
  if (same != notice.parts.end()) {
    *same = PartOf(happening);
    return;
  }
  ++notice.count;
  if (notice.parts.size() < kPartsMax)
    notice.parts.push_back(PartOf(happening));
}

bool Outbox::IsUnderWay(const Matter& matter, const Notice& notice) const {
  const auto line = lines_.find(matter.key.target.notifier);
  return line != lines_.end() && line->second.under_way == SentAs(notice);
}

bool Outbox::IsUntouched(const Matter& matter, const Notice& notice) const {
  return notice.tries == 0 && notice.bundle.empty() && !IsUnderWay(matter, notice);
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
        return MayPassUnheard(notice.occasion) && IsUntouched(matter, notice);
      });
  if (is_unheard) {
    matter.notices.clear();
    return;
  }
  Notice& over = matter.notices.emplace_back();
  over.id = IdOf(matter, "over ", happening);
  over.occasion = happening.occasion;
  over.is_over = true;
  over.ending = happening.ending;
  over.parts = {PartOf(happening)};
  over.count = 1;
  over.at = now;
  over.due = now + GatherTime({}, happening);
}

}  // namespace notify
