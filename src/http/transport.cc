#include "http/transport.h"

#include <sys/socket.h>

namespace http {

bool Transport::StartsWithText() {
  char byte = 0;
  const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 1 && ((byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z'));
}

void Transport::FinishRaw() {
  is_raw_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::Close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace http
