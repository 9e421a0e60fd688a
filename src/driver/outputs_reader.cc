#include "driver/outputs_reader.h"

#include "base/text.h"
#include "emr/outputs.h"
#include "work/emr/outputs.h"

namespace driver {

namespace {

using Kind = model::OutputsSeen::Kind;

// S3 has no quota that this could reach; it bounds the sockets.
constexpr int kMostCalls = 8;

// One byte more than is allowed shows what is too large, and no more than that is sent.
std::string Range() {
  return base::Cat("bytes=0-", model::kOutputsBytesMax);
}

model::OutputsSeen There(const json::object& body) {
  model::OutputsSeen seen{.kind = Kind::kThere, .text = base::GetString(body, "Body")};
  if (seen.text.size() > model::kOutputsBytesMax) {
    seen.kind = Kind::kTooLarge;
    seen.text.clear();
  }
  if (const auto written = base::ParseTime(base::GetString(body, "WrittenBy")))
    seen.written_at = *written;
  return seen;
}

// Nothing where the same question may be answered later.
std::optional<model::OutputsSeen> Refused(const wire::AwsError& error) {
  using wire::ErrorClass;
  switch (error.error_class) {
    case ErrorClass::kNotFound:
      return model::OutputsSeen{.kind = error.code == "NoSuchBucket" ? Kind::kNoBucket
                                                                     : Kind::kMissing};
    case ErrorClass::kPermission:
      return model::OutputsSeen{.kind = Kind::kDenied, .text = error.message};
    case ErrorClass::kClean:
      // A range of an empty object.
      if (error.code == "InvalidRange")
        return model::OutputsSeen{.kind = Kind::kThere};
      return model::OutputsSeen{.kind = Kind::kRefused,
                                .text = error.message.empty() ? error.code : error.message};
    case ErrorClass::kThrottled:
    case ErrorClass::kCredentials:
    case ErrorClass::kClockSkew:
    case ErrorClass::kMayHaveHappened:
    case ErrorClass::kUnavailable:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void OutputsReader::Plan() {
  std::erase_if(reads_, [&](const auto& item) {
    return !item.second.in_flight &&
           !context_.state().commands.contains(work::ReadCommandOf(item.first));
  });
  const base::Time now = context_.Now();
  for (const auto& [job, token] : context_.emr().reading) {
    Read& read = reads_[token];
    if (!read.in_flight && read.due <= now && calls_ < kMostCalls)
      Send(token, read);
  }
}

void OutputsReader::Send(const model::LaunchToken& token, Read& read) {
  // It was parsed before the launch was stored.
  const auto place = emr::ParseS3Uri(context_.emr().launches.at(token).outputs);
  if (!place)
    return;
  ++calls_;
  read.in_flight = true;
  context_.caller.Request(Service::kS3,
                          "GetObject",
                          {{"Bucket", place->bucket}, {"Key", place->key}, {"Range", Range()}},
                          [this, token](const Reply& reply) { OnReply(token, reply); });
}

void OutputsReader::OnReply(const model::LaunchToken& token, const Reply& reply) {
  --calls_;
  Read& read = reads_[token];
  read.in_flight = false;
  std::optional<model::OutputsSeen> seen;
  if (reply.body && reply.body->is_object())
    seen = There(reply.body->get_object());
  else if (reply.error)
    seen = Refused(*reply.error);
  read.due = reply.error && !seen ? context_.RetryAt(reply)
                                  : context_.Now() + context_.options.throttle_pause;
  if (!seen)
    return;
  seen->token = token;
  seen->source_at = reply.sent_at;
  context_.post(std::move(*seen));
}

std::optional<base::Time> OutputsReader::NextWake() const {
  std::optional<base::Time> wake;
  if (calls_ >= kMostCalls)
    return wake;  // a reply wakes us
  for (const auto& [token, read] : reads_) {
    if (!read.in_flight)
      Earlier(wake, read.due);
  }
  return wake;
}

}  // namespace driver
