#pragma once

// What the providers share: borrowed from the session that owns it all.

#include <string>

#include "aws/config.h"
#include "aws/fetch.h"
#include "aws/signing_clock.h"
#include "http/loop.h"

namespace aws {

struct Context {
  const Config& config;
  http::Loop& loop;
  Fetcher& outside;  // through a proxy, where one is configured
  Fetcher& direct;   // this machine's own services, which no proxy can reach
  SigningClock& clock;
  std::string region;
};

}  // namespace aws
