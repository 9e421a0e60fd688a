#pragma once

// Reads the signs of an expression, one after the other. Only for this folder.
//
// A method that fails has set the problem and returns nothing or null.

#include <optional>
#include <string>
#include <string_view>

#include "template/ast.h"

namespace tmpl {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  size_t pos() const { return pos_; }
  void set_pos(size_t pos) { pos_ = pos; }
  bool AtEnd() const { return pos_ == text_.size(); }
  // The next character; 0 at the end.
  char Next() const { return AtEnd() ? '\0' : text_[pos_]; }

  bool At(std::string_view sign) const { return text_.substr(pos_).starts_with(sign); }
  bool Take(std::string_view sign);
  void SkipSpace();
  bool AtDigit() const;
  bool AtName() const;
  // A number, or a minus before one.
  bool AtNumber() const;

  // The name that stands here; empty: none.
  std::string_view PeekName() const;
  std::string_view TakeName();
  bool TakeWord(std::string_view word);

  // 5, -2.5, 1e3, and the spans of time of DAG files: 1d, 1h30m.
  std::optional<Value> Number();
  // REQUIRES: at a quote.
  std::optional<std::string> Text();

  std::nullptr_t Fail(size_t pos, std::string message);
  // As Fail, for rules that answer yes or no.
  bool Refuse(size_t pos, std::string message) {
    Fail(pos, std::move(message));
    return false;
  }
  std::nullptr_t Unexpected(std::string_view expected);
  Problem& problem() { return problem_; }

 private:
  void SkipDigits();
  bool AtFraction() const;
  // Past a fraction and an exponent; whether there were any.
  bool SkipFraction();
  std::optional<Value> Duration(size_t begin);
  bool Escape(std::string* out);

  std::string_view text_;
  size_t pos_ = 0;
  Problem problem_;
};

// Words that are no names.
bool IsKeyword(std::string_view word);

}  // namespace tmpl
