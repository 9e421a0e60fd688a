#include "http/client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "http/asio.h"
#include "http/connection.h"
#include "http/parser.h"
#include "http/serialize.h"
#include "http/tls_context.h"

namespace http {
namespace {

constexpr size_t kMaxResponseHeader = 64 << 10;
constexpr size_t kReadSize = 16 << 10;

std::string PoolKey(const Url& url) {
  return base::Cat(url.scheme, "://", url.host, ":", url.port);
}

}  // namespace

class Client::Impl {
 public:
  class Call;
  using WallTick = std::chrono::steady_clock::time_point;

  Impl(Loop& event_loop, ClientOptions client_options)
      : loop(event_loop), options(std::move(client_options)) {}
  ~Impl();

  // A reusable connection, or null.
  std::shared_ptr<Connection> TakeIdle(const Url& url);
  void PutIdle(const Url& url, std::shared_ptr<Connection> connection);
  base::Result<std::shared_ptr<Connection>> NewConnection(const Url& url);

  Loop& loop;
  const ClientOptions options;
  std::unordered_set<std::shared_ptr<Call>> calls;

 private:
  struct Idle {
    std::shared_ptr<Connection> connection;
    WallTick since;
  };

  base::Status PrepareTls();

  std::optional<asio::ssl::context> tls_;
  std::map<std::string, std::deque<Idle>> idle_;
};

// One attempt: take or make a connection, write, read until the response is complete.
class Client::Impl::Call : public std::enable_shared_from_this<Call> {
 public:
  Call(Impl& client, Url url, Request request, const CallOptions& options, Done done)
      : client_(client),
        url_(std::move(url)),
        request_(std::move(request)),
        options_(options),
        proxy_(client.options.proxies.For(url_)),
        done_(std::move(done)),
        parser_({.header = kMaxResponseHeader, .body = options.max_body},
                request_.method == "HEAD" ? ResponseParser::Body::kNone
                                          : ResponseParser::Body::kNormal) {}

  void Start();
  // Ends it without calling `done`.
  void Abandon();

 private:
  Request ForProxy() const;
  void Connect();
  void Write();
  void OnWritten(const error_code& error, size_t count);
  void Read();
  void OnRead(const error_code& error, size_t count);
  void OnTimeout();
  void Succeed();
  void FailUnsent(base::Error error);
  void FailSent(std::string_view why);
  void Finish(tl::expected<Response, ClientError> result);

  // Constant after construction (except that bodies are moved on).
  Impl& client_;  // outlives done_
  const Url url_;
  Request request_;
  const CallOptions options_;
  const Proxy* const proxy_;  // null: none

