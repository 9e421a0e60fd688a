#pragma once

// Pages of lists, as in Airflow 3.3: by `limit` and `offset`, or by `cursor`. The first page by
// cursor has an empty one; each answer has next_cursor and previous_cursor, null where there is no
// such page. With a cursor `offset` counts for nothing and total_entries is null. Cursors stand for
// a row, not for a place: rows that are added meanwhile move nothing.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/exchange.h"
#include "base/json.h"
#include "store/store.h"

namespace api {

// What cannot be asked, as it is answered.
template <typename T>
using Asked = tl::expected<T, http::Response>;
tl::unexpected<http::Response> BadRequest(std::string message);  // 400

// A cursor of another list, or of another order.
http::Response NotOfThisList();

struct Cursor {
  json::array values;  // what the list is ordered by, of the row at the page's edge
  bool is_backward = false;
};

struct Paging {
  int limit = 50;
  int offset = 0;
  bool by_cursor = false;
  std::optional<Cursor> cursor;  // none: the first page
};

std::string CursorText(const json::array& values, bool is_backward);

// `limit` (50 unless told, at most 1000), `offset` (at most 10,000) and `cursor`.
Asked<Paging> ReadPaging(const Exchange& exchange);

// One more than is shown: whether there is a further page.
inline int FetchLimit(const Paging& paging) {
  return paging.limit + 1;
}

struct Links {
  json::value previous, next;
};
// Of a page that was fetched with FetchLimit: takes that one off again. `values` makes a row's
// cursor.
template <typename Row, typename Values>
Links TakeLinks(std::vector<Row>& rows, const Paging& paging, Values values) {
  const bool back = paging.cursor && paging.cursor->is_backward;
  const bool more = rows.size() > static_cast<size_t>(paging.limit);
  if (more)
    rows.erase(back ? rows.begin() : rows.end() - 1);
  Links links;
  if (rows.empty())
    return links;
  if (back || more)
    links.next = json::value(CursorText(values(rows.back()), false));
  if (back ? more : paging.cursor || paging.offset > 0)
    links.previous = json::value(CursorText(values(rows.front()), true));
  return links;
}

// The list resource: the items under `name`, total_entries (to 10,000; total_entries_limited says
// whether there are more), the cursors.
json::object ListObject(
    std::string_view name, json::array items, int64_t total, const Paging& paging, Links links);

// A page of a list that is read whole, as places in it. Its cursors are places too.
struct Slice {
  size_t begin = 0, end = 0, total = 0;
};
Slice SliceOf(size_t total, const Paging& paging);
json::object ListObject(std::string_view name,
                        json::array items,
                        const Slice& slice,
                        const Paging& paging);
json::object PageOf(std::string_view name, json::array all, const Paging& paging);
// A list that has no pages.
json::object WholeList(std::string_view name, json::array items);

}  // namespace api
