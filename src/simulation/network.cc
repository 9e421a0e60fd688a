#include "simulation/network.h"

#include <algorithm>

#include "base/check.h"
#include "base/draw.h"
#include "base/json_text.h"

namespace simulation {

namespace {

constexpr base::Duration kTimeout = base::seconds(10);  // of a call, in world time as in wall time

driver::Reply ErrorReply(wire::ErrorClass error_class, std::string code, std::string message) {
  driver::Reply reply;
  reply.error = wire::AwsError{error_class, std::move(code), "", std::move(message), 0, ""};
  return reply;
}

driver::Reply Lost() {
  return ErrorReply(wire::ErrorClass::kMayHaveHappened, "", "no reply");
}

driver::Reply ToReply(emulator::Reply in) {
  driver::Reply out;
  if (in.http_status / 100 == 2)
    out.body = std::move(in.body);
  else
    out.error = wire::ParseAwsError(
        in.http_status, [](std::string_view) { return std::nullopt; }, base::Serialize(in.body));
  return out;
}

}  // namespace

Network::Network(Clock& clock,
                 emulator::Emulator& emr,
                 Effects& effects,
                 Witness& witness,
                 const NetworkOptions& options)
    : clock_(clock),
      emr_(emr),
      effects_(effects),
      witness_(witness),
      options_(options),
      views_(emr, options.views) {}

void Network::Submit(const driver::Call& call) {
  effects_.Around([&] {
    ++calls_;
    if (call.service == driver::Service::kDynamoDb)
      CarryToTable(call);
    else if (call.service == driver::Service::kS3)
      CarryToObjects(call);
    else if (call.service == driver::Service::kMachine)
      CarryToMachine(call);
    else
      Carry(call);
  });
}

// DynamoDB is not EMR: no witness counts its calls, and no view of it is distorted.
void Network::CarryToTable(const driver::Call& call) {
  if (const Trouble* trouble = TroubleFor(call)) {
    ReplyTo(call, *trouble);
    return;
  }
  if (FailsNow(call))
    return;
  CHECK(table_ != nullptr);
  driver::Reply reply;
  reply.body = table_->BatchGetItem(base::ParseJson(call.body)->as_object());
  ReplyAfter(options_.latency, call, std::move(reply));
}

// S3 is not EMR either. It dates objects by the second; the reply is what our client makes of it.
void Network::CarryToObjects(const driver::Call& call) {
  const Trouble* trouble = TroubleFor(call);
  if (trouble != nullptr) {
    ReplyTo(call, *trouble);
    return;
  }
  if (FailsNow(call))
    return;
  const base::Time now = clock_.Now();
  emulator::Reply reply = emr_.Handle(call.action, *base::ParseJson(call.body), now);
  if (reply.http_status == 200 && reply.body.is_object()) {
    json::object& body = reply.body.get_object();
    const auto written = base::ParseTime(base::GetString(body, "LastModified"));
    if (now - *written < options_.objects_late)
      reply = {.http_status = 404, .body = json::object{{"__type", "NoSuchKey"}}};
    else
      body["WrittenBy"] =
          base::FormatRfc3339(std::chrono::floor<base::seconds>(*written) + base::seconds(1));
  }
  Answer(call, std::move(reply));
}

// No network lies between us and our own machine. It may have no room for a process now.
void Network::CarryToMachine(const driver::Call& call) {
  const base::Time now = clock_.Now();
  const json::object body = base::ParseJson(call.body)->as_object();
  const std::string token = base::GetString(body, "Token");
  if (call.action == "AwaitProcess") {
    awaited_[token] = call;
    return;
  }
  driver::Reply reply;
  if (call.action == "StartProcess") {
    const bool has_room = options_.fail_every == 0 ||
                          base::Draw(options_.seed, "machine", static_cast<uint64_t>(calls_)) %
                                  static_cast<uint64_t>(options_.fail_every) !=
                              0;
    if (has_room)
      reply.body = processes_.Start(body, now);
    else
      reply = ErrorReply(wire::ErrorClass::kUnavailable, "Machine", "no room for a process");
  } else if (call.action == "StopProcess") {
    reply.body = processes_.Stop(token, now);
  } else {
    reply.body = processes_.List(now);
  }
  ReplyAfter(base::milliseconds(5), call, std::move(reply));
}

void Network::Carry(const driver::Call& call) {
  const json::value request = *base::ParseJson(call.body);
  SeenCall seen{clock_.Now(), call.action, call.body, request, nullptr};
  witness_.BeforeCall(seen);
  const Trouble* trouble = TroubleFor(call);
  const bool arrives = trouble == nullptr || trouble->kind == Trouble::Kind::kSilent;
  if (!arrives)
    ReplyTo(call, *trouble);
  if (!arrives || FailsNow(call)) {
    witness_.OnCall(seen);
    return;
  }
  emulator::Reply reply = emr_.Handle(call.action, request, clock_.Now());
  seen.reply = &reply;
  witness_.OnCall(seen);
  if (call.action == "RunJobFlow")
    Repeated(call, request, reply);
  if (trouble != nullptr) {
    ReplyTo(call, *trouble);
    return;
  }
  views_.Distort(call, clock_.Now(), reply);
  Answer(call, std::move(reply));
}

void Network::Repeated(const driver::Call& call,
                       const json::value& request,
                       emulator::Reply& reply) {
  const auto repeat = options_.twice.find(++launches_);
  if (repeat == options_.twice.end() || reply.http_status != 200)
    return;
  if (repeat->second.after.count() == 0)
    emr_.Handle(call.action, request, clock_.Now());
  else
    repeats_.emplace(clock_.Now() + repeat->second.after, request);
  if (repeat->second.reply_is_lost) {
    reply.delivery = emulator::Reply::Delivery::kDrop;
    reply.wall_delay = kTimeout;
  }
}

void Network::ReplyTo(const driver::Call& call, const Trouble& trouble) {
  if (trouble.kind == Trouble::Kind::kSilent) {
    ReplyAfter(kTimeout, call, Lost());
    return;
  }
  driver::Reply reply;
  if (trouble.kind == Trouble::Kind::kDown)
    reply = ErrorReply(wire::ErrorClass::kUnavailable, "", "connection refused");
  else if (trouble.kind == Trouble::Kind::kCredentials)
    reply = ErrorReply(wire::ErrorClass::kCredentials,
                       "ExpiredTokenException",
                       "The security token included in the request is expired");
  else
    reply = ErrorReply(wire::ErrorClass::kPermission,
                       "AccessDeniedException",
                       "User is not authorized to perform: elasticmapreduce:" + call.action);
  ReplyAfter(options_.latency, call, std::move(reply));
}

bool Network::FailsNow(const driver::Call& call) {
  // Drawn, not counted: a period would fall in step with the process's own.
  auto hits = [&](int every, std::string_view what) {
    return every > 0 && base::Draw(options_.seed, what, static_cast<uint64_t>(calls_)) %
                                static_cast<uint64_t>(every) ==
                            0;
  };
  if (hits(options_.throttle_every, "throttle") || IsThrottled(call))
    ReplyAfter(options_.latency,
               call,
               ErrorReply(wire::ErrorClass::kThrottled, "ThrottlingException", "Rate exceeded"));
  else if (hits(options_.fail_every, "fail"))
    ReplyAfter(options_.latency,
               call,
               ErrorReply(wire::ErrorClass::kMayHaveHappened, "InternalFailure", ""));
  else
    return false;
  return true;
}

bool Network::IsThrottled(const driver::Call& call) {
  const base::Time now = clock_.Now();
  for (const Paced& paced : options_.paced) {
    if (paced.action == call.action && ++paced_[call.action] % paced.every == 0)
      return true;
  }
  return std::any_of(options_.busy.begin(), options_.busy.end(), [&](const Busy& busy) {
    return now >= busy.from && now < busy.until &&
           (busy.action.empty() || busy.action == call.action) &&
           base::Draw(options_.seed, "busy", static_cast<uint64_t>(calls_)) % 100 <
               static_cast<uint64_t>(busy.percent);
  });
}

const Trouble* Network::TroubleFor(const driver::Call& call) const {
  const base::Time now = clock_.Now();
  for (const Trouble& trouble : options_.troubles) {
    if (now < trouble.from || now >= trouble.until)
      continue;
    if (trouble.kind != Trouble::Kind::kNoTerminate || call.action == "TerminateJobFlows" ||
        call.action == "SetTerminationProtection")
      return &trouble;
  }
  return nullptr;
}

void Network::Answer(const driver::Call& call, emulator::Reply reply) {
  const base::Duration delay = options_.latency + reply.wall_delay;
  switch (reply.delivery) {
    case emulator::Reply::Delivery::kNormal:
      ReplyAfter(options_.latency, call, ToReply(std::move(reply)));
      return;
    case emulator::Reply::Delivery::kDrop:
      ReplyAfter(std::min(kTimeout, delay), call, Lost());
      return;
    case emulator::Reply::Delivery::kDelay:
      if (delay > kTimeout)
        ReplyAfter(kTimeout, call, Lost());
      else
        ReplyAfter(delay, call, ToReply(std::move(reply)));
      return;
  }
}

void Network::ReplyAfter(base::Duration delay, const driver::Call& call, driver::Reply reply) {
  reply.sent_at = clock_.Ours();
  if (options_.jitter.count() > 0) {
    const uint64_t draw = base::Draw(options_.seed, "latency", static_cast<uint64_t>(calls_));
    delay +=
        base::Duration(static_cast<int64_t>(draw % static_cast<uint64_t>(options_.jitter.count())));
  }
  replies_.emplace(clock_.Now() + delay, std::pair(call, std::move(reply)));
}

std::optional<base::Time> Network::NextArrival() const {
  std::optional<base::Time> next;
  if (!replies_.empty())
    next = replies_.begin()->first;
  if (!repeats_.empty())
    driver::Earlier(next, repeats_.begin()->first);
  for (const auto& [token, call] : awaited_)
    driver::Earlier(next, processes_.OverAt(token));
  return next;
}

void Network::Deliver(driver::Driver& driver) {
  const base::Time now = clock_.Now();
  for (; !repeats_.empty() && repeats_.begin()->first <= now; repeats_.erase(repeats_.begin())) {
    // Nobody repeats for hours, even where we were dead meanwhile.
    if (now - repeats_.begin()->first < base::minutes(5))
      emr_.Handle("RunJobFlow", repeats_.begin()->second, now);
  }
  for (auto it = awaited_.begin(); it != awaited_.end();) {
    const auto over_at = processes_.OverAt(it->first);
    if (!over_at || *over_at > now) {
      ++it;
      continue;
    }
    driver::Reply reply;
    reply.body = processes_.EndOf(it->first, now);
    ReplyAfter(base::milliseconds(5), it->second, std::move(reply));
    it = awaited_.erase(it);
  }
  while (!replies_.empty() && replies_.begin()->first <= clock_.Now()) {
    auto [call, reply] = std::move(replies_.begin()->second);
    replies_.erase(replies_.begin());
    witness_.OnReply(clock_.Now(), call, reply);
    driver.OnReply(call.id, reply);
  }
}

}  // namespace simulation
