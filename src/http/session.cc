#include "http/session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "base/text.h"
#include "http/forwarded.h"

namespace http {
namespace {

// While a reply is held, this much of what follows is taken in.
constexpr size_t kMaxAhead = 64 << 10;
constexpr base::Duration kLingerTime = base::seconds(2);

}  // namespace

Session::Session(asio::ip::tcp::socket socket,
                 const base::IpAddress& from,
                 const TlsIdentity* identity,
                 std::shared_ptr<const ServerOptions> options,
                 std::shared_ptr<const Handler> handler,
                 std::weak_ptr<Owner> owner)
    : from_(from),
      group_(base::HostOf(from)),
      options_(std::move(options)),
      handler_(std::move(handler)),
      transport_(std::move(socket), identity),
      owner_(std::move(owner)),
      client_(group_),
      is_https_(identity != nullptr),
      timer_(transport_.get_executor()) {}

bool Session::IsIdle() const {
  return state_ == State::kReading && !begun_;
}

void Session::Start() {
  since_ = std::chrono::steady_clock::now();
  if (!transport_.is_tls())
    return NextRequest();
  SetDeadline(options_->read_timeout);
  transport_.AwaitBytes(
      [self = shared_from_this()](const error_code& error) { self->OnFirstByte(error); });
}

void Session::TurnAway(std::string_view why) {
  since_ = std::chrono::steady_clock::now();
  transport_.GoRaw();
  Refuse(ErrorResponse(403, why));
}

void Session::OnFirstByte(const error_code& error) {
  if (state_ == State::kClosed)
    return;
  if (error)
    return Close();
  if (transport_.StartsWithText()) {
    transport_.GoRaw();
    is_https_ = false;
    return Refuse(ErrorResponse(400, "this port speaks TLS: ask https:// instead of http://"));
  }
  transport_.Shake(
      [self = shared_from_this()](const error_code& failed) { self->OnShaken(failed); });
}

void Session::OnShaken(const error_code& error) {
  if (state_ == State::kClosed)
    return;
  if (!error)
    return NextRequest();
  if (const auto owner = owner_.lock())
    owner->OnHandshakeFailed();
  transport_.GoRaw();  // the alert is on its way; nothing else follows
  Linger();
}

void Session::Close() {
  if (state_ == State::kClosed)
    return;
  state_ = State::kClosed;
  if (const auto body = std::exchange(body_, nullptr))
    body->Close();
  timer_.cancel();
  transport_.Close();
  if (const auto owner = owner_.lock())
    owner->OnClosed(shared_from_this());
}

void Session::NextRequest() {
  state_ = State::kReading;
  continue_sent_ = false;
  begun_ = !input_.empty();
  header_seen_ = false;
  parser_.emplace(ParserLimits{.header = options_->max_header, .body = options_->max_body});
  const base::Duration idle_timeout =
      is_trusted_ ? options_->idle_timeout
                  : std::min(options_->idle_timeout, options_->read_timeout);
  SetDeadline(begun_ ? options_->read_timeout : idle_timeout);
  Process();
}

void Session::Read() {
  if (read_pending_)
    return;
  if (peer_finished_) {
    Close();
    return;
  }
  read_pending_ = true;
  transport_.ReadSome(asio::buffer(chunk_),
                      [self = shared_from_this()](const error_code& error, size_t count) {
                        self->read_pending_ = false;
                        self->OnRead(error, count);
                      });
}

void Session::OnRead(const error_code& error, size_t count) {
  switch (state_) {
    case State::kShaking:
      return;
    case State::kReading:
      if (error) {
        Close();
        return;
      }
      if (!std::exchange(begun_, true))
        SetDeadline(options_->read_timeout);
      input_.append(chunk_.data(), count);
      if (output_.empty())  // else "100 Continue" is on its way out and must not be overtaken
        Process();
      return;
    case State::kHandling:
      if (error == asio::error::eof && !held_ && !peer_finished_) {
        // It may have finished sending, and still read; or be gone, which nothing tells.
        peer_finished_ = true;
        SetDeadline(options_->read_timeout);
        return;
      }
      if (error) {  // nobody is waiting for the held reply any more
        Close();
        return;
      }
      input_.append(chunk_.data(), count);
      if (input_.size() < kMaxAhead)
        Read();
      return;
    case State::kWriting:
      input_.append(chunk_.data(), count);
      if (error == asio::error::eof)
        peer_finished_ = true;  // it may still read what we write
      else if (error)
        Close();
      return;
    case State::kLingering:
      if (error)
        Close();
      else
        Read();
      return;
    case State::kClosed:
      return;
  }
}

void Session::Process() {
  switch (parser_->Put(input_)) {
    case ParseState::kIncomplete:
      if (parser_->HeaderDone()) {
        if (!std::exchange(header_seen_, true)) {
          body_since_ = std::chrono::steady_clock::now();
          if (auto refusal = AskToAdmit())
            return Refuse(*std::move(refusal));
        }
        SetBodyDeadline();
      }
      if (parser_->WantsContinue() && !continue_sent_)
        SendContinue();
      else
        Read();
      return;
    case ParseState::kDone:
      Dispatch();
      return;
    case ParseState::kFailed:
      Refuse(ErrorResponse(parser_->failure().status, parser_->failure().reason));
      return;
  }
}

std::optional<Response> Session::Identify(Request& request) {
  request.peer = from_.ToString();
  request.scheme = transport_.is_tls() ? "https" : "http";
  const base::Status taken = TakeForwarded(request, from_, options_->trusted_proxies);
  if (!taken)
    return ErrorResponse(400, taken.error().message);
  is_https_ = request.scheme == "https";
  const auto client = base::ParseIpAddress(request.peer);
  client_ = client ? base::HostOf(*client) : group_;
  return std::nullopt;
}

std::optional<Response> Session::AskToAdmit() {
  if (!options_->admit)
    return std::nullopt;
  Request head = parser_->Head();
  if (auto refusal = Identify(head))
    return refusal;
  return options_->admit(head);
}

void Session::SendContinue() {
  continue_sent_ = true;
  output_ = "HTTP/1.1 100 Continue\r\n\r\n";
  transport_.Write(asio::buffer(output_),
                   [self = shared_from_this()](const error_code& error, size_t) {
                     self->output_.clear();
                     if (error)
                       self->Close();
                     else if (self->state_ == State::kReading)
                       self->Process();
                   });
}

void Session::Dispatch() {
  state_ = State::kHandling;
  const uint64_t number = ++request_number_;
  deadline_ = WallTick::max();
  after_ = parser_->KeepAlive() ? After::kKeepAlive : After::kClose;
  Request request = parser_->Take();
  if (auto refusal = Identify(request))
    return Refuse(*std::move(refusal));
  is_head_ = request.method == "HEAD";
  const auto self = shared_from_this();
  const auto handler = handler_;  // it may destroy the server
  (*handler)(std::move(request),
             Responder(
                 [weak = weak_from_this(), number](std::optional<Outgoing> outgoing) {
                   if (const auto session = weak.lock())
                     session->OnAnswer(number, std::move(outgoing));
                   else if (outgoing && outgoing->body)
                     outgoing->body->Close();
                 },
                 [weak = weak_from_this()] {
                   if (const auto session = weak.lock())
                     session->is_trusted_ = true;
                 }));
  // The reply is held: watch for the client giving up.
  if (state_ == State::kHandling && number == request_number_)
    Read();
}

void Session::Refuse(Response response) {
  is_head_ = false;
  Answer(std::move(response), After::kClose);
}

void Session::Answer(Response response, After after) {
  const auto owner = response.status == 401 ? owner_.lock() : nullptr;
  const base::Duration wait = owner ? owner->OnLoginRefused(client_) : base::Duration(0);
  if (wait <= base::Duration(0))
    return Write(response, after);
  state_ = State::kHandling;
  after_ = after;
  held_ = std::move(response);
  SetDeadline(wait);
}

void Session::OnAnswer(uint64_t request, std::optional<Outgoing> outgoing) {
  const auto body = outgoing ? outgoing->body : nullptr;
  if (state_ != State::kHandling || request != request_number_ || held_) {
    if (body)
      body->Close();
    return;
  }
  if (!outgoing) {
    Close();
    return;
  }
  if (!IsSafe(outgoing->head)) {
    if (body)
      body->Close();
    Write(ErrorResponse(500, "the response had an invalid status or header"), After::kClose);
  } else if (body) {
    WriteInPieces(outgoing->head, body);
  } else {
    Answer(std::move(outgoing->head), after_);
  }
}

void Session::Write(const Response& response, After after) {
  state_ = State::kWriting;
  after_ = after;
  std::string_view connection;
  if (after == After::kClose)
    connection = "close";
  else if (parser_->IsHttp10())
    connection = "keep-alive";
  ResponseFraming framing = NewFraming();
  framing.body = is_head_ ? ResponseFraming::Body::kLeftOut : ResponseFraming::Body::kSent;
  framing.connection = connection;
  output_ = Serialize(response, framing);
  WriteOutput();
}

ResponseFraming Session::NewFraming() const {
  ResponseFraming framing;
  framing.usual = &options_->headers;
  if (is_https_)
    framing.usual_over_tls = &options_->headers_over_tls;
  return framing;
}

void Session::WriteInPieces(const Response& head, std::shared_ptr<PiecedBody> body) {
  using Pieces = ResponseFraming::Pieces;
  state_ = State::kWriting;
  ResponseFraming framing = NewFraming();
  framing.pieces = Pieces::kChunked;
  if (const auto length = body->length()) {
    framing.pieces = Pieces::kCounted;
    framing.length = *length;
  } else if (parser_->IsHttp10()) {
    framing.pieces = Pieces::kToTheEnd;
    after_ = After::kClose;
  }
  is_chunked_ = framing.pieces == Pieces::kChunked;
  if (after_ == After::kClose)
    framing.connection = "close";
  else if (parser_->IsHttp10())
    framing.connection = "keep-alive";
  output_ = Serialize(head, framing);
  const bool has_body = !is_head_ && head.status != 204 && head.status != 304;
  if (has_body) {
    body_ = std::move(body);
    body_->OnNews([weak = weak_from_this()] {
      const auto session = weak.lock();
      if (!session || !session->body_)
        return;
      if (session->body_->IsBroken())
        session->Close();
      else if (session->output_.empty())
        session->WriteNextPiece();
    });
    Read();  // a client that goes is noticed although nothing is to be written
  } else {
    body->Close();
  }
  WriteOutput();
}

void Session::WriteNextPiece() {
  std::string piece;
  switch (body_->Take(piece)) {
    case PiecedBody::Next::kPiece:
      output_ = is_chunked_ ? Chunk(piece) : std::move(piece);
      return WriteOutput();
    case PiecedBody::Next::kLater:
      deadline_ = WallTick::max();
      return;
    case PiecedBody::Next::kEnd:
      body_ = nullptr;
      if (!is_chunked_)
        return OnWritten({});
      output_ = Chunk("");
      return WriteOutput();
    case PiecedBody::Next::kBroken:
      return Close();
  }
}

void Session::WriteOutput() {
  SetDeadline(options_->idle_timeout);
  transport_.Write(
      asio::buffer(output_),
      [self = shared_from_this()](const error_code& error, size_t) { self->OnWritten(error); });
}

void Session::OnWritten(const error_code& error) {
  if (state_ == State::kClosed)
    return;
  output_ = std::string();
  if (error)
    Close();
  else if (body_)
    WriteNextPiece();
  else if (after_ == After::kKeepAlive) {
    since_ = std::chrono::steady_clock::now();
    NextRequest();
  } else {
    Linger();
  }
}

void Session::Linger() {
  state_ = State::kLingering;
  SetDeadline(kLingerTime);
  transport_.FinishWriting([self = shared_from_this()] {
    if (self->state_ == State::kLingering)
      self->Read();
  });
}

void Session::SetBodyDeadline() {
  const auto bytes = static_cast<int64_t>(parser_->BodySize());
  const auto rate = static_cast<int64_t>(options_->min_body_rate);
  const auto passed =
      std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - body_since_);
  SetDeadline(options_->read_timeout + base::seconds(bytes / rate) - passed);
}

void Session::SetDeadline(base::Duration from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
  if (!timer_pending_ || deadline_ < timer_due_)
    WaitForDeadline();
}

void Session::WaitForDeadline() {
  timer_pending_ = true;
  timer_due_ = deadline_;
  timer_.expires_at(timer_due_);  // cancels the wait that is pending
  timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto session = self.lock();
    if (!error && session)
      session->OnDeadline();
  });
}

void Session::OnDeadline() {
  timer_pending_ = false;
  if (state_ == State::kClosed)
    return;
  if (std::chrono::steady_clock::now() < deadline_) {
    if (deadline_ != WallTick::max())
      WaitForDeadline();
    return;
  }
  if (held_) {
    Write(*std::exchange(held_, std::nullopt), after_);
    return;
  }
  if (const auto owner = owner_.lock(); owner && state_ != State::kLingering)
    owner->OnTimedOut();
  if (state_ == State::kReading && parser_->Started() && output_.empty())
    Refuse(ErrorResponse(408, "the request took too long to arrive"));
  else
    Close();
}

}  // namespace http
