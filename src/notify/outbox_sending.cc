// What the outbox gives out: which messages go now, what comes back, and what is given up.

#include <algorithm>
#include <tuple>

#include "base/draw.h"
#include "base/log.h"
#include "base/text.h"
#include "notify/outbox.h"

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
constexpr Duration kLongestWait = base::hours(1);         // however long a receiver says
// A notifier that is gone from the file may be back after the next edit.
constexpr Duration kMissedFor = base::hours(24);

Duration Spacing(const Notifier* settings) {
  return Duration(base::minutes(1)) /
         std::max(settings == nullptr ? 1 : settings->max_per_minute, 1);
}

Duration PatienceOf(const Notifier* settings) {
  return settings == nullptr ? kMissedFor : settings->give_up_after;
}

// Doubles with each try, give or take a fifth.
Duration Pause(uint64_t seed, std::string_view what, int tries, Duration longest) {
  const Duration whole = std::min(longest, kFirstPause * (1 << std::min(tries - 1, 10)));
  const double share = 0.8 + 0.4 * base::DrawUnit(seed, what, static_cast<uint64_t>(tries));
  return Duration(static_cast<int64_t>(static_cast<double>(whole.count()) * share));
}

// Each of them has to be named in what goes out.
size_t BundleMax(NotifierType type) {
  return type == NotifierType::kSlack ? 30 : 100;
}

}  // namespace

// An earlier life may have sent a message a moment ago.
Outbox::Line& Outbox::LineOf(const std::string& notifier, const Notifier* settings) {
  return lines_.try_emplace(notifier, Line{.state = {}, .free_at = born_at_ + Spacing(settings)})
      .first->second;
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
void Outbox::GiveUpOld(const std::string& notifier, const Notifier* settings, Time now) {
  const Line& line = LineOf(notifier, settings);
  if (settings != nullptr && line.failures_in_row == 0)
    return;
  const std::string why =
      settings == nullptr ? std::string(kNoSuchNotifier) : line.state.last_error;
  GivenUp given_up;
  for (const auto& [matter, notice] : WaitingOf(notifier, now)) {
    if (now - notice->at > PatienceOf(settings) && !IsUnderWay(*matter, *notice))
      given_up[matter->key.target] += GiveUp(Touch(*matter, now), notice->id, why);
  }
  if (settings != nullptr)
    TellGivenUp(given_up, now);
}

// A notifier that takes nothing for days is not to fill the database.
void Outbox::GiveUpExcess(const std::string& notifier, Time now) {
  struct One {
    Time at;
    std::string id;
    Matter* matter;
  };
  std::vector<One> all;
  for (auto& [key, matter] : matters_) {
    if (key.target.notifier != notifier || key.about == kGivenUpAbout)
      continue;
    for (const Notice& notice : matter.notices)
      all.push_back({notice.at, notice.id, &matter});
  }
  if (all.size() <= kWaitingMax)
    return;
  std::ranges::sort(all, {}, [](const One& one) { return std::tie(one.at, one.id); });
  GivenUp given_up;
  size_t excess = all.size() - kWaitingMax;
  for (const One& one : all) {
    const auto notice = std::ranges::find(one.matter->notices, one.id, &Notice::id);
    if (notice == one.matter->notices.end() || IsUnderWay(*one.matter, *notice))
      continue;
    given_up[one.matter->key.target] +=
        GiveUp(Touch(*one.matter, now),
               one.id,
               Cat("more than ", kWaitingMax, " messages wait for it, and this is the oldest"));
    if (--excess == 0)
      break;
  }
  TellGivenUp(given_up, now);
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
    GiveUpOld(name, settings, now);
    GiveUpExcess(name, now);
    if (settings != nullptr)
      BundleFor(*settings, now);
  }
  return Changes();
}

