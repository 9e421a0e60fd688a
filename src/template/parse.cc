#include <array>
#include <optional>

#include "base/text.h"
#include "template/ast.h"

namespace tmpl {

using base::Cat;

namespace {

constexpr int kMaxNodes = 256;  // of one expression: bounds every recursion

struct FilterSpec {
  std::string_view name;
  Filter filter;
  size_t min_arguments;
  size_t max_arguments;
};

constexpr std::array kFilters = {
    FilterSpec{"default", Filter::kDefault, 0, 2},
    FilterSpec{"ds", Filter::kDs, 0, 0},
    FilterSpec{"ds_nodash", Filter::kDsNodash, 0, 0},
    FilterSpec{"int", Filter::kInt, 0, 1},
    FilterSpec{"join", Filter::kJoin, 0, 1},
    FilterSpec{"local", Filter::kLocal, 0, 0},
    FilterSpec{"replace", Filter::kReplace, 2, 2},
    FilterSpec{"tojson", Filter::kToJson, 0, 0},
    FilterSpec{"ts", Filter::kTs, 0, 0},
};

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// A recursive descent over the whole text. A method that fails has set problem_ and returns null,
// nothing or false.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Piece>, Problem> Run();
  tl::expected<ExprPtr, Problem> RunBare();

 private:
  bool Comment();
  bool Expression();
  // By Jinja's precedence, the loosest first.
  ExprPtr Choose();
  ExprPtr Or();
  ExprPtr And();
  ExprPtr Negation();
  ExprPtr Comparisons();
  std::optional<Comparison> TakeComparison();
  ExprPtr Chain();  // primary, members, filters and tests
  ExprPtr Tests(ExprPtr input);
  ExprPtr Items();
  bool TakeWord(std::string_view word);
  ExprPtr Primary();
  ExprPtr Members(ExprPtr object);
  ExprPtr Filters(ExprPtr input);
  bool Arguments(FilterCall* call);
  bool CheckArguments(const FilterSpec& spec, size_t given, size_t at);
  ExprPtr Word();
  ExprPtr Number();
  ExprPtr String();
  bool Escape(std::string* out);
  ExprPtr Unexpected(std::string_view expected);

  bool At(std::string_view sign) const { return text_.substr(pos_).starts_with(sign); }
  bool Take(std::string_view sign) {
    if (!At(sign))
      return false;
    pos_ += sign.size();
    return true;
  }
  void SkipSpace() {
    while (pos_ < text_.size() && IsSpace(text_[pos_]))
      ++pos_;
  }
  std::string_view TakeName();
  template <typename Node>
  ExprPtr Make(size_t pos, Node node);
  std::nullptr_t Fail(size_t pos, std::string message) {
    problem_ = Problem{PlaceAt(text_, pos), std::move(message)};
    return nullptr;
  }
  void AddText(std::string_view text);
  // Jinja's `-` beside a delimiter: no white space on that side.
  void TrimBefore();

