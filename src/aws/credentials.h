#pragma once

// The keys that sign our calls, and who provides them. A wire::Credentials has no printer and is
// not to be logged, stored or put into an error message.
//
// Thread rule: the loop thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "wire/sigv4.h"

namespace aws {

class CredentialSource {
 public:
  using OnKeys = std::function<void(base::Result<wire::Credentials>)>;

  virtual ~CredentialSource() = default;
  // The keys in force now, asked for before every call. `done` is called exactly once: at once
  // where they are at hand, else later on the loop.
  virtual void Get(OnKeys done) = 0;
};

// What a provider found.
struct Found {
  wire::Credentials keys;
  std::optional<base::Time> expires;  // wall time
  std::string source;                 // botocore's name of the method: "env", "assume-role"…
  std::string detail;                 // for people: which profile, which role; may be empty
};

// One way to come by keys.
class Provider {
 public:
  using OnFound = std::function<void(base::Result<Found>)>;

  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;  // as Found::source
  // Keys as of now, called again to renew them. kNotFound: it is not configured, and the next one
  // is asked; any other error ends the search. `done` is called exactly once, maybe from inside.
  virtual void Load(OnFound done) = 0;
};

}  // namespace aws
