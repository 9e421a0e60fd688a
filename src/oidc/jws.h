#pragma once

// A signed text in JSON Web Signature's compact form (RFC 7515): its three parts, and whether a key
// made the signature. Asymmetric algorithms of a fixed list alone: "none" and HS256, with which a
// public key would be taken for a shared secret, are no algorithms here.
//
// Not here: encrypted texts (JWE), the JSON form, keys that a text brings along (jwk, jku, x5c:
// they are ignored), what the payload says (id_token.h).
//
// Pure; signatures by OpenSSL. Facts: RFC 7515, 7518, 8037; vectors of their appendices in the
// test.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace oidc {

enum class Algorithm { kRs256, kPs256, kEs256, kEdDsa };
std::string_view ToString(Algorithm algorithm);  // "RS256"
std::optional<Algorithm> ParseAlgorithm(std::string_view text);

inline constexpr size_t kTokenMost = 64 << 10;  // bytes of a text

struct Jws {
  Algorithm algorithm = Algorithm::kRs256;
  std::string key_id;       // "" where the text names none
  std::string signed_text;  // header and payload, as they came
  std::string payload;      // bytes
  std::string signature;    // bytes
};

// kInvalidArgument, with what is wrong, and nothing of the text but the algorithm's name.
base::Result<Jws> ParseJws(std::string_view text);

// A public key.
class Key {
 public:
  // Of a JSON Web Key (RFC 7517): RSA of at least 2048 bits, P-256, Ed25519. kInvalidArgument for
  // others, and for keys that are not for signatures.
  static base::Result<Key> Read(const json::object& jwk);

  const std::string& id() const { return id_; }
  bool Fits(Algorithm algorithm) const;
  // Also false where the key does not fit the algorithm.
  bool IsSignatureOf(const Jws& jws) const;

 private:
  enum class Type { kRsa, kP256, kEd25519 };

  std::string id_;
  Type type_ = Type::kRsa;
  std::optional<Algorithm> only_;  // the one that it is for
  std::shared_ptr<evp_pkey_st> key_;
};

// What a provider signs with at present.
class KeySet {
 public:
  // Of {"keys": […]}; keys that we cannot use are left out.
  static base::Result<KeySet> Read(std::string_view text);

  size_t size() const { return keys_.size(); }
  // kPermission where the signature is wrong, kNotFound where no key here can be the one that made
  // it: the provider may have others by now.
  base::Status Check(const Jws& jws) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace oidc
