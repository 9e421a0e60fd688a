#include "simulation/processes.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

namespace {

constexpr base::Duration kGrace = base::seconds(10);
constexpr int kSigterm = 15;
constexpr int kSigkill = 9;

std::string WordOf(const json::object& request, size_t place) {
  const json::array& argv = base::GetArray(request, "argv");
  return place < argv.size() ? std::string(std::string_view(argv[place].as_string())) : "";
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
  if (sort == "fails_first" && IsFirst(request))
    return Ended("ExitCode", 1);
  if (sort == "dies_first" && IsFirst(request))
    return Ended("Signal", kSigkill);
  if (sort == "skips")
    return Ended("ExitCode", 99);
  return Ended("ExitCode", 0);
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
  if (!kind.empty() && base::GetInt(process.end, "ExitCode", 1) == 0)
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
