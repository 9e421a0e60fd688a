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

std::string WhatOf(const Notice& notice) {
  const Part& part = notice.parts.front();
  const bool is_job = !part.job.job.empty();
  if (notice.count > 1 && is_job)
    return Cat(part.job.job.str(), " (", notice.count, " times: ", part.name, " …)");
  return is_job ? part.name : "";
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

std::string_view OverVerb(Occasion occasion) {
  switch (occasion) {
    case Occasion::kAtRisk:
    case Occasion::kLate:
    case Occasion::kMissed:
      return "is in time again";
    case Occasion::kFailed:
    case Occasion::kRetry:
    case Occasion::kSuccess:
    case Occasion::kOrphan:
    case Occasion::kHold:
    case Occasion::kHealth:
      break;
  }
  return "has recovered";
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
      return notice.is_over ? Cat("launches go on: ", part.name, " is released")
                            : Cat("launches are held: ", part.name);
    case Occasion::kHealth:
      return Cat(part.name, notice.is_over ? " is well again" : " is not well");
    case Occasion::kFailed:
    case Occasion::kRetry:
    case Occasion::kSuccess:
    case Occasion::kAtRisk:
    case Occasion::kLate:
    case Occasion::kMissed:
      break;
  }
  if (key.run.run.empty())
    return Cat(key.run.dag.str(), notice.is_over ? " is unpaused" : " is paused by its failures");
  const std::string what = WhatOf(notice);
  return Cat(key.run.dag.str(),
             ": ",
             what.empty() ? "the run " : what,
             what.empty() ? key.run.run.str() : "",
             " ",
             notice.is_over ? OverVerb(notice.occasion) : Verb(notice.occasion));
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
  if (notice.is_over)
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
  return part.job.job.empty() ? Cat("Look: signalbox tasks states-for-dag-run ", dag, " ", run)
                              : Cat("Look: signalbox why ", dag, " ", run, " ", part.name);
}

Message UsualMessage(const MatterKey& key,
                     const Notice& notice,
                     const Routes& routes,
                     const std::string& error) {
  const Part& part = notice.parts.front();
  Message out;
  out.occasion = notice.occasion;
  out.is_over = notice.is_over;
  out.about = key.about;
  out.title = UsualTitle(key, notice);
  out.at = part.at;
  out.times = notice.count;
  out.deployment = routes.deployment();
  out.link = LinkOf(part, routes);
  std::vector<std::string> lines = Reasons(notice);
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
  fact("Job", notice.count == 1 && !part.job.job.empty() ? part.name : part.job.job.str());
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

void UseOwnWords(Message& message,
                 const Part& part,
                 const std::string& title,
                 const std::string& text) {
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
                    {"is_over", message.is_over}};
  Replace(message.title, title, context);
  message.title = base::ReplaceAll(message.title, "\n", " ");
  Replace(message.text, text, context);
}

}  // namespace

Message MessageOf(const Outbox::Sending& sending, const Routes& routes, const std::string& error) {
  const auto& [key, first] = sending.notices.front();
  if (sending.notices.size() == 1) {
    Message out = UsualMessage(key, first, routes, error);
    out.id = sending.id;
    UseOwnWords(out, first.parts.front(), sending.title, sending.text);
    return out;
  }
  Message out;
  out.id = sending.id;
  out.occasion = first.occasion;
  out.about = Cat("bundle ", sending.id);
  out.deployment = routes.deployment();
  out.link = LinkOf({}, routes);
  out.at = first.parts.front().at;
  out.times = static_cast<int>(sending.notices.size());
  out.title = Cat(sending.notices.size(), " messages of ", routes.deployment(), " together");
  std::vector<std::string> lines;
  for (const auto& [matter, notice] : sending.notices) {
    const std::string why = notice.parts.front().why;
    lines.push_back(Cat(UsualTitle(matter, notice), why.empty() ? "" : ": ", why));
  }
  out.text = base::Join(lines, "\n");
  out.is_over =
      std::ranges::all_of(sending.notices, [](const auto& each) { return each.second.is_over; });
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
                                                {"is_over", false}}};
  return kSample;
}

}  // namespace notify
