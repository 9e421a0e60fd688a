#include "base/safe_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace base {
namespace {

constexpr char kBad[] = "\xEF\xBF\xBD";

TEST(Utf8, RefusesWhatOnlyLooksLikeIt) {
  for (const std::string& text : {std::string("\xff"),
                                  std::string("\x80"),
                                  std::string("a\xc3"),                 // cut off
                                  std::string("\xc0\xaf"),              // "/" in two bytes
                                  std::string("\xe0\x80\xaf"),          // and in three
                                  std::string("\xf0\x80\x80\xaf"),      // and in four
                                  std::string("\xed\xa0\x80"),          // a surrogate
                                  std::string("\xed\xbf\xbf"),          //
                                  std::string("\xf4\x90\x80\x80"),      // above U+10FFFF
                                  std::string("\xf8\x88\x80\x80\x80"),  // five bytes
                                  std::string("long enough for words \xfe")})
    EXPECT_FALSE(IsUtf8(text)) << text;
  for (const std::string& text : {std::string(),
                                  std::string("plain"),
                                  std::string("gr\u00f6\u00dfe, \u20ac, \U0001F600"),
                                  std::string("\xed\x9f\xbf\xee\x80\x80"),
                                  std::string("\xf4\x8f\xbf\xbf")})
    EXPECT_TRUE(IsUtf8(text)) << text;
}

TEST(Utf8, ReplacesEachMalformedSequenceOnce) {
  EXPECT_EQ(ValidUtf8("a\xff\xfez"), Cat("a", kBad, kBad, "z"));
  EXPECT_EQ(ValidUtf8("\xe2\x82z"), Cat(kBad, "z"));  // a euro sign that was cut off
  EXPECT_EQ(ValidUtf8("\xed\xa0\x80"), Cat(kBad, kBad, kBad));
  EXPECT_EQ(ValidUtf8("gr\u00f6\u00dfe"), "gr\u00f6\u00dfe");
}

TEST(Printable, ShowsWhatSteersATerminal) {
  EXPECT_EQ(Printable("\x1b]0;title\a\x1b[31mred\x7f"),
            "\\u001b]0;title\\u0007\\u001b[31mred\\u007f");
  EXPECT_EQ(Printable("\u009b31m"), "\\u009b31m");  // CSI in one character
  EXPECT_EQ(Printable("\x9b"), kBad);               // and as a stray byte
  EXPECT_EQ(Printable("a\u202eb\u2066c\ufeff"), "a\\u202eb\\u2066c\\ufeff");
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\u0000b");
  EXPECT_EQ(Printable("gr\u00f6\u00dfe\t1\r\n2\r3\n"), "gr\u00f6\u00dfe\t1\n2\\u000d3\n");
  EXPECT_EQ(PrintableLine("a\tb\r\nc"), "a b c");
}

TEST(Excerpt, CutsBetweenCharacters) {
  EXPECT_EQ(Excerpt("abc", 3), "abc");
  EXPECT_EQ(Excerpt("abcd", 3), "abc\u2026");
  EXPECT_EQ(Excerpt("\u00f6\u00f6\u00f6\u00f6", 3), "\u00f6\u00f6\u00f6\u2026");
  EXPECT_EQ(Excerpt(std::string(1000, 'x')), std::string(kEchoMax, 'x') + "\u2026");
}

// Bytes that often fall together to nearly a sequence.
rc::Gen<std::string> AnyBytes() {
  const auto byte = rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                   rc::gen::elementOf(std::string("\x1b\r\n\t\x7f\xc2\x9b\xc0\x80"
                                                                  "\xe2\x80\xae\xed\xa0\xf0\x9f"
                                                                  "\x98\xf4\x90\xbf\xef\xbb"
                                                                  "az\"\\")));
  return rc::gen::container<std::string>(byte);
}

bool HasControl(std::string_view text) {
  for (const unsigned char c : text) {
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      return true;
  }
  for (const std::string_view mark : {"\u0080", "\u009b", "\u202e", "\u2066", "\u2028"}) {
    if (text.find(mark) != std::string_view::npos)
      return true;
  }
  return false;
}

RC_GTEST_PROP(Utf8Property, AnyBytesBecomeValidAndPrintable, ()) {
  const std::string bytes = *AnyBytes();
  const std::string valid = ValidUtf8(bytes);
  RC_ASSERT(IsUtf8(valid));
  RC_ASSERT(ValidUtf8(valid) == valid);
  RC_ASSERT(IsUtf8(bytes) == (valid == bytes));
  const std::string shown = Printable(bytes);
  RC_ASSERT(IsUtf8(shown) && !HasControl(shown));
  RC_ASSERT(PrintableLine(bytes).find_first_of("\n\t") == std::string::npos);
  RC_ASSERT(IsUtf8(Excerpt(valid, 3)));
}

// A JSON parser of others agrees on what is UTF-8, and reads the same from the printable form.
RC_GTEST_PROP(Utf8Property, JsonSurvives, ()) {
  const std::string bytes = *AnyBytes();
  const std::string text = ValidUtf8(json::serialize(json::value(bytes)));
  const auto read = ParseJson(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(std::string_view(read->get_string()) == ValidUtf8(bytes));
  const auto again = ParseJson(Printable(text));
  RC_ASSERT(again.has_value() && *again == *read);
  RC_ASSERT(IsUtf8(bytes) == ParseJson(json::serialize(json::value(bytes))).has_value());
}

}  // namespace
}  // namespace base
