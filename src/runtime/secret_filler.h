#pragma once

// Puts secrets into a request where it is sent, and takes them out of what comes back: rows, logs
// and answers only ever hold their marks (template/secret.h).
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "engine/state.h"
#include "secrets/book.h"
#include "template/secret.h"

namespace runtime {

class SecretFiller {
 public:
  // `state`: the engine's, as it is when a request is sent.
  explicit SecretFiller(std::function<const engine::State&()> state) : state_(std::move(state)) {}

  // What the database and the environment hold counts as sent: an earlier life may have sent it.
  void RememberAll(const secrets::Book& book);

  // A request as it is to be sent, with secrets at those places. An error where a secret has gone
  // since the request was rendered, or does not open.
  base::Result<std::string> Fill(const std::string& body, tmpl::SecretPlaces places);

  // Secrets that were sent and have at least five characters; the value never changes.
  const std::shared_ptr<const std::set<std::string>>& sent() const { return sent_; }
  // "***" for each of them.
  std::string Masked(std::string text) const;
  // In EMR's messages, which repeat arguments; never in ids, names or states, which decide.
  void Mask(json::value& reply) const;

 private:
  void Remember(const std::string& secret);

  const std::function<const engine::State&()> state_;
  std::shared_ptr<const std::set<std::string>> sent_ =
      std::make_shared<const std::set<std::string>>();
};

}  // namespace runtime
