#include "api/exchange.h"

#include <utility>

#include "base/text.h"

namespace api {

namespace {

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

Context::Context(const runtime::Views& on,
                 runtime::Commands& for_people,
                 std::string product_version,
                 const EventLimits& limits,
                 Gate at,
                 IdentityProvider* provider,
                 std::string map_file)
    : views(on),
      commands(for_people),
      desk(on),
      version(std::move(product_version)),
      events(std::make_shared<EventHub>(on, desk, limits)),
      map(std::make_shared<MapBoard>(on, desk)),
      layouts(std::make_shared<MapLayouts>(desk, std::move(map_file))),
      gate(std::move(at)),
      sights(std::make_unique<SightBook>(on)),
      logins(on),
      sso(provider),
      refusals(on, for_people) {
  events->LookAgainBy(
      [this, is_alive = std::weak_ptr(alive)](
          const std::shared_ptr<const Exchange>& exchange) -> std::shared_ptr<const Exchange> {
        const auto sight = is_alive.expired() ? std::nullopt : SightNow(*this, *exchange);
        if (!sight)
          return nullptr;
        auto now = std::make_shared<Exchange>(*exchange);
        now->sight = *sight;
        return now;
      });
}

std::optional<SightPtr> SightNow(const Context& context, const Exchange& exchange) {
  const Caller caller = context.gate.Ask(exchange.request);
  if (!caller.identity)
    return std::nullopt;
  return context.sights->Of(*caller.identity);
}

base::Result<std::optional<std::string>> ReadOne(const Exchange& exchange, std::string_view name) {
  std::vector<std::string> values = ReadAll(exchange, name);
  if (values.size() > 1)
    return Invalid(base::Cat("'", name, "' is given more than once"));
  if (values.empty())
    return std::nullopt;
  return std::move(values.front());
}

base::Result<int64_t> ReadInt(const Exchange& exchange, std::string_view name, int64_t otherwise) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOne(exchange, name));
  if (!text)
    return otherwise;
  std::optional<int64_t> value = base::ParseInt(*text);
  if (!value || *value < 0 || *value > int64_t{1} << 53)
    return Invalid(base::Cat("'", name, "' must be a whole number that is not negative"));
  return *value;
}

base::Result<std::optional<base::Time>> ReadMoment(const Exchange& exchange,
                                                   std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (!text)
    return std::nullopt;
  const auto time = base::ParseTime(*text);
  if (!time)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", name, "': ", time.error().message));
  return std::optional(*time);
}

base::Result<std::optional<bool>> ReadBool(const Exchange& exchange, std::string_view name) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOne(exchange, name));
  if (!text)
    return std::nullopt;
  std::string lower = base::ToLower(*text);
  if (lower == "true" || lower == "1")
    return true;
  if (lower == "false" || lower == "0")
    return false;
  return Invalid(base::Cat("'", name, "' must be true or false"));
}

std::vector<std::string> ReadAll(const Exchange& exchange, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : exchange.target.query) {
    if (key == name)
      values.push_back(value);
  }
  return values;
}

json::value TimeOrNull(const std::optional<base::Time>& time) {
  if (!time)
    return nullptr;
  return json::value(base::FormatRfc3339(*time));
}

json::value TextOrNull(std::string_view text) {
  if (text.empty())
    return nullptr;
  return json::value(text);
}

json::value OptionalText(const std::optional<std::string>& text) {
  return TextOrNull(text ? std::string_view(*text) : std::string_view());
}

json::value DurationOrNull(const std::optional<base::Time>& start,
                           const std::optional<base::Time>& end) {
  if (!start || !end)
    return nullptr;
  return static_cast<double>((*end - *start).count()) / 1e6;
}

}  // namespace api