  std::string_view text_;
  size_t pos_ = 0;
  int nodes_ = 0;
  bool trim_next_ = false;
  std::vector<Piece> pieces_;
  Problem problem_;
};

template <typename Node>
ExprPtr Parser::Make(size_t pos, Node node) {
  if (++nodes_ > kMaxNodes)
    return Fail(pos, "this expression is too long");
  return std::make_unique<Expr>(Expr{std::move(node), pos});
}

void Parser::AddText(std::string_view text) {
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

void Parser::TrimBefore() {
  if (pieces_.empty() || pieces_.back().expr != nullptr)
    return;
  std::string& text = pieces_.back().text;
  while (!text.empty() && IsSpace(text.back()))
    text.pop_back();
  if (text.empty())
    pieces_.pop_back();
}

tl::expected<std::vector<Piece>, Problem> Parser::Run() {
  while (pos_ < text_.size()) {
    size_t open = text_.find('{', pos_);
    while (open != std::string_view::npos &&
           (open + 1 == text_.size() ||
            std::string_view("{#%").find(text_[open + 1]) == std::string_view::npos))
      open = text_.find('{', open + 1);
    AddText(text_.substr(pos_, open - pos_));
    if (open == std::string_view::npos)
      break;
    pos_ = open;
    bool good = false;
    if (At("{#"))
      good = Comment();
    else if (At("{%"))
      Fail(
          pos_,
          "statements ({% … %}) are not supported; write {{ '{%' }} for the characters themselves");
    else
      good = Expression();
    if (!good)
      return tl::unexpected(std::move(problem_));
  }
  return std::move(pieces_);
}

tl::expected<ExprPtr, Problem> Parser::RunBare() {
  ExprPtr expr = Choose();
  if (expr != nullptr && pos_ < text_.size())
    expr = Unexpected("an operator or the end");
  if (expr == nullptr)
    return tl::unexpected(std::move(problem_));
  return expr;
}

bool Parser::Comment() {
  size_t open = pos_;
  size_t close = text_.find("#}", open + 2);
  if (close == std::string_view::npos) {
    Fail(
        open,
        "the comment that begins here has no '#}'; write {{ '{#' }} for the characters themselves");
    return false;
  }
  if (text_[open + 2] == '-')
    TrimBefore();
  trim_next_ = close > open + 2 && text_[close - 1] == '-';
  pos_ = close + 2;
  return true;
}

bool Parser::Expression() {
  size_t open = pos_;
  pos_ += 2;
  nodes_ = 0;
  if (Take("-"))
    TrimBefore();
  trim_next_ = false;
  SkipSpace();
  if (At("}}") || At("-}}")) {
    Fail(open, "there is nothing between '{{' and '}}'");
    return false;
  }
  ExprPtr expr = Choose();
  if (expr == nullptr)
    return false;
  trim_next_ = At("-}}") && Take("-");
  if (!Take("}}")) {
    if (pos_ == text_.size())
      Fail(open, "the '{{' that begins here has no '}}'");
    else
      Unexpected("'}}'");
    return false;
  }
  pieces_.push_back({.text = "", .expr = std::move(expr)});
  return true;
}

ExprPtr Parser::Unexpected(std::string_view expected) {
  if (pos_ == text_.size())
    return Fail(pos_, Cat("expected ", expected, ", found the end of the text"));
  if (At("("))
    return Fail(pos_, "calls are not supported; a filter is written {{ name | filter(…) }}");
  size_t length = 1;
  if (IsNameStart(text_[pos_]) || IsDigit(text_[pos_]))
    while (pos_ + length < text_.size() &&
           (IsNameStart(text_[pos_ + length]) || IsDigit(text_[pos_ + length])))
      ++length;
  else  // the whole of a UTF-8 character
    while (pos_ + length < text_.size() && (text_[pos_ + length] & 0xC0) == 0x80)
      ++length;
  return Fail(pos_,
              Cat("expected ",
                  expected,
                  ", found '",
                  text_.substr(pos_, length),
                  "'; an expression has names, literals, filters and comparisons"));
}

// The word, and not the beginning of a longer name.
bool Parser::TakeWord(std::string_view word) {
  SkipSpace();
  const size_t end = pos_ + word.size();
  if (!At(word) || (end < text_.size() && (IsNameStart(text_[end]) || IsDigit(text_[end]))))
    return false;
  pos_ = end;
  SkipSpace();
  return true;
}

ExprPtr Parser::Choose() {
  ExprPtr expr = Or();
  while (expr != nullptr) {
    const size_t at = pos_;
    if (!TakeWord("if"))
      return expr;
    ExprPtr condition = Or();
    if (condition == nullptr)
      return nullptr;
    if (!TakeWord("else"))
      return Unexpected("'else' (what it is if the condition does not hold)");
    ExprPtr otherwise = Choose();
    if (otherwise == nullptr)
      return nullptr;
    expr = Make(at, Choice{std::move(condition), std::move(expr), std::move(otherwise)});
  }
  return nullptr;
}

ExprPtr Parser::Or() {
  ExprPtr left = And();
  while (left != nullptr) {
    const size_t at = pos_;
    if (!TakeWord("or"))
      return left;
    ExprPtr right = And();
    if (right == nullptr)
      return nullptr;
    left = Make(at, Logic{false, std::move(left), std::move(right)});
  }
  return nullptr;
}

ExprPtr Parser::And() {
  ExprPtr left = Negation();
  while (left != nullptr) {
    const size_t at = pos_;
    if (!TakeWord("and"))
      return left;
    ExprPtr right = Negation();
    if (right == nullptr)
      return nullptr;
    left = Make(at, Logic{true, std::move(left), std::move(right)});
  }
  return nullptr;
}

ExprPtr Parser::Negation() {
  SkipSpace();
  const size_t at = pos_;
  if (!TakeWord("not"))
    return Comparisons();
  if (++nodes_ > kMaxNodes)
    return Fail(at, "this expression is too long");
  ExprPtr operand = Negation();
  return operand == nullptr ? nullptr : Make(at, Not{std::move(operand)});
}

std::optional<Comparison> Parser::TakeComparison() {
  constexpr std::array<std::pair<std::string_view, Comparison>, 6> kSigns{
      {{"==", Comparison::kEqual},
       {"!=", Comparison::kNotEqual},
       {"<=", Comparison::kLessEqual},
       {">=", Comparison::kGreaterEqual},
       {"<", Comparison::kLess},
       {">", Comparison::kGreater}}};
  SkipSpace();
  for (const auto& [sign, comparison] : kSigns) {
    if (Take(sign))
      return comparison;
  }
  if (TakeWord("in"))
    return Comparison::kIn;
  const size_t at = pos_;
  if (TakeWord("not")) {
    if (TakeWord("in"))
      return Comparison::kNotIn;
    pos_ = at;
  }
  return std::nullopt;
}

ExprPtr Parser::Comparisons() {
  ExprPtr first = Chain();
  if (first == nullptr)
    return nullptr;
  const size_t at = first->offset;
  Compare compare;
  while (auto comparison = TakeComparison()) {
    ExprPtr next = Chain();
    if (next == nullptr)
      return nullptr;
    compare.rest.emplace_back(*comparison, std::move(next));
  }
  if (compare.rest.empty())
    return first;
  compare.first = std::move(first);
  return Make(at, std::move(compare));
}

ExprPtr Parser::Chain() {
  ExprPtr expr = Primary();
  if (expr != nullptr)
    expr = Members(std::move(expr));
  if (expr != nullptr)
    expr = Filters(std::move(expr));
  if (expr != nullptr)
    expr = Tests(std::move(expr));
  return expr;
}

ExprPtr Parser::Tests(ExprPtr input) {
  const size_t at = pos_;
  if (!TakeWord("is"))
    return input;
  const bool is_negated = TakeWord("not");
  for (const auto& [word, test] : {std::pair("defined", Test::kDefined),
                                   std::pair("none", Test::kNone),
                                   std::pair("None", Test::kNone)}) {
    if (TakeWord(word))
      return Make(at, TestCall{std::move(input), test, is_negated});
  }
  return Unexpected("'defined' or 'none' after 'is'");
}

// [a, b]
ExprPtr Parser::Items() {
  const size_t open = pos_++;
  List list;
  SkipSpace();
  while (!Take("]")) {
    ExprPtr item = Choose();
    if (item == nullptr)
      return nullptr;
    list.items.push_back(std::move(item));
    if (!At("]") && !Take(","))
      return Unexpected("',' or ']'");
    SkipSpace();
  }
  return Make(open, std::move(list));
}

ExprPtr Parser::Primary() {
  SkipSpace();
  if (pos_ == text_.size())
    return Unexpected("a name");
  char c = text_[pos_];
  if (c == '\'' || c == '"')
    return String();
  if (IsDigit(c) || (c == '-' && pos_ + 1 < text_.size() && IsDigit(text_[pos_ + 1])))
    return Number();
  if (IsNameStart(c))
    return Word();
  if (c == '[')
    return Items();
  if (c != '(')
    return Unexpected("a name, a number or a text in quotes");
  size_t open = pos_++;
  if (++nodes_ > kMaxNodes)
    return Fail(open, "this expression is too long");
  ExprPtr expr = Choose();
  if (expr != nullptr && !Take(")"))
    return Unexpected("')'");
  return expr;
}

ExprPtr Parser::Members(ExprPtr object) {
  while (object != nullptr) {
    SkipSpace();
    size_t at = pos_;
    if (Take(".")) {
      SkipSpace();
      at = pos_;
      std::string_view name = TakeName();
      if (name.empty())
        return Unexpected("a name after '.' (other keys: name['the-key'])");
      ExprPtr key = Make(at, Literal{json::string(name)});
      object = Make(at, Subscript{std::move(object), std::move(key)});
    } else if (Take("[")) {
      ExprPtr key = Choose();
      if (key == nullptr)
        return nullptr;
      if (!Take("]"))
        return Unexpected("']'");
      object = Make(at, Subscript{std::move(object), std::move(key)});
    } else {
      return object;
    }
  }
  return nullptr;
}

ExprPtr Parser::Filters(ExprPtr input) {
  while (input != nullptr) {
    SkipSpace();
    if (!Take("|"))
      return input;
    SkipSpace();
    size_t at = pos_;
    std::string_view name = TakeName();
    if (name.empty())
      return Unexpected("a filter's name after '|'");
    const FilterSpec* spec = nullptr;
    std::vector<std::string> names;
    for (const FilterSpec& candidate : kFilters) {
      names.emplace_back(candidate.name);
      if (candidate.name == name)
        spec = &candidate;
    }
    if (spec == nullptr) {
      auto near = base::DidYouMean(name, names);
      return Fail(at,
                  Cat("there is no filter '",
                      name,
                      "'; ",
                      near ? Cat("did you mean '", *near, "'?")
                           : Cat("there are ", base::Join(names, ", "))));
    }
    FilterCall call{.input = std::move(input), .filter = spec->filter, .arguments = {}};
    SkipSpace();
    if (Take("(") && !Arguments(&call))
      return nullptr;
    if (!CheckArguments(*spec, call.arguments.size(), at))
      return nullptr;
    input = Make(at, std::move(call));
  }
  return nullptr;
}

bool Parser::Arguments(FilterCall* call) {
  SkipSpace();
  if (Take(")"))
    return true;
  while (true) {
    ExprPtr argument = Choose();
    if (argument == nullptr)
      return false;
    call->arguments.push_back(std::move(argument));
    if (Take(")"))
      return true;
    if (!Take(",")) {
      Unexpected("',' or ')'");
      return false;
    }
  }
}

bool Parser::CheckArguments(const FilterSpec& spec, size_t given, size_t at) {
  if (given >= spec.min_arguments && given <= spec.max_arguments)
    return true;
  std::string wanted = spec.max_arguments == 0 ? "no arguments"
                       : spec.min_arguments == spec.max_arguments
                           ? Cat(spec.max_arguments, " arguments")
                           : Cat("at most ", spec.max_arguments);
  Fail(at, Cat("the filter '", spec.name, "' takes ", wanted, ", found ", given));
  return false;
}

std::string_view Parser::TakeName() {
  size_t begin = pos_;
  if (pos_ < text_.size() && IsNameStart(text_[pos_]))
    while (pos_ < text_.size() && (IsNameStart(text_[pos_]) || IsDigit(text_[pos_])))
      ++pos_;
  return text_.substr(begin, pos_ - begin);
}

ExprPtr Parser::Word() {
  size_t at = pos_;
  std::string_view name = TakeName();
  if (name == "true" || name == "True" || name == "false" || name == "False")
    return Make(at, Literal{name[0] == 't' || name[0] == 'T'});
  if (name == "none" || name == "None")
    return Make(at, Literal{nullptr});
  for (std::string_view operation : {"and", "or", "not", "if", "else", "in", "is"})
    if (name == operation) {
      pos_ = at;
      return Unexpected("a name, a number or a text in quotes");
    }
  return Make(at, Name{std::string(name)});
}

ExprPtr Parser::Number() {
  size_t at = pos_;
  auto digits = [&] {
    while (pos_ < text_.size() && IsDigit(text_[pos_]))
      ++pos_;
  };
  Take("-");
  digits();
  bool whole = true;
  if (pos_ + 1 < text_.size() && text_[pos_] == '.' && IsDigit(text_[pos_ + 1])) {
    whole = false;
    ++pos_;
    digits();
  }
  if (At("e") || At("E")) {
    size_t exponent = pos_ + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-'))
      ++exponent;
    if (exponent < text_.size() && IsDigit(text_[exponent])) {
      whole = false;
      pos_ = exponent;
      digits();
    }
  }
  std::string_view written = text_.substr(at, pos_ - at);
  if (whole) {
    if (auto integer = base::ParseInt(written))
      return Make(at, Literal{*integer});
  } else if (auto number = base::ParseDouble(written)) {
    return Make(at, Literal{*number});
  }
  return Fail(at, Cat("'", written, "' is a number that 64 bits cannot hold"));
}

ExprPtr Parser::String() {
  size_t open = pos_;
  char quote = text_[pos_++];
  std::string value;
  while (pos_ < text_.size() && text_[pos_] != quote) {
    if (text_[pos_] == '\\') {
      if (!Escape(&value))
        return nullptr;
    } else {
      value += text_[pos_++];
    }
  }
  if (pos_ == text_.size())
    return Fail(open, "the text that begins here has no closing quote");
  ++pos_;
  return Make(open, Literal{json::string(value)});
}

bool Parser::Escape(std::string* out) {
  constexpr std::string_view kLetters = "ntr\\'\"";
  constexpr std::string_view kMeanings = "\n\t\r\\'\"";
  size_t at = pos_++;
  size_t index = pos_ < text_.size() ? kLetters.find(text_[pos_]) : std::string_view::npos;
  if (index == std::string_view::npos) {
    Fail(at, "unknown escape in a text; there are \\\\ \\' \\\" \\n \\t \\r");
    return false;
  }
  *out += kMeanings[index];
  ++pos_;
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

tl::expected<ExprPtr, Problem> ParseExpression(std::string_view text) {
  return Parser(text).RunBare();
}

tl::expected<std::vector<Piece>, Problem> ParsePieces(std::string_view text) {
  return Parser(text).Run();
}

}  // namespace tmpl
