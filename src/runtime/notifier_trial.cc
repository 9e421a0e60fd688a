#include "runtime/notifier_trial.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/state.h"
#include "runtime/core.h"

namespace runtime {

namespace {

using base::Cat;
using notify::Notifier;

struct Trial {
  Core& core;
  Notifier notifier;
  notify::Message message;
  std::vector<std::string> emails;
  model::Principal by;
  OnTested answer;
};

base::Error NoSuchNotifier(const std::vector<Notifier>& notifiers, const std::string& name) {
  std::vector<std::string> names;
  for (const Notifier& notifier : notifiers)
    names.push_back(notifier.name);
  const auto near = base::DidYouMean(name, names);
  return {base::ErrorCode::kNotFound,
          Cat("there is no notifier '",
              base::Excerpt(name),
              "' in signalbox.yaml",
              near            ? Cat("; did you mean '", *near, "'?")
              : names.empty() ? "; it has none"
                              : Cat("; it has ", base::Join(names, ", ")))};
}

notify::Message MessageOf(const Core& core, const std::string& name, const std::string& by) {
  return {
      .id = Cat("test-", base::Hex(base::RandomBytes(12))),
      .occasion = model::Occasion::kSuccess,
      .about = Cat("test ", name),
      .title = "Test message of Signalbox",
      .text = Cat(
          by, " asked for it, to see whether the notifier ", name, " works. Nothing has happened."),
      .facts = {{"Notifier", name}, {"Asked for by", by}},
      .error = "",
      .link = "",
      .deployment = core.in_force.deployment,
      .at = core.world->Now()};
}

// The record's history says who sent what; its body, how it went the last time.
void Note(const std::shared_ptr<Trial>& trial, NotifierTest test) {
  model::ChangeRecords change{.what = Cat("test message ", test.is_delivered ? "sent" : "not sent"),
                              .by = trial->by};
  change.records.push_back(
      {.id = {model::RecordKind::kPosition, Cat("notifier_test/", trial->notifier.name)},
       .body = base::Serialize(json::object{{"at", base::FormatRfc3339(trial->message.at)},
                                            {"is_delivered", test.is_delivered},
                                            {"answer", test.answer}}),
       .before = "an earlier test",
       .after = test.is_delivered ? "delivered" : "not delivered"});
  trial->core.Post(std::move(change), [trial, test = std::move(test)](const Outcome& outcome) {
    if (outcome)
      trial->answer(test);
    else
      trial->answer(base::Fail(outcome.error()));
  });
}

// An alert that only tests must not wait for somebody to close it.
void TakeBack(const std::shared_ptr<Trial>& trial, NotifierTest test) {
  trial->message.is_over = true;
  trial->core.notice_sender->SendAndTell(
      trial->notifier,
      trial->message,
      {},
      [trial, test = std::move(test)](const tl::expected<std::string, SendFailure>& told) mutable {
        test.is_delivered = told.has_value();
        test.answer += Cat("; to resolve it: ", told ? *told : told.error().why);
        Note(trial, std::move(test));
      });
}

}  // namespace

void TestNotifier(Core& core,
                  const std::string& name,
                  const std::vector<std::string>& emails,
                  model::Principal by,
                  OnTested answer) {
  const std::vector<Notifier>& notifiers = core.watch.project().notifiers;
  const auto found = std::ranges::find(notifiers, name, &Notifier::name);
  if (found == notifiers.end())
    return answer(base::Fail(NoSuchNotifier(notifiers, name)));
  if (!emails.empty() && found->type != notify::NotifierType::kSmtp)
    return answer(base::Fail(base::ErrorCode::kInvalidArgument,
                             Cat("addresses are for notifiers of type smtp, and ",
                                 name,
                                 " is of type ",
                                 ToString(found->type))));
  const auto trial = std::make_shared<Trial>(Trial{.core = core,
                                                   .notifier = *found,
                                                   .message = MessageOf(core, name, by.name),
                                                   .emails = emails,
                                                   .by = std::move(by),
                                                   .answer = std::move(answer)});
  core.notice_sender->SendAndTell(
      trial->notifier,
      trial->message,
      trial->emails,
      [trial](const tl::expected<std::string, SendFailure>& told) {
        NotifierTest test{.type = std::string(ToString(trial->notifier.type)),
                          .is_delivered = told.has_value(),
                          .answer = told ? *told : told.error().why};
        if (told && trial->notifier.type == notify::NotifierType::kPagerDuty)
          TakeBack(trial, std::move(test));
        else
          Note(trial, std::move(test));
      });
}

}  // namespace runtime
