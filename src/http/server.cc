#include "http/server.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <deque>
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

// Nothing once the client has gone.
std::optional<base::IpAddress> AddressOf(const tcp::socket& socket) {
  error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error)
    return std::nullopt;
  base::IpAddress result{.is_v6 = address.is_v6()};
  if (result.is_v6)
    std::ranges::copy(address.to_v6().to_bytes(), result.bytes.begin());
  else
    std::ranges::copy(address.to_v4().to_bytes(), result.bytes.begin());
  return result;
}

std::string HostAndPort(const asio::ip::address& ip, uint16_t port) {
  return ip.is_v6() ? base::Cat("[", ip.to_string(), "]:", port)
                    : base::Cat(ip.to_string(), ":", port);
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
        handler_(std::make_shared<const Handler>(std::move(handler))) {}

  base::Result<uint16_t> Listen(const std::string& address, uint16_t port);
  void UseTls(std::shared_ptr<const TlsIdentity> identity) { identity_ = std::move(identity); }
  void Close();
  ServerCounts counts() const;

  void OnClosed(const std::shared_ptr<Session>& session) override;
  void OnTimedOut() override { ++counts_.timed_out; }
  void OnHandshakeFailed() override { ++counts_.failed_handshakes; }
  base::Duration OnLoginRefused(const std::string& peer) override;

 private:
  struct Listener {
    tcp::acceptor acceptor;
    bool accepting = false;
  };

  void Accept();
  void AcceptFrom(Listener& listener);
  void AcceptSoon();
  void OnAccept(tcp::socket socket);
  void OnAcceptFailed(const error_code& error);
  bool IsProxy(const base::IpAddress& address) const;
  // For one more connection of that peer.
  void MakeRoomFor(const base::IpAddress& peer);
  // `group`: of one peer; null: of all.
  size_t CountStrangers(const std::string* group) const;
  // Null where there is none.
  std::shared_ptr<Session> OldestStranger(const std::string* group) const;
  std::shared_ptr<Session> OldestIdle() const;
  bool Evict(const std::shared_ptr<Session>& session);

  Loop& loop_;
  const std::shared_ptr<const ServerOptions> options_;
  const std::shared_ptr<const Handler> handler_;
  std::shared_ptr<const TlsIdentity> identity_;  // null: no TLS
  std::deque<Listener> listeners_;               // each stays where it is
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
  tcp::acceptor acceptor(ContextOf(loop_));
  acceptor.open(endpoint.protocol(), error);
  if (!error)
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && ip.is_v6())
    acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error)
    acceptor.bind(endpoint, error);
  if (!error)
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
  tcp::endpoint bound;
  if (!error)
    bound = acceptor.local_endpoint(error);
  if (error)
    return base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("cannot listen on ", HostAndPort(ip, port), ": ", error.message()));
  listeners_.push_back({.acceptor = std::move(acceptor)});
  Accept();
  return bound.port();
}

void Server::Impl::Accept() {
  for (Listener& listener : listeners_) {
    if (!listener.accepting && listener.acceptor.is_open())
      AcceptFrom(listener);
  }
}

void Server::Impl::AcceptFrom(Listener& listener) {
  if (sessions_.size() >= options_->max_connections && !OldestStranger(nullptr) && !OldestIdle())
    return AcceptSoon();
  listener.accepting = true;
  listener.acceptor.async_accept(
      [self = shared_from_this(), &listener](const error_code& error, tcp::socket socket) {
        listener.accepting = false;
        if (!listener.acceptor.is_open())
          return;
        if (error)
          return self->OnAcceptFailed(error);
        self->OnAccept(std::move(socket));
        self->Accept();
      });
}

void Server::Impl::OnAccept(tcp::socket socket) {
  ++counts_.accepted;
  const auto from = AddressOf(socket);
  if (!from)
    return;
  MakeRoomFor(*from);
  auto session = std::make_shared<Session>(
      std::move(socket), *from, identity_.get(), options_, handler_, weak_from_this());
  sessions_.insert(session);
  if (!options_->proxies_alone || from->IsLoopback() || IsProxy(*from))
    return session->Start();
  ++counts_.turned_away;
  session->TurnAway("without TLS only the trusted proxies are served here: ask the proxy");
}

bool Server::Impl::IsProxy(const base::IpAddress& address) const {
  return base::IsWithin(address, options_->trusted_proxies);
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

void Server::Impl::MakeRoomFor(const base::IpAddress& peer) {
  const std::string group = base::HostOf(peer);
  if (!IsProxy(peer) && CountStrangers(&group) >= options_->max_strangers_per_peer)
    Evict(OldestStranger(&group));
  else if (CountStrangers(nullptr) >= options_->max_strangers)
    Evict(OldestStranger(nullptr));
  if (sessions_.size() >= options_->max_connections && !Evict(OldestStranger(nullptr)))
    Evict(OldestIdle());
}

size_t Server::Impl::CountStrangers(const std::string* group) const {
  return static_cast<size_t>(std::ranges::count_if(sessions_, [&](const auto& session) {
    return !session->is_trusted() && (group == nullptr || session->group() == *group);
  }));
}

std::shared_ptr<Session> Server::Impl::OldestStranger(const std::string* group) const {
  return Oldest(sessions_, [&](const Session& session) {
    return !session.is_trusted() && (group == nullptr || session.group() == *group);
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
  if (identity_)
    counts.certificate_ends = identity_->valid_until();
  return counts;
}

void Server::Impl::OnClosed(const std::shared_ptr<Session>& session) {
  sessions_.erase(session);
  Accept();
}

void Server::Impl::Close() {
  for (Listener& listener : listeners_) {
    error_code ignored;
    listener.acceptor.close(ignored);
  }
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

void Server::UseTls(std::shared_ptr<const TlsIdentity> identity) {
  impl_->UseTls(std::move(identity));
}

void Server::Close() {
  impl_->Close();
}

ServerCounts Server::counts() const {
  return impl_->counts();
}

}  // namespace http
