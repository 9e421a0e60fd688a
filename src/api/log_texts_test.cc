#include "api/log_texts.h"

#include <gtest/gtest.h>

namespace api {
namespace {

LogTexts::Text TextOf(size_t bytes, char c = 'x') {
  return std::make_shared<const std::string>(bytes, c);
}

TEST(LogTexts, KeepsTheLastReadingOfEach) {
  LogTexts texts;
  EXPECT_EQ(texts.Find("s3://b/a"), nullptr);
  texts.Keep("s3://b/a", TextOf(3, 'a'));
  texts.Keep("s3://b/b", TextOf(3, 'b'));
  texts.Keep("s3://b/a", TextOf(4, 'c'));
  EXPECT_EQ(*texts.Find("s3://b/a"), "cccc");
  EXPECT_EQ(*texts.Find("s3://b/b"), "bbb");
}

TEST(LogTexts, ForgetsTheOldestBeyondItsBytes) {
  LogTexts texts;
  constexpr size_t kThird = LogTexts::kBytesMax / 3;
  for (const char* uri : {"1", "2", "3"})
    texts.Keep(uri, TextOf(kThird));
  EXPECT_NE(texts.Find("1"), nullptr);
  texts.Keep("4", TextOf(kThird));
  EXPECT_EQ(texts.Find("1"), nullptr);
  EXPECT_NE(texts.Find("2"), nullptr);
  texts.Keep("large", TextOf(LogTexts::kBytesMax + 1));
  EXPECT_EQ(texts.Find("large"), nullptr);
  EXPECT_NE(texts.Find("4"), nullptr) << "what is too large takes nobody's place";
}

}  // namespace
}  // namespace api
