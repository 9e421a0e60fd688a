#include "notify/wording.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/percent.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using model::Occasion;

constexpr size_t kNamed = 8;
constexpr size_t kReasons = 3;

// "a, b and 3 more".
std::string Named(const std::vector<std::string>& names, size_t all) {
  std::vector<std::string> first(names.begin(),
                                 names.begin() + static_cast<long>(std::min(names.size(), kNamed)));
  return Cat(base::Join(first, ", "),
             all > first.size() ? Cat(" and ", all - first.size(), " more") : "");
}

// "train (24 times: train_3 …)"; of no job "the run r1", or "".
std::string WhatOf(const Notice& notice) {
  const Part& part = notice.parts.front();
  const std::string& run = part.job.run.run.str();
  if (part.job.job.empty())
    return run.empty() ? "" : Cat("the run ", run);
  if (notice.count > 1)
    return Cat(part.job.job.str(), " (", notice.count, " times: ", part.name, " …)");
  return DisplayName(part.job);
}

std::string_view Verb(Occasion occasion) {
  switch (occasion) {
    case Occasion::kFailed:
      return "failed";
    case Occasion::kRetry:
      return "failed and is tried again";
    case Occasion::kSuccess:
      return "succeeded";
    case Occasion::kAtRisk:
      return "may miss its deadline";
    case Occasion::kLate:
      return "will probably miss its deadline";
    case Occasion::kMissed:
      return "has missed its deadline";
    case Occasion::kOrphan:
    case Occasion::kHold:
    case Occasion::kHealth:
      break;
  }
  return "";
}

std::string_view OverVerb(const MatterKey& key, const Notice& notice) {
  switch (notice.ending) {
    case Ending::kRecovered:
      if (!key.about.starts_with("deadline "))
        return "has recovered";
      return notice.occasion == Occasion::kSuccess ? "has succeeded" : "is in time again";
    case Ending::kMarked:
      return "was marked success";
    case Ending::kSkipped:
      return "was skipped";
    case Ending::kDeleted:
      return "was deleted";
    case Ending::kMet:
      return "has met its deadline";
    case Ending::kWithdrawn:
      return "has this deadline no more";
  }
  return "";
}

// " by ada", of what a person did.
std::string ByWhom(const Notice& notice) {
  const std::string& by = notice.parts.front().by;
  const bool is_act = notice.ending == Ending::kMarked || notice.ending == Ending::kSkipped ||
                      notice.ending == Ending::kDeleted || notice.occasion == Occasion::kHold;
  return notice.is_over && is_act && !by.empty() ? Cat(" by ", by) : "";
}

// "reports: train_3 failed".
std::string UsualTitle(const MatterKey& key, const Notice& notice) {
  const Part& part = notice.parts.front();
  switch (notice.occasion) {
    case Occasion::kOrphan:
      return notice.is_over ? "the orphan clusters are gone"
                            : Cat(notice.count,
                                  notice.count == 1 ? " cluster runs" : " clusters run",
                                  " without work: ",
                                  part.name);
    case Occasion::kHold:
      return notice.is_over ? Cat("launches go on: ", part.name, " is released", ByWhom(notice))
                            : Cat("launches are held: ", part.name);
    case Occasion::kHealth:
      if (key.about == kGivenUpAbout)
        return Cat(notice.count,
                   notice.count == 1 ? " older message was" : " older messages were",
                   " given up");
      return Cat(part.name, notice.is_over ? " is well again" : " is not well");
    case Occasion::kFailed:
    case Occasion::kRetry:
    case Occasion::kSuccess:
    case Occasion::kAtRisk:
    case Occasion::kLate:
    case Occasion::kMissed:
      break;
  }
  const std::string& dag = key.run.dag.str();
  if (key.run.run.empty())
    return Cat(dag,
               !notice.is_over                     ? " is paused by its failures"
               : notice.ending == Ending::kDeleted ? " was deleted"
                                                   : " is unpaused",
               ByWhom(notice));
  const std::string what = WhatOf(notice);
  if (notice.is_cause)
    return Cat(dag, ": why ", what, " failed");
  return Cat(dag,
             what.empty() ? "" : ": ",
             what,
             " ",
             notice.is_over ? OverVerb(key, notice) : Verb(notice.occasion),
             ByWhom(notice));
}

