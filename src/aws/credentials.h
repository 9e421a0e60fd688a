#pragma once

// Where the keys come from that sign our calls. Only the environment so far. A wire::Credentials
// has no printer and is not to be logged, stored or put into an error message.
//
// Thread rule: the loop thread.

#include "aws/environment.h"
#include "base/result.h"
#include "wire/sigv4.h"

namespace aws {

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // The keys in force now, asked for before every call; kPermission with advice where there are
  // none.
  virtual base::Result<wire::Credentials> Current() const = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN.
class EnvironmentCredentials : public CredentialSource {
 public:
  explicit EnvironmentCredentials(Environment environment = ProcessEnvironment())
      : environment_(std::move(environment)) {}
  base::Result<wire::Credentials> Current() const override;

 private:
  Environment environment_;
};

}  // namespace aws
