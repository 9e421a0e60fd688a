#pragma once

// The server's end of one connection:
//
//   reading ──request complete──► handling ──answered──► writing ──keep-alive──► reading
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
#include "http/parser.h"
#include "http/server.h"

namespace http {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using OnClosed = std::function<void(const std::shared_ptr<Session>&)>;

  Session(asio::ip::tcp::socket socket,
          std::shared_ptr<const ServerOptions> options,
          std::shared_ptr<const Handler> handler,
          OnClosed on_closed);

  void Start();
  void Close();

 private:
  using WallTick = std::chrono::steady_clock::time_point;
  enum class State { kReading, kHandling, kWriting, kLingering, kClosed };
  enum class After { kKeepAlive, kClose };

  void Read();
  void OnRead(const error_code& error, size_t count);
  void Process();
  void SendContinue();
  void Dispatch();
  void Refuse(int status, std::string_view detail);
  void OnAnswer(uint64_t request, std::optional<Response> response);
  void Write(const Response& response, After after);
  void OnWritten(const error_code& error);
  void NextRequest();
  void Linger();

  void SetDeadline(base::Duration from_now);
  void WaitForDeadline();
  void OnDeadline();

  // Constant after construction.
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;

  asio::ip::tcp::socket socket_;
  OnClosed on_closed_;
  State state_ = State::kReading;
  After after_ = After::kKeepAlive;
  uint64_t request_number_ = 0;  // tells a late Responder from the current one
  bool is_head_ = false;
  bool peer_finished_ = false;
  bool continue_sent_ = false;
  bool read_pending_ = false;
  std::optional<RequestParser> parser_;
  std::string input_;
  std::string output_;
  std::array<char, 16 << 10> chunk_;

  // One timer that is set anew only when it fires or must fire sooner: most deadlines only move on.
  asio::steady_timer timer_;
  WallTick deadline_;
  WallTick timer_due_;
  bool timer_pending_ = false;
};

}  // namespace http
