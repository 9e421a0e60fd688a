// Vectors: RFC 7515, appendix A; RFC 8037, appendix A; of PS256, which has none there, one made by
// the npm package jose.

#include "oidc/jws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "oidc/test_support.h"

namespace oidc::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kPayload[] =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
// A.1: HS256.
constexpr char kHs256[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
// A.2.
constexpr char kRsaJwk[] =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr char kRs256[] =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
    "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07"
    "Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU"
    "TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// A.3.
constexpr char kEcJwk[] =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr char kEs256[] =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
// A.5.
constexpr char kUnsigned[] =
    "eyJhbGciOiJub25lIn0."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".";
// RFC 8037, A.4.
constexpr char kEdDsa[] =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
constexpr char kPsJwk[] =
    R"({"kty":"RSA","n":"q1nR0kvuR2XbiEXBprcw2GEFZtrCdWCUqV-KqWMkxI6D4Pay8I3YYcJtVN-Pe7teoXwMQT2_7tTol_9CZYY5fOkEWGiulQtI6CkzfaqynaOwurLppeTF25SF2qdt4uSTK5W2PqpCeEId68Odop1dHDfxZhG0CzjsnXc53HTIOf_wowXv_nvaxOaEmW7UwetowHDWiyevvzVX6LUo-1AYivWnl3qbEWo1BISjy8mEqcI73K7XfhZXrzJFFxkhZwMrcQcdhQL_zeK0IFQlqA3PrKoXmaCvGi_uu3314maUr4_OtWrmRTQXlkHfUfFi5Lp6CSq0oPFJdX2uBl9cMU2dyQ","e":"AQAB"})";
constexpr char kPs256[] =
    "eyJhbGciOiJQUzI1NiJ9.eyJhIjoxfQ."
    "PIKzHxedsWO1aMrL-SGk9RaLRKnfx-wNGFG6EC7qvi3Mt0f0py5m8xBOZgjo-Z78WJzzt_4VZssYeDqLism5iOGxaxUKf8"
    "iQz9_ty6AYHNDTrn1FHYgUH1tGJiFVyeqL8ysubti--hS-y6lJwKfoezfKgOgCmsiut3cZ6jJAifufT_UTTnXzs_ZBuVP8"
    "im-87BNO682Q94tYwoptkfmPQuGa0qogQgDyUkHwrqTkMoDPppmu_IOcw0OoDK_MRwTq6tPVXmgb0RmlXQT7GDXJZ4K4Kx"
    "fRh9cwtDbndDn87_NxzaQpCMI0jTiWHwciw3InlCvpUymMTOlLVISktTyToA";

std::string Checked(std::string_view keys, std::string_view token) {
  const auto set = KeySet::Read(keys);
  const auto jws = ParseJws(token);
  if (!set || !jws)
    return set ? jws.error().message : set.error().message;
  const base::Status status = set->Check(*jws);
  return status ? "" : status.error().message;
}

// The same token with one bit of its signature changed.
std::string Damaged(std::string_view token) {
  const size_t dot = token.rfind('.');
  std::string signature = *base::FromBase64Url(token.substr(dot + 1));
  signature[signature.size() / 2] ^= 1;
  return base::Cat(token.substr(0, dot + 1), base::ToBase64Url(signature));
}

struct Vector {
  const char *jwk, *token;
  Algorithm algorithm;
};
const Vector kVectors[]{{kRsaJwk, kRs256, Algorithm::kRs256},
                        {kPsJwk, kPs256, Algorithm::kPs256},
                        {kEcJwk, kEs256, Algorithm::kEs256},
                        {kEdJwk, kEdDsa, Algorithm::kEdDsa}};

TEST(Jws, TakesThePublishedSignatures) {
  for (const Vector& vector : kVectors) {
    const auto jws = ParseJws(vector.token);
    ASSERT_TRUE(jws.has_value()) << jws.error().message;
    EXPECT_EQ(jws->algorithm, vector.algorithm);
    EXPECT_EQ(Checked(KeysOf(vector.jwk), vector.token), "") << ToString(vector.algorithm);
  }
  EXPECT_EQ(ParseJws(kRs256)->payload, *base::FromBase64Url(kPayload));
  EXPECT_EQ(ParseJws(kEdDsa)->payload, "Example of Ed25519 signing");
}

TEST(Jws, RefusesWhatWasChanged) {
  for (const Vector& vector : kVectors) {
    EXPECT_THAT(Checked(KeysOf(vector.jwk), Damaged(vector.token)),
                HasSubstr("signature is wrong"));
    std::string other = vector.token;
    const size_t at = other.find('.') + 1;
    other[at] = other[at] == 'e' ? 'f' : 'e';
    EXPECT_THAT(Checked(KeysOf(vector.jwk), other), HasSubstr("signature is wrong"));
    const std::string bare(vector.token, std::string_view(vector.token).rfind('.') + 1);
    EXPECT_THAT(Checked(KeysOf(vector.jwk), bare), HasSubstr("signature is wrong"));
  }
}

TEST(Jws, NoneAndSharedSecretsAreNoAlgorithms) {
  EXPECT_THAT(Checked(KeysOf(kRsaJwk), kUnsigned), HasSubstr("signed with 'none'"));
  EXPECT_THAT(Checked(KeysOf(kRsaJwk), kHs256), HasSubstr("signed with 'HS256'"));
  for (const char* name : {"None", "NONE", "nOnE", "RS512", "rs256", "HS512", "ES256K", ""}) {
    const std::string token = SignEd(base::Cat(R"({"alg":")", name, R"("})"), "{}");
    EXPECT_FALSE(ParseJws(token).has_value()) << name;
  }
  EXPECT_FALSE(ParseJws(SignEd(R"({"alg":["EdDSA"]})", "{}")).has_value());
  // A secret in the set is no key, whatever it says of itself.
  const auto set = KeySet::Read(
      R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"},
                  {"kty":"oct","alg":"RS256","k":"AyM1"}]})");
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->size(), 0U);
}

