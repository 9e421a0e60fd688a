#include "template/template.h"

#include "base/text.h"
#include "template/ast.h"
#include "template/eval.h"

namespace tmpl {

using base::Cat;
using base::ErrorCode;

namespace {

tl::unexpected<base::Error> At(ErrorCode code, Place place, std::string_view message) {
  return base::Fail(code,
                    place.line == 1
                        ? Cat("column ", place.column, ": ", message)
                        : Cat("line ", place.line, " column ", place.column, ": ", message));
}

// One piece as a text.
Evaluated<std::string> PieceText(const Piece& piece, const Evaluator& evaluator) {
  if (piece.expr == nullptr)
    return piece.text;
  auto value = evaluator.Eval(*piece.expr);
  if (!value)
    return tl::unexpected(std::move(value.error()));
  auto text = ToText(*value);
  if (!text)
    return tl::unexpected(EvalError{piece.expr->offset, false, std::move(text.error().message)});
  return std::move(*text);
}

// The value of a text that is exactly one expression.
Evaluated<json::value> Whole(const Expr& expr, const Evaluator& evaluator) {
  auto value = evaluator.Eval(expr);
  if (!value)
    return tl::unexpected(std::move(value.error()));
  if (const auto* time = std::get_if<DateTime>(&*value))
    return json::string(IsoFormat(*time));
  if (auto* plain = std::get_if<json::value>(&*value))
    return std::move(*plain);
  return nullptr;
}

bool IsWhole(const std::vector<Piece>& pieces) {
  return pieces.size() == 1 && pieces[0].expr != nullptr;
}

base::Result<json::value> RenderAt(const json::value& value,
                                   const Context& context,
                                   const std::string& path) {
  if (value.is_string()) {
    auto parsed = Template::Parse(View(value.get_string()));
    auto rendered = parsed ? parsed->Render(context) : base::Fail(parsed.error());
    if (!rendered)
      return base::Fail(rendered.error().code,
                        Cat(path, path.empty() ? "" : ": ", rendered.error().message));
    return rendered;
  }
  if (value.is_array()) {
    json::array array;
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      ASSIGN_OR_RETURN(auto item, RenderAt(value.get_array()[i], context, Cat(path, "[", i, "]")));
      array.push_back(std::move(item));
    }
    return array;
  }
  if (value.is_object()) {
    json::object object;
    for (const auto& member : value.get_object()) {
      std::string_view key(member.key().data(), member.key().size());
      ASSIGN_OR_RETURN(auto rendered,
                       RenderAt(member.value(), context, Cat(path, path.empty() ? "" : ".", key)));
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
    if (!value || std::holds_alternative<Unknown>(*value))
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
    return At(ErrorCode::kInvalidArgument, pieces.error().place, pieces.error().message);
  return Template(text, std::move(*pieces));
}

base::Result<json::value> Template::Render(const Context& context) const {
  Evaluator evaluator(context, Mode::kRender);
  auto fail = [&](const EvalError& error) {
    return At(error.undefined ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
              PlaceAt(text_, error.offset),
              error.message);
  };
  if (IsWhole(*pieces_)) {
    auto value = Whole(*pieces_->front().expr, evaluator);
    if (!value)
      return fail(value.error());
    return std::move(*value);
  }
  std::string out;
  for (const Piece& piece : *pieces_) {
    auto text = PieceText(piece, evaluator);
    if (!text)
      return fail(text.error());
    out += *text;
  }
  return json::string(out);
}

Expression::Expression(std::string_view text, std::shared_ptr<const Expr> expr)
    : text_(text), expr_(std::move(expr)) {}

base::Result<Expression> Expression::Parse(std::string_view text) {
  auto expr = ParseExpression(text);
  if (!expr)
    return At(ErrorCode::kInvalidArgument, expr.error().place, expr.error().message);
  return Expression(text, std::shared_ptr<const Expr>(std::move(*expr)));
}

base::Result<bool> Expression::IsTrue(const Context& context) const {
  auto value = Evaluator(context, Mode::kRender).Eval(*expr_);
  if (!value)
    return At(value.error().undefined ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
              PlaceAt(text_, value.error().offset),
              value.error().message);
  return tmpl::IsTrue(*value);
}

std::vector<Problem> CheckExpression(std::string_view text, const Context& known) {
  auto expr = ParseExpression(text);
  if (!expr)
    return {std::move(expr.error())};
  auto value = Evaluator(known, Mode::kCheck).Eval(**expr);
  if (value)
    return {};
  return {{PlaceAt(text, value.error().offset), value.error().message}};
}

std::vector<Problem> Check(std::string_view text, const Context& known) {
  auto pieces = ParsePieces(text);
  if (!pieces)
    return {std::move(pieces.error())};
  Evaluator evaluator(known, Mode::kCheck);
  std::vector<Problem> problems;
  auto add = [&](const EvalError& error) {
    problems.push_back({PlaceAt(text, error.offset), error.message});
  };
  if (IsWhole(*pieces)) {
    if (auto value = Whole(*pieces->front().expr, evaluator); !value)
      add(value.error());
    return problems;
  }
  for (const Piece& piece : *pieces)
    if (auto rendered = PieceText(piece, evaluator); !rendered)
      add(rendered.error());
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

base::Result<json::value> RenderJson(const json::value& document, const Context& context) {
  return RenderAt(document, context, "");
}

}  // namespace tmpl
