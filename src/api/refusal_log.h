#pragma once

// Refused changes and logins, kept in the history: the first of a kind at once, what comes alike
// within a minute as one row with a count. So a flood costs some rows a minute.
//
// Thread rule: the loop thread.

#include <map>
#include <string>
#include <tuple>

#include "http/loop.h"
#include "model/principal.h"
#include "runtime/commands.h"
#include "runtime/views.h"

namespace api {

// Who asks and has not shown who they are.
inline constexpr char kNobody[] = "(nobody)";

class RefusalLog {
 public:
  RefusalLog(const runtime::Views& views, runtime::Commands& commands)
      : views_(views), commands_(commands) {}

  void Note(const model::Principal& by, std::string what, std::string why);

 private:
  void Flush();

  using Key =
      std::tuple<std::string, std::string, std::string, std::string>;  // who, address, what, why
  const runtime::Views& views_;
  runtime::Commands& commands_;
  std::map<Key, std::pair<model::Principal, int64_t>> seen_;  // how often since the row
  http::Timer flush_;
};

}  // namespace api
