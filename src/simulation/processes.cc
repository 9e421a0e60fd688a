#include "simulation/processes.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

namespace {

constexpr base::Duration kGrace = base::seconds(10);
constexpr int kSigterm = 15;
constexpr int kSigkill = 9;

bool IsAirflow(const json::object& request) {
  return request.contains("airflow");
}

std::vector<std::string> WordsOf(const json::object& request) {
  std::vector<std::string> words;
  if (IsAirflow(request)) {
    const json::object ti = base::GetObject(base::GetObject(request, "airflow"), "ti");
    words = base::Split(base::GetString(ti, "task_id"), '.');
    words.push_back(base::Cat(base::GetInt(ti, "try_number")));
    words.push_back(base::GetString(ti, "run_id"));
    return words;
  }
  for (const json::value& word : base::GetArray(request, "argv"))
    words.emplace_back(std::string_view(word.as_string()));
  return words;
}

std::string WordOf(const json::object& request, size_t place) {
  const std::vector<std::string> words = WordsOf(request);
  return place < words.size() ? words[place] : "";
}

base::Duration MinutesOf(const json::object& request) {
  return base::minutes(base::ParseInt(WordOf(request, 2)).value_or(1));
}

bool IsFirst(const json::object& request) {
  return WordOf(request, 3) == "1";
}

json::object Ended(std::string_view member, int value) {
  return {{"End", "ended"}, {member, value}};
}

// How it ends if nobody does anything to it.
json::object EndBySort(const json::object& request) {
  const std::string sort = WordOf(request, 1);
  if (sort == "tells_and_dies")
    return Ended("Signal", kSigkill);
  if ((sort == "dies_first" || sort == "dies_then_fails") && IsFirst(request))
    return Ended("Signal", kSigkill);
  if (IsAirflow(request))
    return Ended("ExitCode", 0);
  if (sort == "fails_first" && IsFirst(request))
    return Ended("ExitCode", 1);
  if (sort == "skips")
    return Ended("ExitCode", 99);
  return Ended("ExitCode", 0);
}

// The state that a task of Airflow tells; "": none.
std::string StateBySort(const json::object& request) {
  const std::string sort = WordOf(request, 1);
  const bool is_silent =
      sort == "dies_first" || sort == "silent_first" || sort == "dies_then_fails";
  if (is_silent && IsFirst(request))
    return "";
  if (sort == "dies_then_fails")
    return "up_for_retry";
  if (sort == "fails_first" && IsFirst(request))
    return "up_for_retry";
  if (sort == "gives_up")
    return "failed";
  return sort == "skips" ? "skipped" : "success";
}

}  // namespace

const Processes::Process* Processes::Find(const std::string& token) const {
  const auto found = all_.find(token);
  return found == all_.end() ? nullptr : &found->second;
}

bool Processes::Runs(const std::string& token, base::Time now) const {
  const Process* process = Find(token);
  return process != nullptr && !process->has_ended && process->ends_at > now;
}

void Processes::Settle(Process& process, base::Time now) {
  if (process.has_ended || process.ends_at > now)
    return;
  process.has_ended = true;
  process.end["BeganAt"] = base::FormatRfc3339(process.began_at);
  process.end["EndedAt"] = base::FormatRfc3339(process.ends_at);
  const std::string kind = base::GetString(process.request, "outputs");
  if (kind == "told")
    process.end["Outputs"] = process.tells_at <= process.ends_at && !process.told.empty()
                                 ? process.told
                                 : std::string("{}");
  else if (!kind.empty() && base::GetInt(process.end, "ExitCode", 1) == 0)
    process.end["Outputs"] = base::Cat("{\"n\":\"", WordOf(process.request, 4), "\"}");
}

json::object Processes::Start(const json::object& body, base::Time now) {
  const std::string token = base::GetString(body, "Token");
  const auto [found, is_new] = all_.try_emplace(token);
  Process& process = found->second;
  if (!is_new)
    return {{"BeganAt", base::FormatRfc3339(process.began_at)}};
  process.token = token;
  process.request = base::GetObject(body, "Request");
  process.began_at = now;
  if (WordOf(process.request, 1) == "refused") {
    process.has_ended = true;
    process.end = {{"End", "refused"}, {"Text", "there is no such program"}};
    return {{"BeganAt", base::FormatRfc3339(now)}};
  }
  process.ends_at = now + MinutesOf(process.request);
  process.end = EndBySort(process.request);
  if (const std::string state = StateBySort(process.request);
      IsAirflow(process.request) && !state.empty())
    process.told = base::Cat("{\"report\":{\"state\":\"", state, "\"}}");
  process.tells_at = now + MinutesOf(process.request) * 9 / 10;
  const base::Duration most(base::GetInt(process.request, "timeout_us"));
  if (most.count() > 0 && now + most < process.ends_at) {
    process.ends_at = now + most;
    process.end = Ended("Signal", kSigterm);
    process.end["TimedOut"] = true;
  }
  if (told_)
    told_(now, process);
  return {{"BeganAt", base::FormatRfc3339(now)}};
}

json::object Processes::Stop(const std::string& token, base::Time now) {
  const auto [found, is_new] = all_.try_emplace(token);
  Process& process = found->second;
  if (is_new) {
    process.token = token;
    process.has_ended = true;
    process.end = {{"End", "not_begun"}, {"Text", "it was stopped before it began"}};
    return {};
  }
  Settle(process, now);
  if (process.has_ended || process.is_stopped)
    return {};
  process.is_stopped = true;
  const bool is_deaf = WordOf(process.request, 1) == "deaf";
  const base::Time end = now + (is_deaf ? kGrace : base::Duration(base::seconds(1)));
  if (end < process.ends_at) {
    process.ends_at = end;
    process.end = Ended("Signal", is_deaf ? kSigkill : kSigterm);
  }
  return {};
}

json::object Processes::List(base::Time now) const {
  json::array tokens;
  for (const auto& [token, process] : all_) {
    if (Runs(token, now))
      tokens.emplace_back(token);
  }
  return {{"Tokens", std::move(tokens)}};
}

std::optional<base::Time> Processes::OverAt(const std::string& token) const {
  const Process* process = Find(token);
  if (process == nullptr || process->has_ended)
    return base::Time{};
  return process->ends_at;
}

json::object Processes::EndOf(const std::string& token, base::Time now) {
  const auto found = all_.find(token);
  if (found == all_.end())
    return {{"End", "lost"}, {"Text", "its record is gone"}};
  Settle(found->second, now);
  return found->second.end;
}

void Processes::Lose(Process& process, base::Time now) {
  Settle(process, now);
  if (process.has_ended)
    return;
  process.ends_at = now;
  process.end = {{"End", "lost"}, {"Text", "its supervisor has died"}};
  Settle(process, now);
}

void Processes::LoseOne(int64_t place, base::Time now) {
  std::vector<Process*> running;
  for (auto& [token, process] : all_) {
    if (Runs(token, now))
      running.push_back(&process);
  }
  if (!running.empty())
    Lose(*running[static_cast<size_t>(place) % running.size()], now);
}

void Processes::LoseAll(base::Time now) {
  for (auto& [token, process] : all_)
    Lose(process, now);
}

}  // namespace simulation
