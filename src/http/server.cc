#include "http/server.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "http/asio.h"
#include "http/body.h"
#include "http/login_brake.h"
#include "http/session.h"

namespace http {
namespace {

using asio::ip::tcp;

// After a failed accept, typically for want of file descriptors; and where every connection is a
// trusted one that is being answered.
constexpr base::Duration kAcceptPause = base::milliseconds(100);

// Whom a bound for each peer counts as one: an address, or the network that one host has in IPv6.
std::string PeerOf(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error)
    return "";
  const asio::ip::address address = endpoint.address();
  if (!address.is_v6() || address.is_loopback())
    return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

using Sessions = std::unordered_set<std::shared_ptr<Session>>;

// Of those that are wanted the one that has waited longest; null where there is none.
template <typename Wanted>
std::shared_ptr<Session> Oldest(const Sessions& sessions, Wanted wanted) {
  std::shared_ptr<Session> oldest;
  for (const auto& session : sessions) {
    if (wanted(*session) && (!oldest || session->since() < oldest->since()))
      oldest = session;
  }
  return oldest;
}

}  // namespace

struct Responder::Ticket {
  Answer answer;
  std::function<void()> trust;

  void Use(std::optional<Outgoing> outgoing) {
    if (auto once = std::exchange(answer, nullptr))
      once(std::move(outgoing));
  }
  ~Ticket() { Use(Outgoing{ErrorResponse(500, "the request was left unanswered"), nullptr}); }
};

Responder::Responder(Answer answer, std::function<void()> trust)
    : ticket_(std::make_shared<Ticket>(std::move(answer), std::move(trust))) {}
void Responder::Trust() const {
  if (ticket_->trust)
    ticket_->trust();
}
void Responder::Send(Response response) const {
  ticket_->Use(Outgoing{std::move(response), nullptr});
}
base::Status Responder::SendFile(Response head, const std::string& path) const {
  ASSIGN_OR_RETURN(auto body, OpenFileBody(path));
  ticket_->Use(Outgoing{std::move(head), std::move(body)});
  return {};
}
Stream Responder::SendStream(Response head) const {
  StreamEnds stream = NewStream();
  ticket_->Use(Outgoing{std::move(head), std::move(stream.out)});
  return stream.in;
}
void Responder::Drop() const {
  ticket_->Use(std::nullopt);
}

class Server::Impl : public Session::Owner, public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, ServerOptions options, Handler handler)
      : loop_(loop),
        options_(std::make_shared<const ServerOptions>(options)),
        handler_(std::make_shared<const Handler>(std::move(handler))),
        acceptor_(ContextOf(loop)) {}

  base::Result<uint16_t> Listen(const std::string& address, uint16_t port);
  void Close();
  ServerCounts counts() const;

  void OnClosed(const std::shared_ptr<Session>& session) override;
  void OnTimedOut() override { ++counts_.timed_out; }
  base::Duration OnLoginRefused(const std::string& peer) override;

 private:
  void Accept();
  void AcceptSoon();
  void OnAccept(const error_code& error, tcp::socket socket);
  void OnAcceptFailed(const error_code& error);
  // For one more connection of that peer.
  void MakeRoomFor(const std::string& peer);
  size_t CountStrangers(const std::string* peer) const;
  // Null where there is none.
  std::shared_ptr<Session> OldestStranger(const std::string* peer) const;
  std::shared_ptr<Session> OldestIdle() const;
  bool Evict(const std::shared_ptr<Session>& session);

  Loop& loop_;
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;
  tcp::acceptor acceptor_;
  bool accepting_ = false;
  Timer accept_pause_;
  Sessions sessions_;
  LoginBrake brake_;
  ServerCounts counts_;
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
  if (accepting_ || !acceptor_.is_open())
    return;
  if (sessions_.size() >= options_->max_connections && !OldestStranger(nullptr) && !OldestIdle())
    return AcceptSoon();
  accepting_ = true;
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->accepting_ = false;
    self->OnAccept(error, std::move(socket));
  });
}

void Server::Impl::OnAccept(const error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open())
    return;
  if (error)
    return OnAcceptFailed(error);
  ++counts_.accepted;
  const std::string peer = PeerOf(socket);
  MakeRoomFor(peer);
  auto session =
      std::make_shared<Session>(std::move(socket), peer, options_, handler_, weak_from_this());
  sessions_.insert(session);
  session->Start();
  Accept();
}

void Server::Impl::AcceptSoon() {
  accept_pause_ = loop_.After(kAcceptPause, [this] { Accept(); });
}

void Server::Impl::OnAcceptFailed(const error_code& error) {
  ++counts_.accept_failures;
  base::LogWarning("accept_failed",
                   {{"message", error.message()}, {"connections", sessions_.size()}});
  const bool no_descriptor = error == asio::error::no_descriptors ||
                             error == boost::system::errc::too_many_files_open_in_system;
  // A stranger's descriptor is there for the next one; each failure ends one, so this does not
  // spin.
  if (!no_descriptor || !Evict(OldestStranger(nullptr)))
    AcceptSoon();
}

void Server::Impl::MakeRoomFor(const std::string& peer) {
  if (CountStrangers(&peer) >= options_->max_strangers_per_peer)
    Evict(OldestStranger(&peer));
  else if (CountStrangers(nullptr) >= options_->max_strangers)
    Evict(OldestStranger(nullptr));
  if (sessions_.size() >= options_->max_connections && !Evict(OldestStranger(nullptr)))
    Evict(OldestIdle());
}

size_t Server::Impl::CountStrangers(const std::string* peer) const {
  return static_cast<size_t>(std::ranges::count_if(sessions_, [&](const auto& session) {
    return !session->is_trusted() && (peer == nullptr || session->peer() == *peer);
  }));
}

std::shared_ptr<Session> Server::Impl::OldestStranger(const std::string* peer) const {
  return Oldest(sessions_, [&](const Session& session) {
    return !session.is_trusted() && (peer == nullptr || session.peer() == *peer);
  });
}

std::shared_ptr<Session> Server::Impl::OldestIdle() const {
  return Oldest(sessions_, [](const Session& session) { return session.IsIdle(); });
}

bool Server::Impl::Evict(const std::shared_ptr<Session>& session) {
  if (!session)
    return false;
  ++counts_.evicted;
  session->Close();
  return true;
}

base::Duration Server::Impl::OnLoginRefused(const std::string& peer) {
  ++counts_.refused_logins;
  base::LogWarning("login_refused", {{"peer", peer}, {"refused", counts_.refused_logins}});
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return brake_.Refuse(peer, std::chrono::duration_cast<base::Duration>(now));
}

ServerCounts Server::Impl::counts() const {
  ServerCounts counts = counts_;
  counts.connections = sessions_.size();
  counts.strangers = CountStrangers(nullptr);
  return counts;
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

ServerCounts Server::counts() const {
  return impl_->counts();
}

}  // namespace http
