#include "api/sealed.h"

#include <algorithm>
#include <utility>

#include "api/audit_words.h"
#include "api/filters.h"
#include "api/paging.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using base::Cat;

// With "trouble" in place of its values where it does not open: others are still listed.
json::object Shown(const SealedKind& kind,
                   const secrets::Keyring& keyring,
                   const model::RecordRow& row) {
  const auto shown = keyring.Open(row).and_then(
      [&](const std::string& document) { return kind.show(row.id.name, document); });
  if (shown)
    return *shown;
  json::object out = *kind.show(row.id.name, "");
  out["trouble"] = shown.error().message;
  return out;
}

std::strong_ordering Compare(const json::value* a, const json::value* b) {
  const bool has_a = a != nullptr && !a->is_null(), has_b = b != nullptr && !b->is_null();
  if (!has_a || !has_b)
    return has_a <=> has_b;
  if (a->is_int64() && b->is_int64())
    return a->get_int64() <=> b->get_int64();
  return base::ScalarText(*a) <=> base::ScalarText(*b);
}

// Stores it, and answers with how it is shown.
void Store(const SealedKind& kind,
           Context& context,
           const Exchange& exchange,
           const std::string& name,
           const model::RecordRow* row,
           Answered answered) {
  const model::RecordKey id{kind.kind, name};
  const auto old = OpenOld(context, row);
  if (!old)
    return answered(base::Fail(old.error()));
  const auto document = kind.make(name, exchange.body, *old);
  if (!document)
    return answered(base::Fail(document.error()));
  auto body = context.commands.Seal(id, *document);
  if (!body)
    return answered(base::Fail(body.error()));
  auto shown = kind.show(name, *document);
  const int64_t revision = row == nullptr ? 0 : row->revision;
  model::ChangeRecords::One one{id, *std::move(body), revision};
  TellMembers(*old, *document, one);
  context.commands.ChangeRecords(
      {.records = {std::move(one)}, .what = "set", .by = exchange.principal()},
      [shown = *std::move(shown), revision, answered = std::move(answered)](const auto& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        if (revision > 0)
          return answered(shown);
        http::Response created{.status = 201, .body = base::ValidUtf8(base::Serialize(shown))};
        created.headers.Set("Content-Type", "application/json");
        answered(std::move(created));
      });
}

base::Error Missing(const model::RecordKey& id) {
  return {base::ErrorCode::kNotFound,
          Cat("there is no ", ToString(id.kind), " '", base::Excerpt(id.name), "'")};
}

}  // namespace

base::Result<std::optional<std::string>> OpenOld(Context& context, const model::RecordRow* row) {
  if (row == nullptr)
    return std::nullopt;
  ASSIGN_OR_RETURN(std::string document, context.views.Publish().keyring->Open(*row));
  return document;
}

Answer ListSealed(const SealedKind& kind, const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, kind.orders);
  if (!order)
    return order.error();
  const auto patterns =
      ReadPatterns(exchange, kind.kind == model::RecordKind::kVariable ? "variable_key" : kind.id);
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Records(kind.kind));
  std::vector<json::object> found;
  for (const model::RecordRow& row : rows) {
    if (FitsAll(patterns, row.id.name))
      found.push_back(Shown(kind, *reading.now.keyring, row));
  }
  const auto member = [&](const json::object& one, size_t which) {
    const json::value* value = one.if_contains(kind.orders[which]);
    return value == nullptr ? one.if_contains(kind.id) : value;
  };
  PutInOrder(found, *order, [&](const json::object& a, const json::object& b, size_t which) {
    return Compare(member(a, which), member(b, which));
  });
  json::array list;
  for (json::object& one : found)
    list.push_back(std::move(one));
  return PageOf(kind.list, std::move(list), *paging);
}

Answer GetSealed(const SealedKind& kind, const Reading& reading, const Exchange& exchange) {
  const model::RecordKey id{kind.kind, exchange.args.at(0)};
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Records(kind.kind));
  const auto row = std::ranges::find(rows, id, &model::RecordRow::id);
  if (row == rows.end())
    return base::Fail(Missing(id));
  ASSIGN_OR_RETURN(const std::string document, reading.now.keyring->Open(*row));
  ASSIGN_OR_RETURN(json::object shown, kind.show(id.name, document));
  return shown;
}

void CreateSealed(const SealedKind& kind,
                  Context& context,
                  const Exchange& exchange,
                  Answered answered) {
  const std::string name = base::GetString(exchange.body, kind.id);
  if (context.views.Record({kind.kind, name}) != nullptr)
    return answered(base::Fail(
        base::ErrorCode::kConflict,
        Cat("the ", ToString(kind.kind), " '", base::Excerpt(name), "' exists already")));
  Store(kind, context, exchange, name, nullptr, std::move(answered));
}

void PatchSealed(const SealedKind& kind,
                 Context& context,
                 const Exchange& exchange,
                 Answered answered) {
  const std::string& name = exchange.args.at(0);
  const model::RecordRow* row = context.views.Record({kind.kind, name});
  if (row == nullptr)
    return answered(base::Fail(Missing({kind.kind, name})));
  if (exchange.body.contains(kind.id) && base::GetString(exchange.body, kind.id) != name)
    return answered(http::ErrorResponse(
        400, Cat("'", kind.id, "' in the body is not the one of the path: it cannot be changed")));
  Store(kind, context, exchange, name, row, std::move(answered));
}

void DeleteSealed(const SealedKind& kind,
                  Context& context,
                  const Exchange& exchange,
                  Answered answered) {
  model::ChangeRecords::One one{.id = {kind.kind, exchange.args.at(0)}};
  const model::RecordRow* row = context.views.Record(one.id);
  // One that does not open can be removed, too.
  TellMembers(OpenOld(context, row).value_or(std::nullopt), std::nullopt, one);
  if (row != nullptr)
    one.expected = row->revision;
  context.commands.ChangeRecords(
      {.records = {std::move(one)}, .what = "removed", .by = exchange.principal()},
      [answered = std::move(answered)](const auto& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        answered(NoContent());
      });
}

}  // namespace api
