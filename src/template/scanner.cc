#include "template/scanner.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tmpl {

using base::Cat;

namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsNamePart(char c) {
  return IsNameStart(c) || IsDigit(c);
}

constexpr std::array<std::string_view, 7> kKeywords = {
    "and", "else", "if", "in", "is", "not", "or"};

}  // namespace

bool IsKeyword(std::string_view word) {
  return std::ranges::find(kKeywords, word) != kKeywords.end();
}

bool Scanner::Take(std::string_view sign) {
  if (!At(sign))
    return false;
  pos_ += sign.size();
  return true;
}

void Scanner::SkipSpace() {
  while (!AtEnd() && IsSpace(text_[pos_]))
    ++pos_;
}

bool Scanner::AtDigit() const {
  return IsDigit(Next());
}

bool Scanner::AtName() const {
  return IsNameStart(Next());
}

bool Scanner::AtNumber() const {
  return AtDigit() || (At("-") && pos_ + 1 < text_.size() && IsDigit(text_[pos_ + 1]));
}

std::string_view Scanner::PeekName() const {
  size_t end = pos_;
  if (AtName())
    while (end < text_.size() && IsNamePart(text_[end]))
      ++end;
  return text_.substr(pos_, end - pos_);
}

std::string_view Scanner::TakeName() {
  const std::string_view name = PeekName();
  pos_ += name.size();
  return name;
}

bool Scanner::TakeWord(std::string_view word) {
  if (PeekName() != word)
    return false;
  pos_ += word.size();
  return true;
}

std::nullptr_t Scanner::Fail(size_t pos, std::string message) {
  problem_ = Problem{PlaceAt(text_, pos), std::move(message)};
  return nullptr;
}

std::nullptr_t Scanner::Unexpected(std::string_view expected) {
  if (AtEnd())
    return Fail(pos_, Cat("expected ", expected, ", found the end of the text"));
  size_t length = 1;
  if (IsNamePart(text_[pos_]))
    while (pos_ + length < text_.size() && IsNamePart(text_[pos_ + length]))
      ++length;
  else  // the whole of a UTF-8 character
    while (pos_ + length < text_.size() && (text_[pos_ + length] & 0xC0) == 0x80)
      ++length;
  return Fail(pos_, Cat("expected ", expected, ", found '", text_.substr(pos_, length), "'"));
}

void Scanner::SkipDigits() {
  while (AtDigit())
    ++pos_;
}

bool Scanner::AtFraction() const {
  return At(".") && pos_ + 1 < text_.size() && IsDigit(text_[pos_ + 1]);
}

bool Scanner::SkipFraction() {
  const size_t begin = pos_;
  if (AtFraction()) {
    ++pos_;
    SkipDigits();
  }
  if (At("e") || At("E")) {
    size_t exponent = pos_ + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-'))
      ++exponent;
    if (exponent < text_.size() && IsDigit(text_[exponent])) {
      pos_ = exponent;
      SkipDigits();
    }
  }
  return pos_ > begin;
}

std::optional<Value> Scanner::Number() {
  const size_t begin = pos_;
  Take("-");
  SkipDigits();
  const bool whole = !SkipFraction();
  if (AtName() && !IsKeyword(PeekName()))
    return Duration(begin);
  const std::string_view written = text_.substr(begin, pos_ - begin);
  if (whole) {
    if (auto integer = base::ParseInt(written))
      return json::value(*integer);
  } else if (auto number = base::ParseDouble(written)) {
    return json::value(*number);
  }
  Fail(begin, Cat("'", written, "' is a number that 64 bits cannot hold"));
  return std::nullopt;
}

// A number and letters at once have no other meaning, here or in Jinja.
std::optional<Value> Scanner::Duration(size_t begin) {
  pos_ = begin;
  const bool minus = Take("-");
  const size_t digits = pos_;
  while (!AtEnd() && (IsNamePart(text_[pos_]) || AtFraction()))
    ++pos_;
  auto span = base::ParseDuration(text_.substr(digits, pos_ - digits));
  if (span)
    return Span{minus ? -*span : *span};
  Fail(begin, std::move(span.error().message));
  return std::nullopt;
}

std::optional<std::string> Scanner::Text() {
  const size_t open = pos_;
  const char quote = text_[pos_++];
  std::string value;
  while (!AtEnd() && text_[pos_] != quote) {
    if (text_[pos_] == '\\') {
      if (!Escape(&value))
        return std::nullopt;
    } else {
      value += text_[pos_++];
    }
  }
  if (AtEnd()) {
    Fail(open, "the text that begins here has no closing quote");
    return std::nullopt;
  }
  ++pos_;
  return value;
}

bool Scanner::Escape(std::string* out) {
  constexpr std::string_view kLetters = "ntr\\'\"";
  constexpr std::string_view kMeanings = "\n\t\r\\'\"";
  const size_t at = pos_++;
  const size_t index = AtEnd() ? std::string_view::npos : kLetters.find(text_[pos_]);
  if (index == std::string_view::npos) {
    Fail(at, "unknown escape in a text; there are \\\\ \\' \\\" \\n \\t \\r");
    return false;
  }
  *out += kMeanings[index];
  ++pos_;
  return true;
}

}  // namespace tmpl
