#pragma once

// Which provider's keys are used: each is asked in botocore's order, and the first that has some is
// the one for the rest of this process's life. And their renewal: in the background from 15 minutes
// before they expire, with the calls waiting from 10 minutes before; one renewal at a time; while
// the keys live a failed one is told and does not stop anything.
//
// Thread rule: the loop thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/context.h"
#include "aws/credentials.h"

namespace aws {

// The whole search. Its error says what each provider said.
std::unique_ptr<Provider> MakeDefaultProviders(const Context& context);
// What a profile alone can give, without its role_arn: for a source_profile.
std::unique_ptr<Provider> MakeProfileProviders(const Context& context, const std::string& profile);
// Asks one after the other; for tests.
std::unique_ptr<Provider> MakeFirstOf(std::vector<std::unique_ptr<Provider>> providers);

class CredentialChain : public CredentialSource {
 public:
  CredentialChain(const SigningClock& clock, std::unique_ptr<Provider> provider)
      : clock_(clock), provider_(std::move(provider)) {}

  void Get(OnKeys done) override;
  // What the last renewal found.
  const std::optional<Found>& found() const { return found_; }

 private:
  void Renew();
  void OnRenewed(base::Result<Found> result);

  const SigningClock& clock_;
  const std::unique_ptr<Provider> provider_;
  std::optional<Found> found_;
  bool renewing_ = false;
  base::Time not_before_{};  // no further renewal until then, as long as the keys live
  std::vector<OnKeys> waiting_;
};

}  // namespace aws
