#include "http/server.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "http/asio.h"
#include "http/session.h"

namespace http {
namespace {

using asio::ip::tcp;

// After a failed accept, typically for want of file descriptors.
constexpr base::Duration kAcceptPause = base::milliseconds(100);

}  // namespace

struct Responder::Ticket {
  Answer answer;

  void Use(std::optional<Response> response) {
    if (auto once = std::exchange(answer, nullptr))
      once(std::move(response));
  }
  ~Ticket() { Use(ErrorResponse(500, "the request was left unanswered")); }
};

Responder::Responder(Answer answer) : ticket_(std::make_shared<Ticket>(std::move(answer))) {}
void Responder::Send(Response response) const {
  ticket_->Use(std::move(response));
}
void Responder::Drop() const {
  ticket_->Use(std::nullopt);
}

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, ServerOptions options, Handler handler)
      : loop_(loop),
        options_(std::make_shared<const ServerOptions>(options)),
        handler_(std::make_shared<const Handler>(std::move(handler))),
        acceptor_(ContextOf(loop)) {}

  base::Result<uint16_t> Listen(const std::string& address, uint16_t port);
  void Close();

 private:
  void Accept();
  void OnAccept(const error_code& error, tcp::socket socket);
  void OnClosed(const std::shared_ptr<Session>& session);

  Loop& loop_;
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;
  tcp::acceptor acceptor_;
  bool accepting_ = false;
  Timer accept_pause_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
};

base::Result<uint16_t> Server::Impl::Listen(const std::string& address, uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
  if (error)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("cannot listen on '", address, "': it is not an IP address"));
  const tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error)
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error)
    acceptor_.bind(endpoint, error);
  if (!error)
    acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  tcp::endpoint bound;
  if (!error)
    bound = acceptor_.local_endpoint(error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    return base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("cannot listen on ", address, ":", port, ": ", error.message()));
  }
  Accept();
  return bound.port();
}

void Server::Impl::Accept() {
  if (accepting_ || !acceptor_.is_open() || sessions_.size() >= options_->max_connections)
    return;
  accepting_ = true;
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->accepting_ = false;
    self->OnAccept(error, std::move(socket));
  });
}

void Server::Impl::OnAccept(const error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open())
    return;
  if (error) {
    accept_pause_ = loop_.After(kAcceptPause, [this] { Accept(); });
    return;
  }
  auto session =
      std::make_shared<Session>(std::move(socket),
                                options_,
                                handler_,
                                [weak = weak_from_this()](const std::shared_ptr<Session>& closed) {
                                  if (const auto self = weak.lock())
                                    self->OnClosed(closed);
                                });
  sessions_.insert(session);
  session->Start();
  Accept();
}

void Server::Impl::OnClosed(const std::shared_ptr<Session>& session) {
  sessions_.erase(session);
  Accept();
}

void Server::Impl::Close() {
  error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.Cancel();
  const auto sessions = std::exchange(sessions_, {});
  for (const auto& session : sessions)
    session->Close();
}

Server::Server(Loop& loop, ServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(loop, options, std::move(handler))) {}
Server::~Server() {
  impl_->Close();
}

base::Result<uint16_t> Server::Listen(const std::string& address, uint16_t port) {
  return impl_->Listen(address, port);
}

void Server::Close() {
  impl_->Close();
}

}  // namespace http
