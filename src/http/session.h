#pragma once

// The server's end of one connection:
//
//   shaking ──► reading ──request complete──► handling ──answered──► writing ──keep-alive──►
//   reading
//     (TLS)       │                              │ 401: answered later │ ▲ piece by piece
//                 │ bad request, time-out                              │ otherwise
//                 └─────────────────► writing (the error) ────► lingering ──► closed
//
// Lingering: our side is shut down and what still arrives is thrown away, for a while; a plain
// close would reset the connection and could take the response with it. Internal to this module.

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "http/asio.h"
#include "http/body.h"
#include "http/parser.h"
#include "http/serialize.h"
#include "http/server.h"
#include "http/transport.h"

namespace http {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using WallTick = std::chrono::steady_clock::time_point;

  // The server that it belongs to.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnClosed(const std::shared_ptr<Session>& session) = 0;
    virtual void OnTimedOut() = 0;
    virtual void OnHandshakeFailed() = 0;
    // How long the refusal is to be held.
    virtual base::Duration OnLoginRefused(const std::string& peer) = 0;
  };

  // `identity` null: no TLS.
  Session(asio::ip::tcp::socket socket,
          const base::IpAddress& from,
          const TlsIdentity* identity,
          std::shared_ptr<const ServerOptions> options,
          std::shared_ptr<const Handler> handler,
          std::weak_ptr<Owner> owner);

  void Start();
  // Instead of Start: this one is not served here.
  void TurnAway(std::string_view why);
  void Close();

  // Whom a bound for each peer counts as one.
  const std::string& group() const { return group_; }
  bool is_trusted() const { return is_trusted_; }
  // Between two requests.
  bool IsIdle() const;
  // Since when it has waited: for its first request, or after its latest answer.
  WallTick since() const { return since_; }

 private:
  enum class State { kShaking, kReading, kHandling, kWriting, kLingering, kClosed };
  enum class After { kKeepAlive, kClose };

  void OnFirstByte(const error_code& error);
  void OnShaken(const error_code& error);
  void NextRequest();
  void Read();
  void OnRead(const error_code& error, size_t count);
  void Process();
  std::optional<Response> AskToAdmit();
  // Who asks, behind proxies too; a refusal where they contradict each other.
  std::optional<Response> Identify(Request& request);
  void SendContinue();
  void Dispatch();
  void Refuse(Response response);
  void OnAnswer(uint64_t request, std::optional<Outgoing> outgoing);
  // Writes it; a refused login only after a while.
  void Answer(Response response, After after);
  void Write(const Response& response, After after);
  ResponseFraming NewFraming() const;
  void WriteInPieces(const Response& head, std::shared_ptr<PiecedBody> body);
  void WriteOutput();
  void WriteNextPiece();
  void OnWritten(const error_code& error);
  void Linger();

  void SetBodyDeadline();
  void SetDeadline(base::Duration from_now);
  void WaitForDeadline();
  void OnDeadline();

  // Constant after construction.
  const base::IpAddress from_;
  const std::string group_;
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;

  Transport transport_;
  std::weak_ptr<Owner> owner_;
  WallTick since_;
  bool is_trusted_ = false;
  State state_ = State::kShaking;
  After after_ = After::kKeepAlive;
  uint64_t request_number_ = 0;  // tells a late Responder from the current one
  std::string client_;           // whose login a refusal counts for
  bool is_https_ = false;        // as that client sees it
  bool is_head_ = false;
  bool peer_finished_ = false;
  bool continue_sent_ = false;
  bool read_pending_ = false;
  bool begun_ = false;  // a byte of the request has arrived
  bool header_seen_ = false;
  WallTick body_since_;
  std::optional<Response> held_;      // a refusal that waits for its time
  std::shared_ptr<PiecedBody> body_;  // what is left to write of the answer
  bool is_chunked_ = false;
  std::optional<RequestParser> parser_;
  std::string input_;
  std::string output_;
  std::array<char, 16 << 10> chunk_;

  // One timer that is set again only when it fires or must fire sooner: most deadlines only move
  // on.
  asio::steady_timer timer_;
  WallTick deadline_;
  WallTick timer_due_;
  bool timer_pending_ = false;
};

}  // namespace http
