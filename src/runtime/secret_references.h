#pragma once

// What a reference to a secret stands for: "env:NAME", "file:PATH", "conn:ID" or "conn:ID.MEMBER"
// (notify/notifier.h). It is read each time, so that a file or a connection that has changed
// counts at once.
//
// Thread rule: the loop thread.

#include <functional>
#include <set>
#include <string>

#include "base/result.h"
#include "notify/notifier.h"
#include "runtime/environment.h"

namespace engine {
struct State;
}

namespace runtime {

class SecretReferences {
 public:
  // `folder`: the project's, from which paths count. `environment` and `state` are asked when a
  // secret is read, and must outlive this. No `state`: no connection can be read (yet).
  SecretReferences(std::string folder,
                   const Environment& environment,
                   std::function<const engine::State&()> state)
      : folder_(std::move(folder)), environment_(environment), state_(std::move(state)) {}

  // Never empty. "" for no reference. The errors name what is missing, never what is there:
  // kNotFound, kPermission, kInvalidArgument, or the keyring's.
  base::Result<std::string> Read(const notify::SecretRef& reference);

  // The path as the process opens it.
  std::string PathOf(const std::string& path) const;

 private:
  base::Result<std::string> ReadFile(const std::string& path);
  base::Result<std::string> ReadConnection(const std::string& id) const;

  const std::string folder_;
  const Environment& environment_;
  const std::function<const engine::State&()> state_;
  std::set<std::string> warned_;  // files that others can read
};

}  // namespace runtime
