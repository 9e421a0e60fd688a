#include "api/paging.h"

#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr int64_t kLimitMax = 1000;
constexpr int64_t kOffsetMax = 10'000;
constexpr char kBackward = '~';

std::optional<Cursor> ParseCursor(std::string_view text) {
  Cursor cursor;
  cursor.is_backward = text.starts_with(kBackward);
  text.remove_prefix(cursor.is_backward ? 1 : 0);
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = base::HexDigit(text[i]), low = base::HexDigit(text[i + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  auto values = base::ParseJson(bytes);
  if (text.size() % 2 != 0 || !values || !values->is_array())
    return std::nullopt;
  cursor.values = std::move(values->get_array());
  return cursor;
}

tl::unexpected<http::Response> Invalid(const base::Error& error) {
  return tl::unexpected(http::ErrorResponse(422, error.message));
}

}  // namespace

tl::unexpected<http::Response> BadRequest(std::string message) {
  return tl::unexpected(http::ErrorResponse(400, std::move(message)));
}

http::Response NotOfThisList() {
  return http::ErrorResponse(400, "'cursor' is of another list, or of another order of this one");
}

std::string CursorText(const json::array& values, bool is_backward) {
  return base::Cat(is_backward ? "~" : "", base::Hex(base::Serialize(values)));
}

Asked<Paging> ReadPaging(const Exchange& exchange) {
  Paging paging;
  const auto limit = ReadInt(exchange, "limit", paging.limit);
  if (!limit)
    return Invalid(limit.error());
  const auto offset = ReadInt(exchange, "offset", 0);
  if (!offset)
    return Invalid(offset.error());
  const auto cursor = ReadOne(exchange, "cursor");
  if (!cursor)
    return Invalid(cursor.error());
  paging.limit = static_cast<int>(std::min(*limit, kLimitMax));
  paging.by_cursor = cursor->has_value();
  if (paging.by_cursor && !(*cursor)->empty()) {
    paging.cursor = ParseCursor(**cursor);
    if (!paging.cursor)
      return BadRequest("'cursor' must be empty or the next_cursor of an answer");
  }
  if (paging.by_cursor)
    return paging;
  if (*offset > kOffsetMax)
    return BadRequest(base::Cat(
        "'offset' may be at most ",
        kOffsetMax,
        ": go on with 'cursor', the next_cursor of each answer ('cursor=' for the first)"));
  paging.offset = static_cast<int>(*offset);
  return paging;
}

json::object ListObject(
    std::string_view name, json::array items, int64_t total, const Paging& paging, Links links) {
  json::object out{{name, std::move(items)}};
  const bool is_limited = total > store::kCountedMax;
  if (paging.by_cursor)
    out["total_entries"] = nullptr;
  else
    out["total_entries"] = is_limited ? store::kCountedMax : total;
  out["total_entries_limited"] = is_limited;
  out["next_cursor"] = std::move(links.next);
  out["previous_cursor"] = std::move(links.previous);
  return out;
}

Slice SliceOf(size_t total, const Paging& paging) {
  const auto limit = static_cast<size_t>(paging.limit);
  size_t begin = static_cast<size_t>(paging.offset), end = begin + limit;
  const json::array* place = paging.cursor ? &paging.cursor->values : nullptr;
  if (place != nullptr && place->size() == 1 && (*place)[0].is_int64()) {
    const auto at = static_cast<size_t>(std::max<int64_t>((*place)[0].get_int64(), 0));
    const bool back = paging.cursor->is_backward;
    begin = !back ? at : at - std::min(at, limit);
    end = back ? at : at + limit;
  }
  return {std::min(begin, total), std::min(end, total), total};
}

json::object ListObject(std::string_view name,
                        json::array items,
                        const Slice& slice,
                        const Paging& paging) {
  Links links;
  if (slice.begin < slice.end) {
    if (slice.end < slice.total)
      links.next = json::value(CursorText({slice.end}, false));
    if (slice.begin > 0)
      links.previous = json::value(CursorText({slice.begin}, true));
  }
  return ListObject(
      name, std::move(items), static_cast<int64_t>(slice.total), paging, std::move(links));
}

json::object PageOf(std::string_view name, json::array all, const Paging& paging) {
  const Slice slice = SliceOf(all.size(), paging);
  json::array page;
  for (size_t i = slice.begin; i < slice.end; ++i)
    page.push_back(std::move(all[i]));
  return ListObject(name, std::move(page), slice, paging);
}

json::object WholeList(std::string_view name, json::array items) {
  const auto total = static_cast<int64_t>(items.size());
  return {{name, std::move(items)}, {"total_entries", total}};
}

}  // namespace api