// Each reason once, with those that have it.
std::vector<std::string> Reasons(const Notice& notice) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
  for (const Part& part : notice.parts) {
    auto same = std::ranges::find(by_reason, part.why, [](const auto& each) { return each.first; });
    if (same == by_reason.end())
      same = by_reason.insert(by_reason.end(), {part.why, {}});
    same->second.push_back(part.name);
  }
  std::vector<std::string> lines;
  for (size_t i = 0; i < std::min(by_reason.size(), kReasons); ++i) {
    const auto& [reason, names] = by_reason[i];
    const std::string who = notice.count > 1 ? Cat(Named(names, names.size()), ": ") : "";
    if (!reason.empty())
      lines.push_back(Cat(who, reason));
  }
  if (by_reason.size() > kReasons)
    lines.push_back(Cat("and ", by_reason.size() - kReasons, " more reasons"));
  return lines;
}

std::string WhatIsNext(const Notice& notice, const Routes& routes) {
  const Part& part = notice.parts.front();
  if (notice.is_over || notice.is_cause)
    return "";
  if (!part.job.run.dag.empty() && part.job.run.run.empty())
    return Cat("No run of it starts until somebody unpauses it: signalbox dags unpause ",
               part.job.run.dag.str());
  if (part.job.job.empty())
    return "";
  if (notice.occasion == Occasion::kRetry)
    return part.next_try_at
               ? Cat("The next try begins at ", base::FormatRfc3339(*part.next_try_at), ".")
               : "It is tried again.";
  if (notice.occasion != Occasion::kFailed)
    return "";
  const std::vector<std::string> waiting = routes.WhoWaits(part.job);
  return Cat("No try follows.",
             waiting.empty() ? " Nothing waits for it."
                             : Cat(" What comes after it: ", Named(waiting, waiting.size()), "."));
}

// In the API: this server has no pages for people.
std::string LinkOf(const Part& part, const Routes& routes) {
  const model::RunKey& run = part.job.run;
  if (routes.url().empty() || run.dag.empty())
    return routes.url().empty() ? "" : Cat(routes.url(), "/api/v2/monitor/health");
  return Cat(routes.url(),
             "/api/v2/dags/",
             run.dag.str(),
             run.run.empty() ? "" : "/dagRuns/",
             base::PercentEncode(run.run.str()));
}

std::string WhereToLook(const Part& part) {
  const std::string dag = part.job.run.dag.str(), run = part.job.run.run.str();
  if (dag.empty())
    return "";
  if (run.empty())
    return Cat("Look: signalbox dags list-runs ", dag, " --state failed");
  return part.job.job.empty()
             ? Cat("Look: signalbox tasks states-for-dag-run ", dag, " ", run)
             : Cat("Look: signalbox why ", dag, " ", run, " ", DisplayName(part.job));
}

// In which words a notifier hears of what it did not get.
constexpr std::string_view kWhyGivenUp =
    "This notifier took no messages, and they waited for too long or were too many. The log has "
    "them (notification_given_up); 'signalbox dags list-runs' shows what failed.";

