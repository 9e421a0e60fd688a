#pragma once

// Where the keys of variables and connections come from: SIGNALBOX_SECRET_KEY ("NEW,OLD": the first
// seals, each opens), then the lines of a file that its owner alone can read. The file is made when
// something is to be sealed and there is no key.
//
// A rotation goes through a file with both keys, the new one first, so that a crash at any moment
// leaves a file that opens every record.
//
// Thread rule: the loop thread.

#include <memory>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/result.h"
#include "runtime/environment.h"
#include "secrets/keyring.h"

namespace runtime {

class SecretKeys {
 public:
  // `file`: "" for none.
  SecretKeys(std::string file, const Environment& environment);

  // As the environment and the file have them. What is wrong with them is in the keyring: it says
  // so at each use.
  std::shared_ptr<const secrets::Keyring> Load();

  // Makes the file where there is no key at all. kUnavailable where one is there but cannot be
  // used, or where `has_sealed` says that something was sealed with a key that is gone.
  base::Status Ensure(bool has_sealed);

  // Puts a new key before the others, in the file. kInvalidArgument where the environment has
  // the only key: it is the environment's to change. Nothing happens where it has several.
  base::Status Begin();
  // Leaves the first key alone in the file.
  base::Status Finish();
  // Of a rotation: what a person has to do after it; "" for nothing.
  std::string Advice() const;

 private:
  base::Result<std::vector<std::string>> ReadFile() const;
  base::Status WriteFile(const std::vector<std::string>& lines) const;

  const std::string file_;
  const std::string given_;  // SIGNALBOX_SECRET_KEY
};

}  // namespace runtime
