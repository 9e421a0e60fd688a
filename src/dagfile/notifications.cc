#include "dagfile/notifications.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "notify/wording.h"
#include "template/template.h"

namespace dagfile {

using base::Cat;
using model::NotificationRule;
using model::Occasion;

namespace {

bool IsOfDeployment(Occasion occasion) {
  return occasion == Occasion::kOrphan || occasion == Occasion::kHold ||
         occasion == Occasion::kHealth;
}

bool IsOfDeadline(Occasion occasion) {
  return occasion == Occasion::kAtRisk || occasion == Occasion::kLate ||
         occasion == Occasion::kMissed;
}

bool MayStandIn(RulePlace place, Occasion occasion) {
  switch (place) {
    case RulePlace::kProject:
      return true;
    case RulePlace::kDag:
    case RulePlace::kJob:
      return !IsOfDeployment(occasion);
    case RulePlace::kDeadline:
      return IsOfDeadline(occasion);
  }
  return false;
}

std::vector<std::string> WordsOf(RulePlace place) {
  std::vector<std::string> words;
  for (const Occasion occasion : model::kOccasions) {
    if (MayStandIn(place, occasion))
      words.emplace_back(ToString(occasion));
  }
  return words;
}

std::optional<Occasion> ReadOccasion(const yaml::Node& node,
                                     RulePlace place,
                                     yaml::Diagnostics* errors) {
  const auto word = yaml::Read<std::string>(node, "'on'", errors);
  if (!word)
    return std::nullopt;
  const auto occasion = model::ParseOccasion(*word);
  if (occasion && MayStandIn(place, *occasion))
    return occasion;
  if (occasion && IsOfDeployment(*occasion)) {
    errors->Add(node.mark(),
                Cat("'on: ",
                    *word,
                    "' is of the whole deployment: write it in 'notifications' of signalbox.yaml"));
    return std::nullopt;
  }
  const std::vector<std::string> words = WordsOf(place);
  const auto near = base::DidYouMean(*word, words);
  errors->Add(node.mark(),
              Cat("'on': expected one of ",
                  base::Join(words, ", "),
                  ", found '",
                  *word,
                  "'",
                  near ? Cat("; did you mean '", *near, "'?") : ""));
  return std::nullopt;
}

// One text or a list of texts.
std::vector<yaml::Node> OneOrMore(const yaml::Node& node) {
  return node.is_sequence() ? node.items() : std::vector{node};
}

bool IsAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == ',' ||
                  c == ';' || c == '"' || c == 0x7f;
         });
}

// Airflow parts addresses in one text by commas and semicolons.
std::vector<std::string> ReadAddresses(const yaml::Node& node,
                                       std::string_view name,
                                       yaml::Diagnostics* errors) {
  std::vector<std::string> addresses;
  for (const yaml::Node& item : OneOrMore(node)) {
    const auto text = yaml::Read<std::string>(item, name, errors);
    if (!text)
      continue;
    for (const std::string& part : base::Split(base::ReplaceAll(*text, ";", ","), ',')) {
      const std::string address(base::Trim(part));
      if (IsAddress(address))
        addresses.push_back(address);
      else
        errors->Add(item.mark(),
                    Cat(name, ": '", address, "' is no mail address such as ops@example.com"));
    }
  }
  return addresses;
}

std::string ReadTemplate(yaml::MapReader& map, std::string_view key) {
  const auto text = map.Optional<std::string>(key);
  if (!text)
    return "";
  const size_t longest = key == "title" ? 500 : 20'000;
  if (text->size() > longest)
    map.Error(key, Cat("'", key, "' has more than ", longest, " bytes"));
  for (const tmpl::Problem& problem : tmpl::Check(*text, notify::SampleOfWords()))
    map.Error(key, Cat("'", key, "': column ", problem.place.column, ": ", problem.message));
  return *text;
}

NotificationRule ReadRule(const yaml::Node& node,
                          RulePlace place,
                          std::vector<NotifierUse>* uses,
                          yaml::Diagnostics* errors) {
  NotificationRule rule;
  yaml::MapReader map(node, "this rule of 'notifications'", errors);
  if (!map.is_map())
    return rule;
  if (const auto on = map.Required<yaml::Node>("on")) {
    for (const yaml::Node& word : OneOrMore(*on)) {
      if (const auto occasion = ReadOccasion(word, place, errors))
        rule.on.push_back(*occasion);
    }
  }
  const bool is_news = std::ranges::any_of(rule.on, [](Occasion occasion) {
    return occasion == Occasion::kRetry || occasion == Occasion::kSuccess;
  });
  if (const auto to = map.Optional<yaml::Node>("to")) {
    for (const yaml::Node& item : OneOrMore(*to)) {
      if (const auto name = yaml::Read<std::string>(item, "'to'", errors)) {
        rule.to.push_back(*name);
        uses->push_back({.name = *name, .is_news = is_news, .mark = item.mark()});
      }
    }
  }
  if (const auto emails = map.Optional<yaml::Node>("emails")) {
    rule.emails = ReadAddresses(*emails, "'emails'", errors);
    uses->push_back({.name = "", .mark = emails->mark()});
  }
  rule.title = ReadTemplate(map, "title");
  rule.text = ReadTemplate(map, "text");
  if (node.Find("to") == nullptr && node.Find("emails") == nullptr)
    errors->Add(node.mark(), "this rule of 'notifications' names nobody: set 'to' or 'emails'");
  map.Finish();
  return rule;
}

}  // namespace

