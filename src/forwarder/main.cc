// bootstrap: the program that AWS Lambda starts (runtime provided.al2023).

#include <cstdio>
#include <cstdlib>
#include <netdb.h>
#include <nss.h>
#include <string>

#include "aws/environment.h"
#include "forwarder/forwarder.h"
#include "forwarder/settings.h"
#include "http/loop.h"

int main() {
  // This program holds glibc itself, and of its ways to look up hosts these two; the machine's
  // nsswitch.conf may name others, which would be loaded from another glibc.
  __nss_configure_lookup("hosts", "files dns");
  const aws::Environment environment = aws::ProcessEnvironment();
  if (std::string folder = forwarder::PackedCertificates(environment); !folder.empty()) {
    ::setenv("SSL_CERT_DIR", folder.c_str(), /*overwrite=*/0);
    ::setenv("SSL_CERT_FILE", "/dev/null", /*overwrite=*/0);  // no bundle besides
  }
  http::Loop loop;
  base::Status ended = forwarder::Serve(loop, environment);
  std::fprintf(stderr, "forwarder: %s\n", ended.error().message.c_str());
  constexpr int kEnvironment = 6;
  return ended.error().code == base::ErrorCode::kNotFound ? kEnvironment : 1;
}
