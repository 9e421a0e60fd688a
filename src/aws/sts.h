#pragma once

// The Security Token Service: who am I, and keys of a role. Query protocol, XML replies. Its calls
// change nothing and may be repeated: trouble on the way or in the service gets a few tries.
//
// Thread rule: the loop thread. `done` is called exactly once, from inside where the endpoint is
// not known.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "aws/context.h"
#include "aws/credentials.h"
#include "aws/xml.h"

namespace aws {

class Sts {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  using OnReply = std::function<void(base::Result<FlatXml>)>;

  explicit Sts(const Context& context) : context_(context) {}

  // `keys` sign the call; nothing: unsigned, as AssumeRoleWithWebIdentity is. The reply's paths
  // begin after "<action>Response.<action>Result.". Errors: kPermission where STS refused,
  // kUnavailable where it was not reached.
  void Call(const std::string& action,
            Parameters parameters,
            const std::optional<wire::Credentials>& keys,
            OnReply done) const;

 private:
  const Context context_;
};

// "Credentials.AccessKeyId"… of an AssumeRole… reply.
base::Result<Found> KeysFromReply(const FlatXml& reply);
// What every call of a role without a role_session_name is named.
std::string DefaultSessionName(base::Time now);

}  // namespace aws