std::optional<std::vector<NotificationRule>> ReadNotifications(yaml::MapReader& reader,
                                                               RulePlace place,
                                                               std::vector<NotifierUse>* uses,
                                                               yaml::Diagnostics* errors) {
  const auto list = reader.Optional<std::vector<yaml::Node>>("notifications");
  if (!list)
    return std::nullopt;
  std::vector<NotificationRule> rules;
  for (const yaml::Node& node : *list)
    rules.push_back(ReadRule(node, place, uses, errors));
  return rules;
}

EmailPolicy ReadEmails(yaml::MapReader& reader, yaml::Diagnostics* errors) {
  EmailPolicy policy;
  if (const auto email = reader.Optional<yaml::Node>("email")) {
    policy.addresses = ReadAddresses(*email, "'email'", errors);
    policy.mark = email->mark();
  }
  policy.on_failure = reader.Optional<bool>("email_on_failure");
  policy.on_retry = reader.Optional<bool>("email_on_retry");
  return policy;
}

EmailPolicy Merge(const EmailPolicy& inner, const EmailPolicy& outer) {
  EmailPolicy merged = inner.addresses ? inner : outer;
  merged.on_failure = inner.on_failure ? inner.on_failure : outer.on_failure;
  merged.on_retry = inner.on_retry ? inner.on_retry : outer.on_retry;
  return merged;
}

// Airflow's defaults: both.
std::optional<NotificationRule> RuleOf(const EmailPolicy& policy) {
  NotificationRule rule;
  if (policy.on_failure.value_or(true))
    rule.on.push_back(Occasion::kFailed);
  if (policy.on_retry.value_or(true))
    rule.on.push_back(Occasion::kRetry);
  rule.emails = policy.addresses.value_or(std::vector<std::string>());
  if (rule.on.empty() || rule.emails.empty())
    return std::nullopt;
  return rule;
}

NotifierNames NotifierNamesOf(const yaml::Node& project) {
  NotifierNames names;
  const yaml::Node* notifiers = project.Find("notifiers");
  if (notifiers == nullptr)
    return names;
  for (const yaml::Member& notifier : notifiers->members()) {
    names.all.push_back(notifier.key);
    const yaml::Node* type = notifier.value.Find("type");
    names.has_mails = names.has_mails || (type != nullptr && type->raw() == "smtp");
    if (type != nullptr && type->raw() == "pagerduty")
      names.pagers.push_back(notifier.key);
  }
  return names;
}

void CheckNotifierUses(const std::vector<NotifierUse>& uses,
                       const NotifierNames& names,
                       yaml::Diagnostics* errors,
                       yaml::Diagnostics* warnings) {
  for (const NotifierUse& use : uses) {
    if (use.name.empty()) {
      constexpr std::string_view kNoMails =
          "there is no notifier of type smtp in signalbox.yaml, which would send mails";
      if (!names.has_mails && use.is_airflows)
        warnings->Add(use.mark, Cat("'email' tells nobody: ", kNoMails));
      else if (!names.has_mails)
        errors->Add(use.mark, Cat("'emails': ", kNoMails));
      continue;
    }
    if (use.is_news && std::ranges::find(names.pagers, use.name) != names.pagers.end())
      errors->Add(use.mark,
                  Cat("'",
                      use.name,
                      "' is PagerDuty's, where each message opens an incident, and one of a retry "
                      "or a success would stay open: name another notifier in a rule of its own"));
    if (std::ranges::find(names.all, use.name) != names.all.end())
      continue;
    const auto near = base::DidYouMean(use.name, names.all);
    errors->Add(use.mark,
                Cat("there is no notifier '",
                    use.name,
                    "' in signalbox.yaml",
                    near                ? Cat("; did you mean '", *near, "'?")
                    : names.all.empty() ? std::string("; it has none")
                                        : Cat("; there are ", base::Join(names.all, ", "))));
  }
}

}  // namespace dagfile
