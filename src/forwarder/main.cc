// bootstrap: the program that AWS Lambda starts (runtime provided.al2023).

#include <cstdio>
#include <netdb.h>
#include <nss.h>

#include "aws/environment.h"
#include "forwarder/forwarder.h"
#include "http/loop.h"

int main() {
  // This program holds glibc itself, and of its ways to look up hosts these two; the machine's
  // nsswitch.conf may name others, which would be loaded from another glibc.
  __nss_configure_lookup("hosts", "files dns");
  http::Loop loop;
  base::Status ended = forwarder::Serve(loop, aws::ProcessEnvironment());
  std::fprintf(stderr, "forwarder: %s\n", ended.error().message.c_str());
  constexpr int kEnvironment = 6;
  return ended.error().code == base::ErrorCode::kNotFound ? kEnvironment : 1;
}