  Done done_;  // empty: the call is over
  Timer timer_;
  WallTick deadline_;
  std::shared_ptr<Connection> connection_;
  bool reused_ = false;
  bool write_failed_ = false;
  bool writing_began_ = false;
  std::string wire_;
  ResponseParser parser_;
  std::string input_;
  std::array<char, kReadSize> chunk_;
};

void Client::Impl::Call::Start() {
  if (!done_)
    return;
  if (request_.target.empty())
    request_.target = url_.Target();
  if (auto checked = CheckRequest(request_); !checked) {
    FailUnsent(std::move(checked.error()));
    return;
  }
  wire_ = proxy_ != nullptr && url_.scheme == "http" ? Serialize(url_, ForProxy())
                                                     : Serialize(url_, request_);
  deadline_ = std::chrono::steady_clock::now() + options_.timeout;
  connection_ = client_.TakeIdle(url_);
  reused_ = connection_ != nullptr;
  if (reused_)
    Write();
  else
    Connect();
}

// What is not tunnelled names its host in the request line (RFC 9112, 3.2.2).
Request Client::Impl::Call::ForProxy() const {
  Request request = request_;
  request.target = base::Cat("http://", url_.HostHeader(), request_.target);
  if (!proxy_->authorization.empty())
    request.headers.Set("Proxy-Authorization", proxy_->authorization);
  return request;
}

void Client::Impl::Call::Connect() {
  auto connection = client_.NewConnection(url_);
  if (!connection) {
    FailUnsent(std::move(connection.error()));
    return;
  }
  connection_ = std::move(*connection);
  reused_ = false;
  writing_began_ = false;
  timer_ = client_.loop.After(std::min(options_.connect_timeout, options_.timeout),
                              [this] { OnTimeout(); });
  connection_->Connect(url_, [self = shared_from_this()](base::Status status) {
    if (!self->done_)
      return;
    if (status)
      self->Write();
    else
      self->FailUnsent(std::move(status.error()));
  });
}

void Client::Impl::Call::Write() {
  const auto left = deadline_ - std::chrono::steady_clock::now();
  timer_ =
      client_.loop.After(std::chrono::duration_cast<base::Duration>(left), [this] { OnTimeout(); });
  writing_began_ = true;
  connection_->Write(asio::buffer(wire_),
                     [self = shared_from_this()](const error_code& error, size_t count) {
                       if (self->done_)
                         self->OnWritten(error, count);
                     });
}

void Client::Impl::Call::OnWritten(const error_code& error, size_t count) {
  if (error && count == 0 && !connection_->is_tls()) {
    // The kernel took no byte. (Of TLS one cannot be as sure: part of a record may have left.)
    if (reused_) {
      connection_->Close();
      Connect();
      return;
    }
    FailUnsent({base::ErrorCode::kUnavailable,
                base::Cat("cannot send to ", PoolKey(url_), ": ", error.message())});
    return;
  }
  // A server may answer and close before it has read all: the answer may be there already.
  write_failed_ = error.failed();
  wire_ = std::string();
  Read();
}

void Client::Impl::Call::Read() {
  connection_->ReadSome(asio::buffer(chunk_),
                        [self = shared_from_this()](const error_code& error, size_t count) {
                          if (self->done_)
                            self->OnRead(error, count);
                        });
}

void Client::Impl::Call::OnRead(const error_code& error, size_t count) {
  input_.append(chunk_.data(), count);
  ParseState state = ParseState::kIncomplete;
  if (count > 0)
    state = parser_.Put(input_);
  if (state == ParseState::kIncomplete && error == asio::error::eof)
    state = parser_.PutEof();
  switch (state) {
    case ParseState::kDone:
      Succeed();
      return;
    case ParseState::kFailed:
      FailSent(parser_.failure().reason);
      return;
    case ParseState::kIncomplete:
      break;
  }
  if (error)
    FailSent(error.message());
  else
    Read();
}

void Client::Impl::Call::OnTimeout() {
  if (!writing_began_) {
    const auto limit = std::min(options_.connect_timeout, options_.timeout);
    FailUnsent({base::ErrorCode::kUnavailable,
                base::Cat("cannot connect to ",
                          PoolKey(url_),
                          proxy_ == nullptr ? "" : " through the proxy " + PoolKey(proxy_->url),
                          ": no connection within ",
                          base::FormatDuration(limit))});
    return;
  }
  FailSent(base::Cat("no complete response within ", base::FormatDuration(options_.timeout)));
}

void Client::Impl::Call::Succeed() {
  // Bytes after the response: whatever they are, they answer nothing that we asked.
  if (parser_.KeepAlive() && input_.empty() && !write_failed_)
    client_.PutIdle(url_, std::exchange(connection_, nullptr));
  Finish(parser_.Take());
}

void Client::Impl::Call::FailUnsent(base::Error error) {
  Finish(tl::unexpected(ClientError{std::move(error), Sent::kNo}));
}

void Client::Impl::Call::FailSent(std::string_view why) {
  if (options_.head_is_enough && parser_.HeaderDone())
    return Finish(parser_.Take());
  // Without the query, which may hold what nobody should read in a log.
  const std::string_view path =
      std::string_view(request_.target).substr(0, request_.target.find('?'));
  Finish(
      tl::unexpected(ClientError{{base::ErrorCode::kTimeoutUnknown,
                                  base::Cat(request_.method, " ", PoolKey(url_), path, ": ", why)},
                                 Sent::kMaybe}));
}

void Client::Impl::Call::Finish(tl::expected<Response, ClientError> result) {
  const auto self = shared_from_this();
  const Done done = std::move(done_);
  Abandon();
  client_.calls.erase(self);
  done(std::move(result));  // may destroy the client
}

void Client::Impl::Call::Abandon() {
  done_ = nullptr;
  timer_.Cancel();
  if (connection_)
    connection_->Close();
  connection_ = nullptr;
}

Client::Impl::~Impl() {
  for (const auto& call : calls)
    call->Abandon();
}

std::shared_ptr<Connection> Client::Impl::TakeIdle(const Url& url) {
  const auto found = idle_.find(PoolKey(url));
  if (found == idle_.end())
    return nullptr;
  std::shared_ptr<Connection> connection;
  const auto oldest = std::chrono::steady_clock::now() - options.idle_timeout;
  std::deque<Idle>& stack = found->second;
  // The one used last is the least likely to have been closed.
  while (!connection && !stack.empty()) {
    Idle idle = std::move(stack.back());
    stack.pop_back();
    if (idle.since >= oldest && idle.connection->IsQuiet())
      connection = std::move(idle.connection);
    else
      idle.connection->Close();
  }
  if (stack.empty())
    idle_.erase(found);
  return connection;
}

void Client::Impl::PutIdle(const Url& url, std::shared_ptr<Connection> connection) {
  const auto now = std::chrono::steady_clock::now();
  std::deque<Idle>& stack = idle_[PoolKey(url)];
  stack.push_back({std::move(connection), now});
  while (stack.size() > options.max_idle_per_host ||
         stack.front().since < now - options.idle_timeout) {
    stack.front().connection->Close();
    stack.pop_front();
    if (stack.empty())
      return;
  }
}

base::Result<std::shared_ptr<Connection>> Client::Impl::NewConnection(const Url& url) {
  const Proxy* proxy = options.proxies.For(url);
  if (url.scheme != "https")
    return std::make_shared<Connection>(ContextOf(loop), nullptr, proxy, "", options.addresses);
  RETURN_IF_ERROR(PrepareTls());
  return std::make_shared<Connection>(
      ContextOf(loop), &*tls_, proxy, options.certificate, options.addresses);
}

base::Status Client::Impl::PrepareTls() {
  if (tls_)
    return {};
  ASSIGN_OR_RETURN(tls_, TlsOfClients(options.ca_file));
  return {};
}

Client::Client(Loop& loop, ClientOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Client::~Client() = default;

void Client::Send(const Url& url, Request request, const CallOptions& options, Done done) {
  auto call =
      std::make_shared<Impl::Call>(*impl_, url, std::move(request), options, std::move(done));
  impl_->calls.insert(call);
  impl_->loop.Post([call] { call->Start(); });
}

base::Result<Response> Fetch(const Url& url,
                             Request request,
                             const CallOptions& options,
                             ClientOptions client_options) {
  Loop loop;
  Client client(loop, std::move(client_options));
  std::optional<tl::expected<Response, ClientError>> result;
  client.Send(url, std::move(request), options, [&](tl::expected<Response, ClientError> outcome) {
    result = std::move(outcome);
    loop.Stop();
  });
  loop.Run();
  if (!*result)
    return base::Fail(std::move(result->error().error));
  return std::move(**result);
}

}  // namespace http
