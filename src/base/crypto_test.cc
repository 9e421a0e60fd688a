#include "base/crypto.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace base {
namespace {

SealKey Key(uint8_t first) {
  SealKey key{};
  key[0] = first;
  return key;
}

TEST(Crypto, ASealedTextOpensWithItsKeyAndForItsPurposeAlone) {
  const std::string sealed = Seal(Key(1), "s3cret", "variable/a");
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
  EXPECT_NE(sealed, Seal(Key(1), "s3cret", "variable/a"));
  EXPECT_EQ(OpenSealed(Key(1), sealed, "variable/a").value(), "s3cret");
  EXPECT_EQ(OpenSealed(Key(1), Seal(Key(1), "", ""), "").value(), "");
  EXPECT_FALSE(OpenSealed(Key(2), sealed, "variable/a"));
  EXPECT_FALSE(OpenSealed(Key(1), sealed, "variable/b"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(OpenSealed(Key(1), changed, "variable/a")) << i;
    EXPECT_FALSE(OpenSealed(Key(1), sealed.substr(0, i), "variable/a")) << i;
  }
}

// draft-irtf-cfrg-xchacha-03, A.3.1: its ciphertext and tag behind its nonce, in base64.
TEST(Crypto, OpensThePublishedVector) {
  SealKey key;
  for (size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<uint8_t>(0x80 + i);
  const std::string context("\x50\x51\x52\x53\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7", 12);
  const std::string sealed =
      "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXvW0XnT6D1DuVdleUk8DpOVcqFwAlK/rMvtKQLCE5bLtzHH8bC0qmRAvz"
      "qC9O2n45rmTGcIxUwhbLlrcuEhO0Ui+Mm6QNtdlFsRtpuYLBu54/P6wrw2lIj3ayODVl0//5IflmTJdjfal2iBL2"
      "FcaLE7UuwIdZJMHHmHlH3q/YeArPSQ==";
  EXPECT_EQ(OpenSealed(key, sealed, context).value(),
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
            "future, sunscreen would be it.");
}

TEST(Crypto, KeysAreHexBase64OrLongTexts) {
  const SealKey key = ParseSealKey(std::string(64, 'a')).value();
  EXPECT_EQ(key[0], 0xaa);
  EXPECT_EQ(ParseSealKey("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=").value(), key);
  EXPECT_TRUE(ParseSealKey("a long sentence that people can keep in mind"));
  EXPECT_FALSE(ParseSealKey("short"));
}

TEST(Crypto, PasswordsAreHashedWithSaltAndCompared) {
  const std::string hash = HashPassword("open sesame");
  EXPECT_TRUE(hash.starts_with("$argon2id$")) << hash;
  EXPECT_NE(hash, HashPassword("open sesame"));
  EXPECT_TRUE(IsPassword(hash, "open sesame"));
  EXPECT_FALSE(IsPassword(hash, "open sesame "));
  EXPECT_FALSE(IsPassword("", ""));
  EXPECT_FALSE(IsPassword("no hash", "no hash"));
}

TEST(Base64, IsThatOfRfc4648AndNothingElse) {
  const std::pair<std::string, std::string> vectors[]{{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(ToBase64(plain), text);
    EXPECT_EQ(FromBase64(text), plain);
    const std::string bare = text.substr(0, text.find('='));
    EXPECT_EQ(ToBase64Url(plain), bare);
    EXPECT_EQ(FromBase64Url(bare), plain);
  }
  EXPECT_EQ(ToBase64Url("\xfb\xff"), "-_8");
  EXPECT_EQ(FromBase64Url("-_8"), "\xfb\xff");
  for (const char* bad : {"Zg==", "Zh", "Z", "+/8", " Zg", "Zg\n", "Zm9v=", "7\xf3Vv"})
    EXPECT_EQ(FromBase64Url(bad), std::nullopt) << bad;
  for (const char* bad : {"Zg", "Zg=", "Zh==", "-_8="})
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace base
