#pragma once

// The server's end of one connection:
//
//   reading ──request complete──► handling ──answered──► writing ──keep-alive──► reading
//      │                              │ 401: answered later │ ▲ piece by piece
//      │ bad request, time-out                              │ otherwise
//      └──────────────► writing (the error) ───────► lingering ──► closed
//
// Lingering: our side is shut down and what still arrives is thrown away, for a while; a plain
// close would reset the connection and could take the response with it. Internal to this module.

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/asio.h"
#include "http/body.h"
#include "http/parser.h"
#include "http/server.h"

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
    // How long the refusal is to be held.
    virtual base::Duration OnLoginRefused(const std::string& peer) = 0;
  };

  Session(asio::ip::tcp::socket socket,
          std::string peer,
          std::shared_ptr<const ServerOptions> options,
          std::shared_ptr<const Handler> handler,
          std::weak_ptr<Owner> owner);

  void Start();
  void Close();

  const std::string& peer() const { return peer_; }
  bool is_trusted() const { return is_trusted_; }
  // Between two requests.
  bool IsIdle() const;
  // Since when it has waited: for its first request, or after its latest answer.
  WallTick since() const { return since_; }

 private:
  enum class State { kReading, kHandling, kWriting, kLingering, kClosed };
  enum class After { kKeepAlive, kClose };

  void Read();
  void OnRead(const error_code& error, size_t count);
  void Process();
  std::optional<Response> AskToAdmit() const;
  void SendContinue();
  void Dispatch();
  void Refuse(Response response);
  void OnAnswer(uint64_t request, std::optional<Outgoing> outgoing);
  // Writes it; a refused login only after a while.
  void Answer(Response response, After after);
  void Write(const Response& response, After after);
  void WriteInPieces(const Response& head, std::shared_ptr<PiecedBody> body);
  void WriteOutput();
  void WriteNextPiece();
  void OnWritten(const error_code& error);
  void NextRequest();
  void Linger();

  void SetBodyDeadline();
  void SetDeadline(base::Duration from_now);
  void WaitForDeadline();
  void OnDeadline();

  // Constant after construction.
  const std::string peer_;
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;

  asio::ip::tcp::socket socket_;
  std::weak_ptr<Owner> owner_;
  WallTick since_;
  bool is_trusted_ = false;
  State state_ = State::kReading;
  After after_ = After::kKeepAlive;
  uint64_t request_number_ = 0;  // tells a late Responder from the current one
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
