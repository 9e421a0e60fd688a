#include "runtime/objects.h"

#include <utility>

#include "aws/s3.h"
#include "aws/session.h"
#include "base/json_text.h"
#include "base/text.h"

namespace runtime {

namespace {

constexpr int kMostCalls = 8;
// A log is larger than what the driver reads.
constexpr int kPatience = 3;

base::Error ErrorOf(const wire::AwsError& error, const std::string& place) {
  if (error.http_status == 404)
    return {base::ErrorCode::kNotFound, base::Cat(place, " is not there")};
  if (error.http_status == 403)
    return {base::ErrorCode::kPermission,
            base::Cat("S3 denies ",
                      place,
                      " (",
                      error.code,
                      "): the server's keys need s3:GetObject there, and s3:ListBucket")};
  return {base::ErrorCode::kUnavailable,
          base::Cat("S3 did not answer for ", place, ": ", error.code, " ", error.message)};
}

}  // namespace

base::Result<std::unique_ptr<Objects>> Objects::Create(http::Loop& loop,
                                                       aws::Session& session,
                                                       const base::Clock& clock,
                                                       base::Duration timeout) {
  const aws::Context& context = session.context();
  const auto connect =
      [&](const aws::Protocol& protocol) -> base::Result<std::unique_ptr<aws::JsonClient>> {
    ASSIGN_OR_RETURN(http::Url endpoint,
                     aws::ResolveEndpoint(context.config, aws::kS3, context.region, ""));
    return std::make_unique<aws::JsonClient>(
        loop,
        context.outside,
        session.credentials(),
        context.clock,
        clock,
        aws::JsonClient::Target{aws::kS3, context.region, std::move(endpoint), protocol});
  };
  std::unique_ptr<Objects> objects(new Objects());
  objects->loop_ = &loop;
  objects->timeout_ = timeout * kPatience;
  ASSIGN_OR_RETURN(objects->objects_, connect(aws::S3Protocol()));
  ASSIGN_OR_RETURN(objects->lists_, connect(aws::S3ListProtocol()));
  return objects;
}

void Objects::Call(aws::JsonClient& client,
                   std::string_view action,
                   json::object input,
                   std::function<void(base::Result<json::object>)> done) {
  const std::string place =
      base::Cat("s3://",
                base::GetString(input, "Bucket"),
                "/",
                base::GetString(input, input.contains("Key") ? "Key" : "Prefix"));
  if (calls_ >= kMostCalls) {
    loop_->Post([done = std::move(done), alive = std::weak_ptr(alive_)] {
      if (!alive.expired())
        done(base::Fail(base::ErrorCode::kUnavailable,
                        "too many logs are read from S3 at once: try again"));
    });
    return;
  }
  ++calls_;
  client.Call(action,
              base::Serialize(input),
              {.timeout = timeout_},
              [this, place, done = std::move(done)](aws::CallOutcome outcome) {
                --calls_;
                if (outcome.error)
                  return done(base::Fail(ErrorOf(*outcome.error, place)));
                done(std::move(outcome.reply->get_object()));
              });
}

void Objects::Read(const emr::S3Place& place, OnBody done) {
  Call(*objects_,
       "GetObject",
       {{"Bucket", place.bucket}, {"Key", place.key}},
       [done = std::move(done)](base::Result<json::object> reply) {
         if (!reply)
           return done(base::Fail(reply.error()));
         done(base::GetString(*reply, "Body"));
       });
}

void Objects::List(const emr::S3Place& prefix, OnKeys done) {
  Call(*lists_,
       "ListObjectsV2",
       {{"Bucket", prefix.bucket}, {"Prefix", prefix.key}},
       [done = std::move(done)](base::Result<json::object> reply) {
         if (!reply)
           return done(base::Fail(reply.error()));
         std::vector<std::string> keys;
         for (const json::value& item : base::GetArray(*reply, "Contents"))
           keys.push_back(base::GetString(item.get_object(), "Key"));
         done(std::move(keys));
       });
}

}  // namespace runtime
