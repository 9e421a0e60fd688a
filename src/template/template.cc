#include "template/template.h"

#include <algorithm>

#include "base/text.h"
#include "template/ast.h"
#include "template/eval.h"
#include "template/expression.h"
#include "template/visit.h"

namespace tmpl {

using base::Cat;
using base::ErrorCode;

namespace {

base::Error At(ErrorCode code, Place place, std::string_view message) {
  return {code,
          place.line == 1 ? Cat("column ", place.column, ": ", message)
                          : Cat("line ", place.line, " column ", place.column, ": ", message)};
}

base::Error At(std::string_view text, const EvalError& error) {
  return At(
      error.kind == EvalError::Kind::kWrong ? ErrorCode::kInvalidArgument : ErrorCode::kNotFound,
      PlaceAt(text, error.offset),
      error.message);
}

// Of a text that would be filled with a secret that no expression asked for.
EvalError ForgedAt(size_t offset) {
  return {.offset = offset,
          .message = Cat("the text holds '", kSecretMark, "', which only Signalbox may write")};
}

bool HoldsMark(const json::value& value) {
  if (const json::string* text = value.if_string())
    return View(*text).find(kSecretMark) != std::string_view::npos;
  if (const json::array* list = value.if_array())
    return std::ranges::any_of(*list, HoldsMark);
  const json::object* object = value.if_object();
  return object != nullptr &&
         std::ranges::any_of(*object, [](const auto& item) { return HoldsMark(item.value()); });
}

// One piece as a text.
Evaluated<std::string> PieceText(const Piece& piece, const Evaluator& evaluator, bool& is_mark) {
  if (piece.expr == nullptr)
    return piece.text;
  auto value = evaluator.EvalWhole(*piece.expr);
  if (!value)
    return tl::unexpected(std::move(value.error()));
  const auto* secret = std::get_if<Secret>(&*value);
  is_mark = secret != nullptr;
  if (is_mark)
    return MarkOf(secret->path);
  auto text = ToText(*value);
  if (!text)
    return tl::unexpected(
        EvalError{.offset = piece.expr->offset, .message = std::move(text.error().message)});
  return std::move(*text);
}

// All pieces as one text, and every problem on the way.
struct Whole {
  std::string text;
  std::vector<EvalError> problems;
  std::vector<size_t> marks = {};  // where secrets stand in it

  // Pieces that are none may make a mark together.
  bool IsForged() const {
    size_t next = 0;
    for (size_t at = text.find(kSecretMark); at != std::string::npos;
         at = text.find(kSecretMark, at + 1)) {
      if (next == marks.size() || marks[next] != at)
        return true;
      ++next;
    }
    return false;
  }
};

Whole RenderPieces(const std::vector<Piece>& pieces, const Evaluator& evaluator) {
  Whole whole;
  for (const Piece& piece : pieces) {
    bool is_mark = false;
    auto text = PieceText(piece, evaluator, is_mark);
    if (!text) {
      whole.problems.push_back(std::move(text.error()));
      continue;
    }
    if (is_mark)
      whole.marks.push_back(whole.text.size());
    whole.text += *text;
    if (whole.text.size() <= kMaxText)
      continue;
    const size_t offset = piece.expr == nullptr ? 0 : piece.expr->offset;
    whole.problems.push_back({.offset = offset, .message = "the whole text is longer than 1 MiB"});
    break;
  }
  if (whole.IsForged())
    whole.problems.push_back(ForgedAt(0));
  return whole;
}

Evaluated<json::value> ValueOf(const Expr& expr, const Evaluator& evaluator) {
  auto value = evaluator.EvalWhole(expr);
  if (!value)
    return tl::unexpected(std::move(value.error()));
  if (const auto* secret = std::get_if<Secret>(&*value))
    return json::string(MarkOf(secret->path));
  json::value plain = ToJsonValue(*std::move(value));
  if (HoldsMark(plain))
    return tl::unexpected(ForgedAt(expr.offset));
  return plain;
}

// A text that is exactly one expression keeps its value's type.
bool IsOneExpression(const std::vector<Piece>& pieces) {
  return pieces.size() == 1 && pieces[0].expr != nullptr;
}

base::Result<json::value> RenderAt(const json::value& value,
                                   const Context& context,
                                   SecretPlaces places,
                                   const std::string& path) {
  if (value.is_string()) {
    const bool takes = places != nullptr && places(path);
    auto parsed = Template::Parse(View(value.get_string()));
    auto rendered = parsed ? parsed->Render(context, takes ? Secrets::kTaken : Secrets::kRefused)
                           : base::Fail(parsed.error());
    if (!rendered)
      return base::Fail(rendered.error().code,
                        Cat(path, path.empty() ? "" : ": ", rendered.error().message));
    return rendered;
  }
  if (value.is_array()) {
    json::array array;
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      ASSIGN_OR_RETURN(auto item,
                       RenderAt(value.get_array()[i], context, places, Cat(path, "[", i, "]")));
      array.push_back(std::move(item));
    }
    return array;
  }
  if (value.is_object()) {
    json::object object;
    for (const auto& member : value.get_object()) {
      std::string_view key(member.key().data(), member.key().size());
      ASSIGN_OR_RETURN(
          auto rendered,
          RenderAt(member.value(), context, places, Cat(path, path.empty() ? "" : ".", key)));
      object[member.key()] = std::move(rendered);
    }
    return object;
  }
  return value;
}

// Nothing where a part of the text is not known, or wrong.
std::optional<json::value> KnownValue(std::string_view text, const Context& known) {
  auto pieces = ParsePieces(text);
  if (!pieces)
    return std::nullopt;
  Evaluator evaluator(known, Mode::kCheck);
  for (const Piece& piece : *pieces) {
    auto value = piece.expr == nullptr ? Evaluated<Value>() : evaluator.Eval(*piece.expr);
    if (!value || std::holds_alternative<Unknown>(*value) || IsHidden(*value))
      return std::nullopt;
  }
  auto rendered =
      Template::Parse(text).and_then([&](const Template& parsed) { return parsed.Render(known); });
  return rendered ? std::optional(std::move(*rendered)) : std::nullopt;
}

}  // namespace

