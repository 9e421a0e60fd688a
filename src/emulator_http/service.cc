#include "emulator_http/service.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/text.h"
#include "emulator_http/s3_answers.h"
#include "emulator_http/s3_folder.h"
#include "wire/sigv4.h"

namespace emulator_http {

namespace {

constexpr std::string_view kTargetPrefix = "ElasticMapReduce.";
constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::string_view kHealthTarget = "/_emulator/health";
constexpr std::string_view kSigningName = "elasticmapreduce";
constexpr std::string_view kS3SigningName = "s3";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr int64_t kKeysMax = 1000;  // of one list
// At high speed many changes fall into one moment: they are taken together.
constexpr base::Duration kWakeUpMin = base::milliseconds(1);
// A timer far ahead would overflow what the loop can wait for.
constexpr base::Duration kWakeUpMax = base::hours(1);

http::Response JsonResponse(int status, std::string body, std::string_view content_type) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.Set("Content-Type", std::string(content_type));
  return response;
}

bool IsList(const http::Request& request) {
  const http::Target target = http::SplitTarget(request.target);
  return request.method == "GET" && target.segments.size() == 1 && target.Param("list-type") == "2";
}

std::string Body(const emulator::Reply& reply) {
  return reply.body.is_null() ? "" : base::Serialize(reply.body);
}

emulator::Options Adapted(emulator::Options model,
                          const base::Clock& clock,
                          const ServiceOptions& options) {
  model.speed = clock.speed();
  model.journal = !options.journal_path.empty();
  model.run_steps = options.steps.has_value();
  model.events = options.on_event != nullptr;
  return model;
}

}  // namespace

base::Result<Keys> ReadKeyFile(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return base::Fail(base::ErrorCode::kNotFound, base::Cat(path, ": cannot be read"));
  Keys keys;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::string_view text = base::Trim(std::string_view(line).substr(0, line.find('#')));
    if (text.empty())
      continue;
    size_t end = text.find_first_of(" \t");
    std::string_view secret = end == std::string_view::npos ? "" : base::Trim(text.substr(end));
    if (secret.empty() || secret.find_first_of(" \t") != std::string_view::npos)
      return base::Fail(
          base::ErrorCode::kInvalidArgument,
          base::Cat(path, ":", number, ": expected an access key, a space and its secret"));
    keys[std::string(text.substr(0, end))] = secret;
  }
  if (keys.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument, base::Cat(path, ": holds no key"));
  return keys;
}

namespace {

// What steps read and write goes by its S3, and all its clients are on this machine.
http::ServerOptions Bounds() {
  return {.max_body = size_t{8} << 20, .max_strangers = 512, .max_strangers_per_peer = 512};
}

}  // namespace

Service::Service(http::Loop& loop,
                 base::Clock clock,
                 emulator::Options model,
                 ServiceOptions options)
    : loop_(loop),
      clock_(std::move(clock)),
      options_(std::move(options)),
      emulator_(Adapted(std::move(model), clock_, options_)),
      server_(
          loop, Bounds(), [this](const http::Request& request, const http::Responder& responder) {
            Answer(request, responder);
          }) {
  if (!options_.steps)
    return;
  steps_.emplace(
      loop_, *options_.steps, [this](const emulator::StepOrder& order, std::string failure) {
        emulator_.FinishStep(order.cluster_id, order.step_id, std::move(failure), clock_.World());
        Settle();
      });
}

base::Result<uint16_t> Service::Start() {
  if (!options_.journal_path.empty()) {
    journal_.open(options_.journal_path, std::ios::app);
    if (!journal_)
      return base::Fail(base::ErrorCode::kPermission,
                        base::Cat(options_.journal_path, ": the journal cannot be written"));
  }
  if (steps_)
    RETURN_IF_ERROR(steps_->Check());
  return server_.Listen(options_.address, options_.port);
}

void Service::Answer(const http::Request& request, const http::Responder& responder) {
  if (request.method == "GET" && request.target == kHealthTarget) {
    responder.Send(Health());
    return;
  }
  if (request.target != "/" && request.method != "POST") {
    responder.Send(IsList(request) ? AnswerList(request) : AnswerObject(request));
    Settle();
    return;
  }
  if (request.method != "POST" || request.target != "/") {
    responder.Send(http::ErrorResponse(404, "EMR is called by POST /"));
    return;
  }
  emulator::Reply reply = Call(request);
  Settle();  // the journal knows of a call before its caller knows the answer
  Deliver(reply, responder);
}

