#include "api/filters.h"

#include <algorithm>
#include <cmath>

#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// Of one parameter, in microseconds. The table of routes has seen to its form.
base::Result<std::optional<int64_t>> ReadMicros(const Exchange& exchange,
                                                const std::string& name,
                                                bool is_time) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (!text)
    return std::nullopt;
  if (!is_time)
    return static_cast<int64_t>(std::llround(base::ParseDouble(*text).value_or(0) * 1e6));
  ASSIGN_OR_RETURN(const base::Time time, base::ParseTime(*text));
  return base::ToMicros(time);
}

base::Result<std::optional<Bounds>> ReadBounds(const Exchange& exchange,
                                               std::string_view name,
                                               bool is_time) {
  Bounds bounds;
  const auto from = [&](std::optional<int64_t> at) {
    if (at)
      bounds.from = std::max(bounds.from.value_or(*at), *at);
  };
  const auto until = [&](std::optional<int64_t> at) {
    if (at)
      bounds.until = std::min(bounds.until.value_or(*at), *at);
  };
  const auto read = [&](std::string_view end) {
    return ReadMicros(exchange, base::Cat(name, end), is_time);
  };
  ASSIGN_OR_RETURN(const auto gte, read("_gte"));
  ASSIGN_OR_RETURN(const auto gt, read("_gt"));
  ASSIGN_OR_RETURN(const auto lte, read("_lte"));
  ASSIGN_OR_RETURN(const auto lt, read("_lt"));
  from(gte);
  until(lte);
  if (gt)
    from(*gt + 1);
  if (lt)
    until(*lt - 1);
  if (!bounds.from && !bounds.until)
    return std::nullopt;
  return bounds;
}

std::vector<store::TextPattern> Alternatives(std::string_view text, bool is_prefix) {
  std::vector<store::TextPattern> any_of;
  for (const std::string& part : base::Split(text, '|')) {
    const std::string_view one = base::Trim(part);
    if (one == "~")
      return {{"%"}};
    any_of.push_back(is_prefix ? store::TextPattern{std::string(one), true}
                               : store::TextPattern{base::Cat("%", one, "%")});
  }
  return any_of;
}

}  // namespace

base::Result<std::optional<Bounds>> ReadTimes(const Exchange& exchange, std::string_view name) {
  return ReadBounds(exchange, name, true);
}

base::Result<std::optional<Bounds>> ReadSeconds(const Exchange& exchange, std::string_view name) {
  return ReadBounds(exchange, name, false);
}

std::vector<store::TextPattern> PatternsOf(std::string_view text) {
  return Alternatives(text, false);
}

bool FitsAny(const std::vector<store::TextPattern>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns,
                             [&](const auto& pattern) { return store::Fits(pattern, text); });
}

std::vector<std::vector<store::TextPattern>> ReadPatterns(const Exchange& exchange,
                                                          std::string_view name) {
  std::vector<std::vector<store::TextPattern>> all;
  if (const auto text = exchange.target.Param(base::Cat(name, "_pattern")))
    all.push_back(Alternatives(*text, false));
  if (const auto text = exchange.target.Param(base::Cat(name, "_prefix_pattern")))
    all.push_back(Alternatives(*text, true));
  return all;
}

bool FitsAll(const std::vector<std::vector<store::TextPattern>>& patterns, std::string_view text) {
  return std::ranges::all_of(patterns, [&](const auto& any_of) { return FitsAny(any_of, text); });
}

Asked<std::vector<OrderPart>> ReadOrder(const Exchange& exchange,
                                        const std::vector<std::string_view>& names) {
  std::vector<OrderPart> order;
  const std::vector<std::string> asked = ReadAll(exchange, "order_by");
  for (std::string_view name : asked) {
    const bool is_descending = name.starts_with('-');
    name.remove_prefix(is_descending ? 1 : 0);
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
      return BadRequest(base::Cat("ordering by '",
                                  base::Excerpt(name),
                                  "' is not supported; known: ",
                                  base::Join({names.begin(), names.end()}, ", ")));
    order.push_back({static_cast<size_t>(found - names.begin()), is_descending});
  }
  return order;
}

}  // namespace api
