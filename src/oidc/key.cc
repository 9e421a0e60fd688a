// Public keys and signatures, by OpenSSL.

#include <algorithm>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "base/text.h"
#include "oidc/jws.h"

namespace oidc {

namespace {

constexpr int kRsaLeastBits = 2048, kRsaMostBits = 8192;
constexpr size_t kEcHalf = 32;  // bytes of a coordinate of P-256, and of each half of a signature

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* held) const { Free(held); }
};
using Number = std::unique_ptr<BIGNUM, Freed<BIGNUM, BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM, OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG, ECDSA_SIG_free>>;
using SharedKey = std::shared_ptr<EVP_PKEY>;

tl::unexpected<base::Error> Invalid(std::string message) {
  ERR_clear_error();
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string BytesIn(const json::object& jwk, std::string_view member) {
  return base::FromBase64Url(base::GetString(jwk, member)).value_or("");
}

Number NumberOf(std::string_view bytes) {
  return Number(BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Null where OpenSSL takes it for no key.
SharedKey Build(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  SharedKey made(key, EVP_PKEY_free);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? made : nullptr;
}

SharedKey RsaKey(const json::object& jwk) {
  const std::string n = BytesIn(jwk, "n"), e = BytesIn(jwk, "e");
  if (n.empty() || e.empty() || n.size() > kRsaMostBits / 8 || e.size() > 8)
    return nullptr;
  const Number modulus = NumberOf(n), exponent = NumberOf(e);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (BN_num_bits(modulus.get()) < kRsaLeastBits ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return nullptr;
  return Build("RSA", builder.get());
}

SharedKey P256Key(const json::object& jwk) {
  const std::string x = BytesIn(jwk, "x"), y = BytesIn(jwk, "y");
  if (x.size() != kEcHalf || y.size() != kEcHalf)
    return nullptr;
  const std::string point = base::Cat('\4', x, y);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(
          builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return nullptr;
  return Build("EC", builder.get());
}

SharedKey Ed25519Key(const json::object& jwk) {
  const std::string x = BytesIn(jwk, "x");
  if (x.size() != 32)
    return nullptr;
  return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, BytesOf(x), x.size()),
          EVP_PKEY_free};
}

// JWS has both numbers, one after the other; OpenSSL wants DER. "" where it is no signature.
std::string DerOf(std::string_view signature) {
  if (signature.size() != 2 * kEcHalf)
    return "";
  const EcSignature both(ECDSA_SIG_new());
  Number r = NumberOf(signature.substr(0, kEcHalf)), s = NumberOf(signature.substr(kEcHalf));
  if (!both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1)
    return "";
  (void)r.release();  // they are the signature's now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  if (size <= 0)
    return "";
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool UsePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool IsForSignatures(const json::object& jwk) {
  if (const std::string use = base::GetString(jwk, "use"); !use.empty() && use != "sig")
    return false;
  const json::array& operations = base::GetArray(jwk, "key_ops");
  return operations.empty() || std::ranges::find(operations, "verify") != operations.end();
}

}  // namespace

base::Result<Key> Key::Read(const json::object& jwk) {
  Key key;
  const std::string type = base::GetString(jwk, "kty"), curve = base::GetString(jwk, "crv");
  if (!IsForSignatures(jwk))
    return Invalid("the key is not for signatures");
  if (const std::string name = base::GetString(jwk, "alg"); !name.empty()) {
    key.only_ = ParseAlgorithm(name);
    if (!key.only_)
      return Invalid("the key is for an algorithm that is not taken");
  }
  if (type == "RSA") {
    key.type_ = Type::kRsa;
    key.key_ = RsaKey(jwk);
  } else if (type == "EC" && curve == "P-256") {
    key.type_ = Type::kP256;
    key.key_ = P256Key(jwk);
  } else if (type == "OKP" && curve == "Ed25519") {
    key.type_ = Type::kEd25519;
    key.key_ = Ed25519Key(jwk);
  } else {
    return Invalid("the key is neither RSA nor of P-256 nor of Ed25519");
  }
  if (!key.key_)
    return Invalid("the key is broken, or too short");
  key.id_ = base::GetString(jwk, "kid");
  return key;
}

bool Key::Fits(Algorithm algorithm) const {
  if (only_ && *only_ != algorithm)
    return false;
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
      return type_ == Type::kRsa;
    case Algorithm::kEs256:
      return type_ == Type::kP256;
    case Algorithm::kEdDsa:
      return type_ == Type::kEd25519;
  }
  return false;
}

bool Key::IsSignatureOf(const Jws& jws) const {
  if (!Fits(jws.algorithm))
    return false;
  const std::string signature =
      jws.algorithm == Algorithm::kEs256 ? DerOf(jws.signature) : jws.signature;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;  // the digest context's
  const EVP_MD* digest = type_ == Type::kEd25519 ? nullptr : EVP_sha256();
  const bool is_good =
      !signature.empty() && context &&
      EVP_DigestVerifyInit(context.get(), &of_key, digest, nullptr, key_.get()) == 1 &&
      (jws.algorithm != Algorithm::kPs256 || UsePss(of_key)) &&
      EVP_DigestVerify(context.get(),
                       BytesOf(signature),
                       signature.size(),
                       BytesOf(jws.signed_text),
                       jws.signed_text.size()) == 1;
  ERR_clear_error();
  return is_good;
}

}  // namespace oidc
