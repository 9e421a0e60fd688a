#include "forwarder/table_writer.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/text.h"
#include "wire/state_item.h"

namespace forwarder {

namespace {

constexpr base::Duration kTry = base::seconds(3);  // DynamoDB answers within milliseconds
constexpr base::Duration kFirstPause = base::milliseconds(50);
constexpr base::Duration kLongestPause = base::milliseconds(1600);

bool MayHelpToRepeat(wire::ErrorClass error_class) {
  switch (error_class) {
    case wire::ErrorClass::kThrottled:
    case wire::ErrorClass::kMayHaveHappened:
    case wire::ErrorClass::kUnavailable:
      return true;
    case wire::ErrorClass::kClean:
    case wire::ErrorClass::kPermission:
    case wire::ErrorClass::kCredentials:
    case wire::ErrorClass::kClockSkew:
    case wire::ErrorClass::kNotFound:
      return false;
  }
  return false;
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kWritten:
      return "written";
    case Outcome::kKnown:
      return "known";
    case Outcome::kIgnored:
      return "ignored";
    case Outcome::kBad:
      return "bad";
    case Outcome::kFailed:
      return "failed";
  }
  return "failed";
}

struct TableWriter::Write {
  std::string body;
  base::Time give_up_at;
  Taken taken;
  Done done;
  base::Duration pause = kFirstPause;
};

void TableWriter::Take(std::string_view text,
                       std::string_view account,
                       base::Time give_up_at,
                       Done done) {
  base::Result<wire::EmrEvent> event = wire::ParseEmrEvent(text);
  if (!event)
    return done({.outcome = Outcome::kBad, .why = event.error().message});
  Taken taken{.outcome = Outcome::kIgnored, .detail_type = event->detail_type};
  wire::Addressee addressee = settings_.addressee;
  if (settings_.own_account)
    addressee.account = account;
  taken.why = wire::WhyForeign(*event, addressee);
  if (!taken.why.empty())
    return done(std::move(taken));
  std::optional<wire::StateItem> item = wire::ItemOfEvent(*event);
  if (!item) {
    taken.why = "it says nothing of a state that Signalbox knows";
    return done(std::move(taken));
  }
  item->raw = text;
  item->expires = item->event_time + settings_.keep;
  json::object body = wire::PutItemBody(settings_.table, *item, settings_.names);
  taken.cluster_id = item->cluster_id;
  taken.item = wire::SortKey(*item);
  taken.state = item->state;
  Send(std::make_shared<Write>(Write{.body = base::Serialize(body),
                                     .give_up_at = give_up_at,
                                     .taken = std::move(taken),
                                     .done = std::move(done)}));
}

void TableWriter::Send(const std::shared_ptr<Write>& write) {
  dynamodb_.Call(
      "PutItem", write->body, {.timeout = kTry}, [this, write](const aws::CallOutcome& outcome) {
        OnReply(write, outcome);
      });
}

void TableWriter::OnReply(const std::shared_ptr<Write>& write, const aws::CallOutcome& outcome) {
  Taken& taken = write->taken;
  if (!outcome.error) {
    taken.outcome = Outcome::kWritten;
    return write->done(std::move(taken));
  }
  const wire::AwsError& error = *outcome.error;
  if (error.code == "ConditionalCheckFailedException") {
    taken.outcome = Outcome::kKnown;
    return write->done(std::move(taken));
  }
  const base::Duration pause =
      std::exchange(write->pause, std::min(write->pause * 2, kLongestPause));
  if (MayHelpToRepeat(error.error_class) &&
      base::Clock::Wall() + pause + kTry <= write->give_up_at) {
    pause_ = loop_.After(pause, [this, write] { Send(write); });
    return;
  }
  taken.outcome = Outcome::kFailed;
  taken.why = base::Cat("table ", settings_.table, ": ", error.code, ": ", error.message);
  write->done(std::move(taken));
}

}  // namespace forwarder
