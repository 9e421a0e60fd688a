#pragma once

// Who asks, where a proxy stands between: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC
// 7239), believed from trusted proxies alone. Pure. Internal to this module.

#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "http/message.h"

namespace http {

// `request` comes from `from`, with peer and scheme as the connection shows them. Of a trusted
// proxy's request they become those of its client: the last hop that is no trusted proxy. Host
// becomes what the client asked for.
//
// The headers are taken away in every case, so that nobody behind this can believe them. An error
// where a proxy leaves two answers to who the client is: one of them may be the client's own word.
base::Status TakeForwarded(Request& request,
                           const base::IpAddress& from,
                           const std::vector<base::IpNetwork>& trusted);

}  // namespace http
