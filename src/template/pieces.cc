#include <optional>

#include "template/parse.h"

namespace tmpl {

namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Splits a text into stretches of text and expressions. A method that fails has set the scanner's
// problem and returns false.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : scan_(text) {}

  tl::expected<std::vector<Piece>, Problem> Run();

 private:
  // Where the next comment, statement or expression begins.
  size_t NextOpening() const;
  bool Inside();
  bool Comment();
  bool Expression();
  void AddText(std::string_view text);
  // Jinja's `-` beside a delimiter: no white space on that side.
  void TrimBefore();

  Scanner scan_;
  bool trim_next_ = false;
  std::vector<Piece> pieces_;
};

void Splitter::AddText(std::string_view text) {
  if (trim_next_) {
    while (!text.empty() && IsSpace(text.front()))
      text.remove_prefix(1);
    trim_next_ = false;
  }
  if (text.empty())
    return;
  if (pieces_.empty() || pieces_.back().expr != nullptr)
    pieces_.emplace_back();
  pieces_.back().text += text;
}

void Splitter::TrimBefore() {
  if (pieces_.empty() || pieces_.back().expr != nullptr)
    return;
  std::string& text = pieces_.back().text;
  while (!text.empty() && IsSpace(text.back()))
    text.pop_back();
  if (text.empty())
    pieces_.pop_back();
}

size_t Splitter::NextOpening() const {
  const std::string_view text = scan_.text();
  size_t open = text.find('{', scan_.pos());
  while (open != std::string_view::npos &&
         (open + 1 == text.size() ||
          std::string_view("{#%").find(text[open + 1]) == std::string_view::npos))
    open = text.find('{', open + 1);
  return open;
}

tl::expected<std::vector<Piece>, Problem> Splitter::Run() {
  while (!scan_.AtEnd()) {
    const size_t open = NextOpening();
    AddText(scan_.text().substr(scan_.pos(), open - scan_.pos()));
    if (open == std::string_view::npos)
      break;
    scan_.set_pos(open);
    if (!Inside())
      return tl::unexpected(std::move(scan_.problem()));
  }
  return std::move(pieces_);
}

bool Splitter::Inside() {
  if (scan_.At("{#"))
    return Comment();
  if (!scan_.At("{%"))
    return Expression();
  return scan_.Refuse(
      scan_.pos(),
      "statements ({% … %}) are not supported; write {{ '{%' }} for the characters themselves");
}

bool Splitter::Comment() {
  const size_t open = scan_.pos();
  const std::string_view text = scan_.text();
  const size_t close = text.find("#}", open + 2);
  if (close == std::string_view::npos)
    return scan_.Refuse(
        open,
        "the comment that begins here has no '#}'; write {{ '{#' }} for the characters themselves");
  if (text[open + 2] == '-')
    TrimBefore();
  trim_next_ = close > open + 2 && text[close - 1] == '-';
  scan_.set_pos(close + 2);
  return true;
}

bool Splitter::Expression() {
  const size_t open = scan_.pos();
  scan_.Take("{{");
  if (scan_.Take("-"))
    TrimBefore();
  trim_next_ = false;
  scan_.SkipSpace();
  if (scan_.At("}}") || scan_.At("-}}"))
    return scan_.Refuse(open, "there is nothing between '{{' and '}}'");
  ExprPtr expr = Parser(scan_).Parse();
  if (expr == nullptr)
    return false;
  scan_.SkipSpace();
  trim_next_ = scan_.At("-}}") && scan_.Take("-");
  if (!scan_.Take("}}")) {
    if (scan_.AtEnd())
      return scan_.Refuse(open, "the '{{' that begins here has no '}}'");
    scan_.Unexpected("'}}'");
    return false;
  }
  pieces_.push_back({.text = "", .expr = std::move(expr)});
  return true;
}

}  // namespace

Place PlaceAt(std::string_view text, size_t offset) {
  Place place;
  for (char c : text.substr(0, offset)) {
    if (c == '\n')
      place = {place.line + 1, 1};
    else
      ++place.column;
  }
  return place;
}

tl::expected<std::vector<Piece>, Problem> ParsePieces(std::string_view text) {
  return Splitter(text).Run();
}

tl::expected<ExprPtr, Problem> ParseBare(std::string_view text) {
  Scanner scan(text);
  ExprPtr expr = Parser(scan).Parse();
  scan.SkipSpace();
  if (expr != nullptr && !scan.AtEnd())
    expr = scan.Unexpected("the end of the expression");
  if (expr == nullptr)
    return tl::unexpected(std::move(scan.problem()));
  return expr;
}

}  // namespace tmpl