Template::Template(std::string_view text, std::vector<Piece> pieces)
    : text_(text), pieces_(std::make_shared<const std::vector<Piece>>(std::move(pieces))) {}

base::Result<Template> Template::Parse(std::string_view text) {
  auto pieces = ParsePieces(text);
  if (!pieces)
    return base::Fail(
        At(ErrorCode::kInvalidArgument, pieces.error().place, pieces.error().message));
  return Template(text, std::move(*pieces));
}

base::Result<json::value> Template::Render(const Context& context, Secrets secrets) const {
  const Evaluator evaluator(context, Mode::kRender, secrets);
  if (IsOneExpression(*pieces_)) {
    auto value = ValueOf(*pieces_->front().expr, evaluator);
    if (!value)
      return base::Fail(At(text_, value.error()));
    return std::move(*value);
  }
  Whole whole = RenderPieces(*pieces_, evaluator);
  if (!whole.problems.empty())
    return base::Fail(At(text_, whole.problems.front()));
  return json::string(whole.text);
}

std::vector<Problem> Check(std::string_view text, const Context& known, Secrets secrets) {
  auto pieces = ParsePieces(text);
  if (!pieces)
    return {std::move(pieces.error())};
  const Evaluator evaluator(known, Mode::kCheck, secrets);
  std::vector<EvalError> found;
  if (!IsOneExpression(*pieces))
    found = RenderPieces(*pieces, evaluator).problems;
  else if (auto value = ValueOf(*pieces->front().expr, evaluator); !value)
    found.push_back(std::move(value.error()));
  std::vector<Problem> problems;
  for (const EvalError& error : found)
    problems.push_back({PlaceAt(text, error.offset), error.message});
  return problems;
}

json::value RenderKnown(const json::value& document, const Context& known) {
  if (const json::string* text = document.if_string())
    return KnownValue(View(*text), known).value_or(document);
  if (const json::array* list = document.if_array()) {
    json::array out;
    for (const json::value& item : *list)
      out.push_back(RenderKnown(item, known));
    return out;
  }
  if (const json::object* object = document.if_object()) {
    json::object out;
    for (const auto& [key, member] : *object)
      out[key] = RenderKnown(member, known);
    return out;
  }
  return document;
}

base::Result<json::value> RenderJson(const json::value& document,
                                     const Context& context,
                                     SecretPlaces places) {
  return RenderAt(document, context, places, "");
}

Expression::Expression(std::string_view text, std::shared_ptr<const Expr> expr)
    : text_(text), expr_(std::move(expr)) {}

base::Result<Expression> Expression::Parse(std::string_view text) {
  auto expr = ParseBare(text);
  if (!expr)
    return base::Fail(At(ErrorCode::kInvalidArgument, expr.error().place, expr.error().message));
  return Expression(text, std::move(*expr));
}

base::Result<json::value> Expression::Evaluate(const Context& context) const {
  auto value = ValueOf(*expr_, Evaluator(context, Mode::kRender));
  if (!value)
    return base::Fail(At(text_, value.error()));
  return std::move(*value);
}

std::optional<json::value> ConstantOf(std::string_view text) {
  const auto expr = ParseBare(text);
  if (!expr || HasNames(**expr))
    return std::nullopt;
  const auto value = ValueOf(**expr, Evaluator(Context(), Mode::kRender));
  return value ? std::optional(*value) : std::nullopt;
}

std::vector<ComparedText> TextsComparedWith(std::string_view text, std::string_view map) {
  std::vector<ComparedText> found;
  const auto expr = ParseBare(text);
  if (!expr)
    return found;
  for (const Expr* each : TextsBeside(**expr, map)) {
    const auto& value = std::get<json::value>(std::get<Literal>(each->node).value);
    found.push_back({std::string(value.get_string()), PlaceAt(text, each->offset)});
  }
  return found;
}

std::vector<Problem> CheckExpression(std::string_view text, const Context& known) {
  auto expr = ParseBare(text);
  if (!expr)
    return {std::move(expr.error())};
  auto value = ValueOf(**expr, Evaluator(known, Mode::kCheck));
  if (value)
    return {};
  return {{PlaceAt(text, value.error().offset), value.error().message}};
}

}  // namespace tmpl