TEST(Jws, AKeyIsForItsOwnAlgorithmAlone) {
  const Key rsa = *Key::Read(ParseJson(kRsaJwk));
  const Key ec = *Key::Read(ParseJson(kEcJwk));
  EXPECT_TRUE(rsa.Fits(Algorithm::kRs256));
  EXPECT_TRUE(rsa.Fits(Algorithm::kPs256));
  EXPECT_FALSE(rsa.Fits(Algorithm::kEs256));
  EXPECT_FALSE(ec.Fits(Algorithm::kEdDsa));
  json::object only = ParseJson(kRsaJwk);
  only["alg"] = "PS256";
  EXPECT_FALSE(Key::Read(only)->Fits(Algorithm::kRs256));
  EXPECT_FALSE(Key::Read(only)->IsSignatureOf(*ParseJws(kRs256)));
  only["alg"] = "HS256";
  EXPECT_FALSE(Key::Read(only).has_value());
  only.erase("alg");
  only["use"] = "enc";
  EXPECT_FALSE(Key::Read(only).has_value());
  only["use"] = "sig";
  only["key_ops"] = json::array{"sign"};
  EXPECT_FALSE(Key::Read(only).has_value());
}

TEST(Jws, ShortAndBrokenKeysAreRefused) {
  const auto read = [](std::string_view jwk) { return Key::Read(ParseJson(jwk)).has_value(); };
  // 1024 bits.
  const std::string half(128, '\xff');
  EXPECT_FALSE(
      read(base::Cat(R"({"kty":"RSA","e":"AQAB","n":")", base::ToBase64Url(half), R"("})")));
  EXPECT_FALSE(read(R"({"kty":"RSA","e":"AQAB","n":""})"));
  EXPECT_FALSE(read(R"({"kty":"RSA"})"));
  // Not on the curve.
  EXPECT_FALSE(read(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})"));
  EXPECT_FALSE(read(R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})"));
  EXPECT_FALSE(read(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"));
  EXPECT_FALSE(
      read(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
}

TEST(Jws, AKeyIsFoundByItsName) {
  const std::string token = SignEd(R"({"alg":"EdDSA","kid":"b"})", "{}");
  EXPECT_EQ(Checked(KeysOf(kEdJwk, "b"), token), "");
  EXPECT_THAT(Checked(KeysOf(kEdJwk, "a"), token), HasSubstr("has no key"));
  EXPECT_EQ(KeySet::Read(KeysOf(kEdJwk, "a"))->Check(*ParseJws(token)).error().code,
            base::ErrorCode::kNotFound);
  // A token without a name leaves no choice.
  const std::string nameless = SignEd("{\"alg\":\"EdDSA\"}", "{}");
  EXPECT_EQ(Checked(KeysOf(kEdJwk, "a"), nameless), "");
  const std::string two = base::Cat(R"({"keys":[)", kEdJwk, ",", kEdJwk, "]}");
  EXPECT_THAT(Checked(two, nameless), HasSubstr("does not name its key"));
}

TEST(Jws, ExtensionsThatAreCriticalAreRefused) {
  EXPECT_THAT(
      ParseJws(SignEd(R"({"alg":"EdDSA","crit":["b64"],"b64":false})", "{}")).error().message,
      HasSubstr("'crit'"));
}

TEST(Jws, RefusesOtherForms) {
  for (const char* text :
       {"", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "{}..", "e30.e30.!", "e30=.e30.e30"})
    EXPECT_FALSE(ParseJws(text).has_value()) << text;
  EXPECT_THAT(ParseJws(std::string(kTokenMost + 1, 'a')).error().message, HasSubstr("bytes"));
}

RC_GTEST_PROP(Jws, AnyBytesHaveAnAnswer, (const std::string& bytes, unsigned where)) {
  const auto keys = KeySet::Read(KeysOf(kEdJwk));
  if (const auto jws = ParseJws(bytes))
    RC_ASSERT(!keys->Check(*jws));
  // And within a good one.
  std::string token = kEdDsa;
  token.replace(where % token.size(), 1, bytes);
  if (const auto jws = ParseJws(token))
    RC_ASSERT(token == kEdDsa || !keys->Check(*jws));
  (void)KeySet::Read(bytes);
}

}  // namespace
}  // namespace oidc::testing
