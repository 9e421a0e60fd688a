#include "dagfile/policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace dagfile {

using base::Cat;

namespace {

std::optional<base::Duration> ReadSpan(yaml::MapReader& reader,
                                       std::string_view key,
                                       base::Duration least = base::Duration(1)) {
  auto span = reader.Optional<base::Duration>(key);
  if (!span || *span >= least)
    return span;
  reader.Error(key,
               least == base::Duration(1)
                   ? Cat("'", key, "' must be more than 0s")
                   : Cat("'", key, "' must be at least ", base::FormatDuration(least)));
  return std::nullopt;
}

std::optional<model::VerdictClass> ReadFailureClass(const yaml::Node& node,
                                                    yaml::Diagnostics* errors) {
  auto word = yaml::Read<std::string>(node, "'retry_on'", errors);
  if (!word)
    return std::nullopt;
  std::vector<std::string> words;
  for (model::VerdictClass known :
       {model::VerdictClass::kInfrastructure, model::VerdictClass::kApplication}) {
    if (*word == ToString(known))
      return known;
    words.emplace_back(ToString(known));
  }
  auto near = base::DidYouMean(*word, words);
  errors->Add(node.mark(),
              Cat("'retry_on': expected infrastructure or application, found '",
                  *word,
                  "'",
                  near ? Cat("; did you mean '", *near, "'?") : ""));
  return std::nullopt;
}

// A list of classes, or one of them as a word; in the order of the enum, so that the order in the
// file does not make another version.
std::optional<std::vector<model::VerdictClass>> ReadRetryOn(yaml::MapReader& reader,
                                                            yaml::Diagnostics* errors) {
  auto node = reader.Optional<yaml::Node>("retry_on");
  if (!node)
    return std::nullopt;
  std::vector<model::VerdictClass> classes;
  for (const yaml::Node& item : node->is_sequence() ? node->items() : std::vector{*node})
    if (auto each = ReadFailureClass(item, errors))
      classes.push_back(*each);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

std::optional<model::Resume> ReadResume(yaml::MapReader& reader) {
  auto word = reader.Optional<std::string>("resume");
  if (!word)
    return std::nullopt;
  if (*word == "none")
    return model::Resume::kNone;
  if (*word == "failed_step")
    return model::Resume::kFailedStep;
  reader.Error("resume", Cat("'resume': expected none or failed_step, found '", *word, "'"));
  return std::nullopt;
}

std::optional<bool> ReadOnConfigurationFailure(yaml::MapReader& reader) {
  constexpr const char* kKey = "on_configuration_failure";
  auto word = reader.Optional<std::string>(kKey);
  if (!word || *word == "hold" || *word == "fail")
    return word ? std::optional(*word == "hold") : std::nullopt;
  reader.Error(kKey, Cat("'", kKey, "': expected fail or hold, found '", *word, "'"));
  return std::nullopt;
}

std::optional<model::TriggerRule> ReadTriggerRule(yaml::MapReader& reader) {
  auto word = reader.Optional<std::string>("trigger_rule");
  if (!word)
    return std::nullopt;
  std::vector<std::string> words;
  for (model::TriggerRule rule : model::kTriggerRules) {
    if (*word == ToString(rule))
      return rule;
    words.emplace_back(ToString(rule));
  }
  auto near = base::DidYouMean(*word, words);
  reader.Error("trigger_rule",
               Cat("'trigger_rule': expected one of ",
                   base::Join(words, ", "),
                   ", found '",
                   *word,
                   "'",
                   near ? Cat("; did you mean '", *near, "'?") : ""));
  return std::nullopt;
}

void ReadOnRetry(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  auto list = reader.Optional<std::vector<yaml::Node>>("on_retry");
  if (!list)
    return;
  int64_t least = 2;
  for (const yaml::Node& node : *list) {
    yaml::MapReader map(node, "this entry of 'on_retry'", errors);
    auto from_try = map.Required<int64_t>("from_try");
    auto overrides = map.Required<yaml::Node>("overrides");
    map.Finish();
    const bool good = from_try && *from_try >= least && *from_try <= 10'000;
    if (from_try && !good)
      map.Error("from_try",
                least == 2 ? Cat("'from_try' must be from 2 to 10000, found ", *from_try)
                           : Cat("'from_try' must be more than the ",
                                 least - 1,
                                 " of the entry before and at most 10000, found ",
                                 *from_try));
    // A patch with a mistake in its number is judged like the others: all mistakes are told at
    // once.
    const int64_t at = good ? *from_try : least;
    least = good ? at + 1 : least;
    if (overrides)
      job->on_retry.push_back({static_cast<int>(at), *overrides});
  }
}

// Not known to the reader where it is absent: nobody shall be told that it may stand there.
void Refuse(yaml::MapReader& reader, std::string_view key, std::string_view why) {
  if (reader.node().Find(key) == nullptr)
    return;
  reader.Take(key);
  reader.Error(key, Cat("'", key, "' ", why));
}

}  // namespace

std::optional<int64_t> ReadCount(yaml::MapReader& reader, std::string_view key, int64_t min) {
  constexpr int64_t kMax = 10'000;
  auto count = reader.Optional<int64_t>(key);
  if (count && (*count < min || *count > kMax)) {
    reader.Error(key, Cat("'", key, "' must be from ", min, " to ", kMax, ", found ", *count));
    return std::nullopt;
  }
  return count;
}

Policy ReadPolicy(yaml::MapReader& reader, yaml::Diagnostics* errors) {
  Policy policy;
  policy.retries = ReadCount(reader, "retries", 0);
  policy.infra_retries = ReadCount(reader, "infra_retries", 0);
  policy.retry_delay = reader.Optional<base::Duration>("retry_delay");
  policy.infra_retry_delay = reader.Optional<base::Duration>("infra_retry_delay");
  policy.retry_exponential_backoff = reader.Optional<bool>("retry_exponential_backoff");
  policy.max_retry_delay = ReadSpan(reader, "max_retry_delay");
  policy.retry_on = ReadRetryOn(reader, errors);
  policy.launch_timeout = ReadSpan(reader, "launch_timeout");
  policy.max_run_time = ReadSpan(reader, "max_run_time", base::minutes(1));
  policy.resume = ReadResume(reader);
  policy.trigger_rule = ReadTriggerRule(reader);
  policy.execution_timeout = ReadSpan(reader, "execution_timeout", base::seconds(1));
  policy.depends_on_past = reader.Optional<bool>("depends_on_past");
  policy.wait_for_downstream = reader.Optional<bool>("wait_for_downstream");
  policy.hold_on_configuration_failure = ReadOnConfigurationFailure(reader);
  policy.pool = reader.Optional<std::string>("pool");
  policy.pool_mark = reader.MarkOf("pool");
  policy.capacity = ReadCapacity(reader);
  policy.emails = ReadEmails(reader, errors);
  return policy;
}

void ReadGroupRetries(yaml::MapReader& reader, model::Group& group) {
  group.retries = static_cast<int>(ReadCount(reader, "retries", 0).value_or(group.retries));
  group.retry_delay = reader.Optional<base::Duration>("retry_delay").value_or(group.retry_delay);
  group.retry_exponential_backoff =
      reader.Optional<bool>("retry_exponential_backoff").value_or(false);
  group.max_retry_delay = ReadSpan(reader, "max_retry_delay").value_or(group.max_retry_delay);
}

void ReadClusterPolicy(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  ReadOnRetry(reader, errors, job);
  job->expected_duration = ReadSpan(reader, "expected_duration");
  job->expected_duration_mark = reader.MarkOf("expected_duration");
}

void RefuseClusterPolicy(yaml::MapReader& reader, bool is_command) {
  for (const char* key :
       {"on_retry", "expected_duration", "launch_timeout", "max_run_time", "resume"})
    Refuse(reader, key, "is for jobs with a cluster; this one has none");
  if (is_command)
    return;
  for (const char* key : {"outputs", "execution_timeout"})
    Refuse(reader, key, "is for jobs with a cluster or a command; this one has neither");
}

void RefuseJobsOwnKeys(yaml::MapReader& reader) {
  for (const char* key : {"on_retry", "expected_duration", "deadline"})
    Refuse(reader, key, "has no default; write it in the jobs");
}

Policy Merge(const Policy& inner, const Policy& outer) {
  Policy merged = outer;
  auto take = [&](auto... members) {
    ((inner.*members ? void(merged.*members = inner.*members) : void()), ...);
  };
  take(&Policy::retries,
       &Policy::infra_retries,
       &Policy::retry_delay,
       &Policy::infra_retry_delay,
       &Policy::retry_exponential_backoff,
       &Policy::max_retry_delay,
       &Policy::retry_on,
       &Policy::launch_timeout,
       &Policy::max_run_time,
       &Policy::resume,
       &Policy::trigger_rule,
       &Policy::execution_timeout,
       &Policy::depends_on_past,
       &Policy::wait_for_downstream,
       &Policy::hold_on_configuration_failure,
       &Policy::pool);
  if (inner.pool)
    merged.pool_mark = inner.pool_mark;
  merged.capacity = Merge(inner.capacity, outer.capacity);
  merged.emails = Merge(inner.emails, outer.emails);
  return merged;
}

void Settle(const Policy& own, const Policy& defaults, JobDraft* job) {
  model::Job& settings = job->settings;
  auto settle = [&](auto Policy::* member, auto& slot) {
    const auto& given = own.*member ? own.*member : defaults.*member;
    if (given)
      slot = static_cast<std::remove_reference_t<decltype(slot)>>(*given);
  };
  settle(&Policy::retries, settings.retries);
  settings.infra_retries = settings.retries;
  settle(&Policy::infra_retries, settings.infra_retries);
  settle(&Policy::retry_delay, settings.retry_delay);
  settings.infra_retry_delay = settings.retry_delay;
  settle(&Policy::infra_retry_delay, settings.infra_retry_delay);
  settle(&Policy::retry_exponential_backoff, settings.retry_exponential_backoff);
  settle(&Policy::max_retry_delay, settings.max_retry_delay);
  settle(&Policy::retry_on, settings.retry_on);
  settle(&Policy::trigger_rule, settings.trigger_rule);
  settle(&Policy::execution_timeout, settings.execution_timeout);
  settle(&Policy::depends_on_past, settings.depends_on_past);
  settle(&Policy::wait_for_downstream, settings.wait_for_downstream);
  settle(&Policy::hold_on_configuration_failure, settings.hold_on_configuration_failure);
  settings.depends_on_past = settings.depends_on_past || settings.wait_for_downstream;
  settle(&Policy::pool, settings.pool);
  job->pool_mark = own.pool ? own.pool_mark : defaults.pool_mark;
  const CapacityPolicy capacity = Merge(own.capacity, defaults.capacity);
  settings.capacity = Settle(capacity);
  job->pool_slots_mark = capacity.pool_slots_mark;
  const EmailPolicy emails = Merge(own.emails, defaults.emails);
  if (auto rule = RuleOf(emails)) {
    settings.notifications.push_back(*std::move(rule));
    job->notifier_uses.push_back({.name = "", .is_airflows = true, .mark = emails.mark});
  }
  auto* emr = std::get_if<model::EmrWork>(&settings.work);
  if (emr == nullptr)
    return;
  settle(&Policy::launch_timeout, emr->launch_timeout);
  settle(&Policy::max_run_time, emr->max_run_time);
  settle(&Policy::resume, emr->resume);
}

}  // namespace dagfile