Message UsualMessage(const Outbox::Sending::Item& item,
                     const Routes& routes,
                     const std::string& error) {
  const MatterKey& key = item.key;
  const Notice& notice = item.notice;
  const Part& part = notice.parts.front();
  Message out;
  out.id = notice.id;
  out.occasion = notice.occasion;
  out.is_over = notice.is_over;
  out.about = item.known_as.empty() ? key.about : item.known_as;
  out.title = UsualTitle(key, notice);
  out.at = part.at;
  out.times = notice.count;
  out.deployment = routes.deployment();
  out.link = LinkOf(part, routes);
  std::vector<std::string> lines = Reasons(notice);
  if (key.about == kGivenUpAbout)
    lines.emplace_back(kWhyGivenUp);
  for (std::string more : {WhatIsNext(notice, routes), WhereToLook(part)}) {
    if (!more.empty())
      lines.push_back(std::move(more));
  }
  out.text = base::Join(lines, "\n");
  if (!notice.is_over)
    out.error = error;
  const auto fact = [&](std::string_view name, std::string value) {
    if (!value.empty())
      out.facts.emplace_back(name, std::move(value));
  };
  fact("DAG", key.run.dag.str());
  fact("Run", key.run.run.str());
  fact("Job",
       notice.count == 1 && !part.job.job.empty() ? DisplayName(part.job) : part.job.job.str());
  if (!notice.is_over && part.try_number > 0)
    fact("Try", std::to_string(part.try_number));
  if (!notice.is_over && part.verdict)
    fact("Verdict", std::string(ToString(*part.verdict)));
  return out;
}

// A template with a mistake leaves the usual words: a message is sent in any case.
void Replace(std::string& words, const std::string& text, const tmpl::Context& context) {
  if (text.empty())
    return;
  const auto parsed = tmpl::Template::Parse(text);
  if (!parsed)
    return;
  if (const auto rendered = parsed->Render(context); rendered && rendered->is_string())
    words = rendered->get_string();
}

void UseOwnWords(Message& message, const Outbox::Sending::Item& item) {
  const Part& part = item.notice.parts.front();
  tmpl::Context context;
  context.values = {{"title", message.title},
                    {"text", message.text},
                    {"dag_id", part.job.run.dag.str()},
                    {"run_id", part.job.run.run.str()},
                    {"job_id", part.job.job.str()},
                    {"job", part.name},
                    {"occasion", ToString(message.occasion)},
                    {"try_number", part.try_number},
                    {"reason", part.why},
                    {"error", message.error},
                    {"link", message.link},
                    {"deployment", message.deployment},
                    {"count", message.times},
                    {"is_over", message.is_over},
                    {"is_cause", item.notice.is_cause}};
  Replace(message.title, item.title, context);
  message.title = base::ReplaceAll(message.title, "\n", " ");
  Replace(message.text, item.text, context);
}

Message OneMessage(const Outbox::Sending::Item& item,
                   const Routes& routes,
                   const std::string& error) {
  Message out = UsualMessage(item, routes, error);
  UseOwnWords(out, item);
  return out;
}

}  // namespace

Message MessageOf(const Outbox::Sending& sending, const Routes& routes, const std::string& error) {
  Message out;
  if (sending.items.size() == 1) {
    out = OneMessage(sending.items.front(), routes, error);
    out.id = sending.id;
    return out;
  }
  for (const Outbox::Sending::Item& item : sending.items)
    out.bundled.push_back(OneMessage(item, routes, ""));
  const auto begins = std::ranges::find(out.bundled, false, &Message::is_over);
  out.id = sending.id;
  out.is_over = begins == out.bundled.end();
  out.occasion = (out.is_over ? out.bundled.front() : *begins).occasion;
  out.about = Cat("bundle ", sending.id);
  out.deployment = routes.deployment();
  out.link = LinkOf({}, routes);
  out.at = out.bundled.front().at;
  out.times = static_cast<int>(out.bundled.size());
  out.title = Cat(out.times, " messages of ", out.deployment, " together");
  return out;
}

const tmpl::Context& SampleOfWords() {
  static const tmpl::Context kSample{.values = {{"title", "reports: train failed"},
                                                {"text", "its step failed"},
                                                {"dag_id", "reports"},
                                                {"run_id", "manual__1"},
                                                {"job_id", "train"},
                                                {"job", "train_3"},
                                                {"occasion", "failed"},
                                                {"try_number", 2},
                                                {"reason", "its step failed"},
                                                {"error", ""},
                                                {"link", ""},
                                                {"deployment", "demo"},
                                                {"count", 1},
                                                {"is_over", false},
                                                {"is_cause", false}}};
  return kSample;
}

}  // namespace notify