std::optional<wire::SignatureError> Service::CheckSignature(const http::Request& request,
                                                            std::string_view service) const {
  auto secret_of = [this](std::string_view access_key) -> std::optional<std::string> {
    auto found = options_.keys.find(access_key);
    return found == options_.keys.end() ? std::nullopt : std::optional(found->second);
  };
  auto identity = wire::Verify(
      {.method = request.method,
       .target = request.target,
       .headers = request.headers.all(),
       .body = request.body},
      secret_of,
      {.service = std::string(service),
       .region = "",
       .wall_now = base::Clock::Wall(),
       .path_rule = service == kS3SigningName ? wire::PathRule::kS3 : wire::PathRule::kNormalize});
  return identity ? std::nullopt : std::optional(std::move(identity.error()));
}

std::optional<http::Response> Service::CheckObjectRequest(const http::Request& request) const {
  const std::string hash = request.headers.Get("x-amz-content-sha256").value_or("");
  if (hash.starts_with("STREAMING-"))
    return S3Error(501, "NotImplemented", "the emulator's S3 does not know this");
  if (const auto error = CheckSignature(request, kS3SigningName))
    return S3Error(403, "SignatureDoesNotMatch", error->message);
  if (hash != kUnsigned && hash != base::Sha256Hex(request.body))
    return S3Error(400, "XAmzContentSHA256Mismatch", "the body has another hash");
  return std::nullopt;
}

// ListObjectsV2: what was put, and what steps have left in the folder.
http::Response Service::AnswerList(const http::Request& request) {
  if (auto refusal = CheckObjectRequest(request))
    return *refusal;
  const http::Target target = http::SplitTarget(request.target);
  const auto param = [&](std::string_view name) { return target.Param(name).value_or(""); };
  const S3ListAsked asked{.bucket = target.segments.at(0),
                          .prefix = param("prefix"),
                          .delimiter = param("delimiter"),
                          .start_after = param("start-after"),
                          .token = param("continuation-token"),
                          .most = static_cast<size_t>(std::clamp<int64_t>(
                              base::ParseInt(param("max-keys")).value_or(kKeysMax), 0, kKeysMax))};
  std::map<std::string, S3Item> items;  // by key
  for (bool goes_on = true; goes_on;) {
    const emulator::Reply reply =
        emulator_.Handle("ListObjectsV2",
                         json::object{{"Bucket", asked.bucket},
                                      {"Prefix", asked.prefix},
                                      {"StartAfter", items.empty() ? "" : items.rbegin()->first}},
                         clock_.World());
    if (reply.http_status / 100 != 2)
      return S3Error(reply.http_status, reply.error_code, "");
    const json::object& page = reply.body.get_object();
    for (const json::value& value : base::GetArray(page, "Contents")) {
      const json::object& object = value.get_object();
      const std::string key = base::GetString(object, "Key");
      items[key] = {key,
                    static_cast<size_t>(base::GetInt(object, "Size")),
                    base::GetString(object, "LastModified")};
    }
    goes_on = base::GetBool(page, "IsTruncated");
  }
  if (options_.steps) {
    for (const S3File& file : ListS3Files(options_.steps->s3_root, asked.bucket, asked.prefix))
      items.try_emplace(file.key,
                        S3Item{file.key, file.size, base::FormatRfc3339(file.written_at)});
  }
  std::vector<S3Item> sorted;
  for (auto& [key, item] : items)
    sorted.push_back(std::move(item));
  return S3List(asked, sorted);
}

