#pragma once

// The keys that seal variables and connections: the first seals, each of them opens. Immutable, so
// that threads may share it.
//
// Not here: where keys come from (runtime/secret_keys.h).

#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/result.h"
#include "model/record.h"

namespace secrets {

class Keyring {
 public:
  Keyring() = default;
  // `trouble`: why there is no key, in a sentence with the fix.
  Keyring(std::vector<base::SealKey> keys, std::string trouble)
      : keys_(std::move(keys)), trouble_(std::move(trouble)) {}

  const std::vector<base::SealKey>& keys() const { return keys_; }
  const std::string& trouble() const { return trouble_; }  // "" where all keys could be read

  // The record's body. kUnavailable where there is no key.
  base::Result<std::string> Seal(const model::RecordKey& id, std::string_view document) const;
  // The document. kUnavailable where there is no key; kCorrupt where none of them opens it.
  base::Result<std::string> Open(const model::RecordRow& row) const;

 private:
  std::vector<base::SealKey> keys_;
  std::string trouble_;
};

}  // namespace secrets
