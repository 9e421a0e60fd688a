#include "forwarder/forwarder.h"

#include <optional>
#include <utility>

#include "aws/endpoint.h"
#include "aws/json_client.h"
#include "aws/session.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/log.h"
#include "forwarder/settings.h"
#include "forwarder/table_writer.h"

namespace forwarder {

namespace {

constexpr base::Duration kMargin = base::milliseconds(500);  // for the answer, before the deadline
constexpr base::Duration kPatience = base::seconds(10);      // where Lambda gives no deadline

// What is needed of AWS.
struct Cloud {
  std::unique_ptr<aws::Session> session;
  http::Url endpoint;
};

base::Result<Cloud> FindCloud(http::Loop& loop, const aws::Environment& environment) {
  Cloud out;
  ASSIGN_OR_RETURN(out.session,
                   aws::Session::Create(loop, {.environment = WithCertificates(environment)}));
  const aws::Context& context = out.session->context();
  ASSIGN_OR_RETURN(out.endpoint,
                   aws::ResolveEndpoint(context.config, aws::kDynamoDb, context.region));
  return out;
}

base::LogLevel LevelOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kWritten:
    case Outcome::kKnown:
      return base::LogLevel::kDebug;
    case Outcome::kIgnored:
      return base::LogLevel::kInfo;
    case Outcome::kBad:
      return base::LogLevel::kWarning;
    case Outcome::kFailed:
      return base::LogLevel::kError;
  }
  return base::LogLevel::kError;
}

json::object Describe(const Taken& taken) {
  json::object out{{"outcome", OutcomeName(taken.outcome)}};
  for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"why", taken.why},
                                    {"detail_type", taken.detail_type},
                                    {"cluster_id", taken.cluster_id},
                                    {"item", taken.item},
                                    {"state", taken.state}}) {
    if (!value.empty())
      out[name] = value;
  }
  return out;
}

class Server {
 public:
  Server(http::Loop& loop, Settings settings, Cloud cloud, RuntimeApi& api)
      : loop_(loop),
        settings_(std::move(settings)),
        cloud_(std::move(cloud)),
        api_(api),
        dynamodb_(loop,
                  cloud_.session->context().outside,
                  cloud_.session->credentials(),
                  cloud_.session->context().clock,
                  clock_,
                  {.service = aws::kDynamoDb,
                   .region = cloud_.session->context().region,
                   .endpoint = cloud_.endpoint}),
        writer_(loop, dynamodb_, settings_) {}

  void Next() {
    api_.Next([this](base::Result<Invocation> invocation) {
      if (!invocation)
        return End(std::move(invocation.error()));
      request_id_ = invocation->request_id;
      const bool dated = invocation->deadline != base::Time();
      writer_.Take(invocation->event,
                   AccountOfArn(invocation->function_arn),
                   dated ? invocation->deadline - kMargin : base::Clock::Wall() + kPatience,
                   [this](const Taken& taken) { Answer(taken); });
    });
  }

  const std::optional<base::Error>& end() const { return end_; }

 private:
  void Answer(const Taken& taken) {
    json::object said = Describe(taken);
    json::object line = said;
    line["request_id"] = request_id_;
    base::Log(LevelOf(taken.outcome), "event", line);
    auto next = [this](base::Status told) {
      // The answer came too late, or Lambda's side is gone: then Next() says so.
      if (!told)
        base::LogWarning("answer_lost", {{"why", told.error().message}});
      Next();
    };
    if (taken.outcome == Outcome::kFailed)
      api_.Fail(request_id_, "Signalbox.NotWritten", taken.why, std::move(next));
    else
      api_.Succeed(request_id_, base::Serialize(said), std::move(next));
  }

  void End(base::Error error) {
    end_ = std::move(error);
    loop_.Stop();
  }

  http::Loop& loop_;
  const Settings settings_;
  const Cloud cloud_;
  const base::Clock clock_;  // nothing here is told in world time: items carry the events' own
  RuntimeApi& api_;
  aws::JsonClient dynamodb_;
  TableWriter writer_;
  std::string request_id_;
  std::optional<base::Error> end_;
};

}  // namespace

base::Status Serve(http::Loop& loop, const aws::Environment& environment) {
  ASSIGN_OR_RETURN(http::Url address, ReadRuntimeApi(environment));
  RuntimeApi api(loop, std::move(address));
  auto cannot_start = [&](base::Error error) -> base::Status {
    api.FailInit("Signalbox.Settings", error.message, [&](const base::Status&) { loop.Stop(); });
    loop.Run();
    return base::Fail(std::move(error));
  };
  base::Result<Settings> settings = ReadSettings(environment);
  if (!settings)
    return cannot_start(settings.error());
  base::SetLogLevel(settings->log_level);
  base::Result<Cloud> cloud = FindCloud(loop, environment);
  if (!cloud)
    return cannot_start(cloud.error());
  Server server(loop, std::move(*settings), std::move(*cloud), api);
  server.Next();
  while (!server.end())
    loop.Run();
  return base::Fail(*server.end());
}

}  // namespace forwarder