void Outbox::BundleFor(const Notifier& notifier, Time now) {
  const Line& line = LineOf(notifier.name, &notifier);
  // PagerDuty's events stand for incidents, one each. What cannot go yet may become more.
  if (notifier.type == NotifierType::kPagerDuty || !line.under_way.empty() || now < line.free_at ||
      now < line.paused_until)
    return;
  Waiting waiting = WaitingOf(notifier.name, now);
  // What may have arrived keeps its id.
  std::erase_if(waiting, [](const auto& each) {
    return each.second->tries > 0 || !each.second->bundle.empty();
  });
  if (waiting.size() <= static_cast<size_t>(std::max(notifier.max_per_minute, 1)))
    return;
  // Who is told by addresses of a rule hears of what is theirs alone.
  std::map<Target, Waiting> by_target;
  for (const auto& each : waiting)
    by_target[each.first->key.target].push_back(each);
  for (auto& [target, theirs] : by_target) {
    if (theirs.size() == 1)
      continue;
    theirs.resize(std::min(theirs.size(), BundleMax(notifier.type)));
    const std::string bundle =
        NoticeId(Cat("bundle ", theirs.front().second->id, " ", base::ToMicros(now)));
    for (auto& [matter, notice] : theirs) {
      notice->bundle = bundle;
      Touch(*matter, now);
    }
  }
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
    Sending sending{.id = SentAs(*notice), .target = first->key.target, .items = {}};
    for (const auto& [matter, other] : waiting) {
      if (SentAs(*other) == sending.id)
        sending.items.push_back(
            {matter->key, *other, matter->known_as, matter->title, matter->text});
    }
    line.under_way = sending.id;
    line.free_at = now + Spacing(&notifier);
    sendings.push_back(std::move(sending));
  }
  return sendings;
}

// By value: the notice that has the id goes. How many messages that are: it may stand for such as
// were given up before.
int Outbox::GiveUp(Matter& matter, std::string id, std::string_view why) {
  const bool has_begun_elsewhere =
      matter.is_told || std::ranges::any_of(matter.notices, [&](const Notice& notice) {
        return !notice.is_over && notice.id != id;
      });
  const auto found = std::ranges::find(matter.notices, id, &Notice::id);
  // Who was not told that it began is not told that it is over.
  const bool is_beginning = found != matter.notices.end() && !found->is_over;
  const bool stands_for_others = found != matter.notices.end() && matter.key.about == kGivenUpAbout;
  const int count = stands_for_others ? found->count : 1;
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
  return count;
}

Records Outbox::Answered(const std::string& id,
                         const Answer& answer,
                         const Routes& routes,
                         Time now) {
  const auto found =
      std::ranges::find_if(lines_, [&](const auto& line) { return line.second.under_way == id; });
  if (found == lines_.end())
    return {};
  auto& [name, line] = *found;
  before_answer_ = *found;
  NoteAnswer(name, line, answer.failure, now);
  const Notifier* settings = routes.Find(name);
  GivenUp given_up;
  for (auto& [key, matter] : matters_) {
    if (key.target.notifier != name || matter.notices.empty() ||
        SentAs(matter.notices.front()) != id)
      continue;
    Touch(matter, now);
    if (!answer.failure) {
      NoteTold(matter, answer.has_cause, now);
      continue;
    }
    Notice& notice = matter.notices.front();
    ++notice.tries;
    notice.last_error = answer.failure->why;
    notice.due =
        now + std::max(Pause(seed_, id, notice.tries, kLongestPause),
                       std::min(answer.failure->retry_after.value_or(Duration()), kLongestWait));
    const bool is_old = now - notice.at > PatienceOf(settings);
    if (!answer.failure->is_final && !is_old)
      continue;
    const int count = GiveUp(matter, notice.id, answer.failure->why);
    // Who refuses a message for good would refuse this one, too.
    if (is_old && settings != nullptr)
      given_up[key.target] += count;
  }
  TellGivenUp(given_up, now);
  return Changes();
}

void Outbox::NoteAnswer(const std::string& name,
                        Line& line,
                        const std::optional<SendFailure>& failure,
                        Time now) const {
  line.under_way.clear();
  if (!failure) {
    ++line.state.sent;
    line.failures_in_row = 0;
    line.paused_until = {};
    line.state.last_success = now;
    line.state.failing_since = std::nullopt;
    line.state.last_error.clear();
    return;
  }
  ++line.state.failed;
  ++line.failures_in_row;
  line.state.last_error = failure->why;
  line.state.failing_since = line.state.failing_since.value_or(now);
  line.paused_until =
      now + std::max(Pause(seed_, name, line.failures_in_row, kLongestLinePause),
                     std::min(failure->retry_after.value_or(Duration()), kLongestWait));
}

// The first notice has arrived.
void Outbox::NoteTold(Matter& matter, bool has_cause, Time now) {
  const Notice told = matter.notices.front();
  matter.notices.erase(matter.notices.begin());
  if (told.is_over || !Lasts(told.occasion))
    return;
  matter.is_told = true;
  matter.worst = std::max(matter.worst, SeverityOf(told.occasion));
  matter.told_at = now;
  if (!has_cause)
    return;
  matter.has_cause = true;
  std::erase_if(matter.notices,
                [](const Notice& notice) { return notice.is_cause && notice.tries == 0; });
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