// S3 in path style: GET, HEAD and PUT of /bucket/key, with bodies that are signed or not signed at
// all, but not in chunks.
http::Response Service::AnswerObject(const http::Request& request) {
  const std::string_view method = request.method;
  const std::string_view action = method == "GET"    ? "GetObject"
                                  : method == "HEAD" ? "HeadObject"
                                  : method == "PUT"  ? "PutObject"
                                                     : "";
  const std::string path = http::PercentDecode(request.target.substr(1, request.target.find('?')));
  const size_t slash = path.find('/');
  if (action.empty() || slash == path.npos || slash == 0 || slash + 1 == path.size())
    return S3Error(501, "NotImplemented", "the emulator's S3 does not know this");
  if (auto refusal = CheckObjectRequest(request))
    return *refusal;
  json::object input{{"Bucket", path.substr(0, slash)}, {"Key", path.substr(slash + 1)}};
  if (action == "PutObject")
    input["Body"] = request.body;
  const base::Time now = clock_.World();
  const emulator::Reply reply = emulator_.Handle(action, json::value(std::move(input)), now);
  if (reply.error_code == "NoSuchKey" && options_.steps) {
    if (auto file =
            ReadS3File(options_.steps->s3_root, path.substr(0, slash), path.substr(slash + 1)))
      return S3Object(std::move(file->body),
                      http::FormatHttpDate(file->written_at),
                      request.headers.Get("Range"));
  }
  if (reply.http_status / 100 != 2)
    return S3Error(
        reply.http_status,
        reply.error_code,
        reply.body.is_object() ? base::GetString(reply.body.get_object(), "message") : "");
  if (action == "PutObject")
    return {};
  const json::object& output = reply.body.get_object();
  // Of the answer to a HEAD its length alone is sent.
  std::string body =
      method == "HEAD"
          ? std::string(static_cast<size_t>(base::GetInt(output, "ContentLength")), ' ')
          : base::GetString(output, "Body");
  // Dates of HTTP are by the wall clock; so old it is by the world's.
  const auto written = base::ParseTime(base::GetString(output, "LastModified"));
  const base::Time wall = base::Clock::Wall() - clock_.ToWall(now - written.value_or(now));
  return S3Object(std::move(body), http::FormatHttpDate(wall), request.headers.Get("Range"));
}

emulator::Reply Service::Call(const http::Request& request) {
  base::Time now = clock_.World();
  std::string target = request.headers.Get("X-Amz-Target").value_or("");
  bool known_service = std::string_view(target).starts_with(kTargetPrefix);
  std::string action = known_service ? target.substr(kTargetPrefix.size()) : target;
  if (const auto error = CheckSignature(request, kSigningName))
    return emulator_.Refuse(action, error->code, error->message, now);
  std::string type = request.headers.Get("Content-Type").value_or("");
  if (!known_service || base::Trim(type.substr(0, type.find(';'))) != kContentType)
    return emulator_.Refuse(action, "UnknownOperationException", "", now);
  base::Result<json::value> body = base::ParseJson(request.body, "the request");
  if (!body)
    return emulator_.Refuse(action, "SerializationException", body.error().message, now);
  return emulator_.Handle(action, *body, now);
}

void Service::Deliver(const emulator::Reply& reply, const http::Responder& responder) {
  http::Response response = JsonResponse(reply.http_status, Body(reply), kContentType);
  response.headers.Set("x-amzn-RequestId", reply.request_id);
  switch (reply.delivery) {
    case emulator::Reply::Delivery::kNormal:
      responder.Send(std::move(response));
      return;
    case emulator::Reply::Delivery::kDelay:
      Hold(reply.wall_delay,
           [responder, response = std::move(response)] { responder.Send(response); });
      return;
    case emulator::Reply::Delivery::kDrop:
      Hold(reply.wall_delay, [responder] { responder.Drop(); });
      return;
  }
}

void Service::Hold(base::Duration wall, std::function<void()> then) {
  uint64_t id = holds_++;
  held_[id] = loop_.After(wall, [this, id, then = std::move(then)] {
    then();
    held_.erase(id);
  });
}

http::Response Service::Health() const {
  json::object body = {{"status", "ok"}, {"now", base::FormatRfc3339(clock_.World())}};
  return JsonResponse(200, base::Serialize(body), "application/json");
}

void Service::Settle() {
  for (const json::object& line : emulator_.TakeJournal())
    journal_ << base::Serialize(line) << '\n' << std::flush;
  if (journal_.is_open() && !journal_ && !journal_broken_) {
    journal_broken_ = true;
    base::LogError("journal_not_written", {{"path", json::value(options_.journal_path)}});
  }
  for (const json::object& event : emulator_.TakeEvents())
    options_.on_event(event);
  for (const emulator::StepOrder& order : emulator_.TakeStepOrders())
    steps_->Take(order);
  std::optional<base::Time> next = emulator_.NextChange();
  if (!next) {
    wake_up_.Cancel();
    return;
  }
  base::Duration wall = clock_.ToWall(*next - clock_.World());
  wake_up_ = loop_.After(std::clamp(wall, kWakeUpMin, kWakeUpMax), [this] {
    emulator_.AdvanceTo(clock_.World());
    Settle();
  });
}

}  // namespace emulator_http
