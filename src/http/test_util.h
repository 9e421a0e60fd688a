#pragma once

// For tests: a server on its own thread, and blocking sockets that can say anything.

#include <arpa/inet.h>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "http/loop.h"
#include "http/message.h"
#include "http/server.h"

namespace http {

class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a broken test ends, it does not hang
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { Close(); }

  static RawSocket ConnectTo(uint16_t port) {
    RawSocket socket(::socket(AF_INET, SOCK_STREAM, 0));
    socket.Connect(port);
    return socket;
  }
  void Connect(uint16_t port) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  // False once the peer has closed.
  bool TrySend(std::string_view bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // Everything until `end` has arrived, or until the peer closes.
  std::string ReadUntil(std::string_view end) {
    char buffer[4096];
    while (end.empty() || got_.find(end) == std::string::npos) {
      const ssize_t count = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (count <= 0)
        return std::exchange(got_, {});
      got_.append(buffer, static_cast<size_t>(count));
    }
    const size_t size = got_.find(end) + end.size();
    std::string result = got_.substr(0, size);
    got_.erase(0, size);
    return result;
  }
  std::string ReadToEnd() { return ReadUntil(""); }
  int fd() const { return fd_; }
  void FinishSending() { ::shutdown(fd_, SHUT_WR); }
  // The peer gets a reset instead of an orderly end.
  void Reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    Close();
  }
  void Close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  std::string got_;
};

// A peer for clients: `script` runs on its own thread with the listening socket's connections.
class RawServer {
 public:
  using Accept = std::function<RawSocket()>;

  explicit RawServer(std::function<void(const Accept&)> script)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
      script([this] { return RawSocket(::accept(listener_, nullptr, nullptr)); });
    });
  }
  ~RawServer() {
    thread_.join();
    ::close(listener_);
  }
  uint16_t port() const { return port_; }

 private:
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

// A Server whose loop runs on a thread of its own, for tests that block.
class ServerThread {
 public:
  // `identity`: of a server that speaks TLS.
  explicit ServerThread(Handler handler,
                        ServerOptions options = {},
                        std::shared_ptr<const TlsIdentity> identity = nullptr)
      : server_(std::make_unique<Server>(loop_, options, std::move(handler))) {
    server_->UseTls(std::move(identity));
    auto port = server_->Listen("127.0.0.1", 0);
    EXPECT_TRUE(port.has_value());
    port_ = port.value_or(0);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~ServerThread() {
    loop_.Post([this] { server_.reset(); });
    loop_.Stop();
    thread_.join();
  }
  uint16_t port() const { return port_; }
  Loop& loop() { return loop_; }
  // On its loop alone.
  Server& server() { return *server_; }

  // The connection's whole answer to `bytes`.
  std::string Ask(std::string_view bytes) {
    RawSocket socket = RawSocket::ConnectTo(port_);
    socket.Send(bytes);
    return socket.ReadToEnd();
  }

 private:
  Loop loop_;
  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;
  std::thread thread_;
};

inline Url LocalUrl(uint16_t port, std::string path = "/") {
  return {.scheme = "http", .host = "127.0.0.1", .port = port, .path = std::move(path)};
}

}  // namespace http
