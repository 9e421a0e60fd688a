#include "api/map_layouts.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "metro/layout.h"
#include "metro/layout_json.h"

namespace api {

namespace {

// As many sights of the estate as people have at once, more or less.
constexpr size_t kKept = 16;

// A version says all that a layout reads.
std::string KeyOf(const MapDags& dags) {
  std::string key;
  for (const auto& dag : dags)
    key += dag->id.str() + "@" + dag->version.str() + "\n";
  return key;
}

}  // namespace

void MapLayouts::Get(MapDags dags, Done done) {
  std::string key = KeyOf(dags);
  const auto known = std::ranges::find(made_, key, &Made::key);
  if (known != made_.end()) {
    made_.splice(made_.begin(), made_, known);
    if (known->text != nullptr)
      return done(known->text);
    return known->waiting.push_back(std::move(done));
  }
  made_.push_front({key, nullptr, {std::move(done)}});
  desk_.Read<Text>(
      ReadDesk::Turn::kUsual,
      nullptr,  // it reads no rows
      [dags = std::move(dags)](const Reading&) -> base::Result<Text> {
        const metro::Layout layout = metro::LayOut(EstateOf(dags));
        return std::make_shared<const std::string>(
            base::ValidUtf8(base::Serialize(metro::ToJson(layout))));
      },
      [layouts = weak_from_this(), key = std::move(key)](const base::Result<Text>& made) {
        if (const auto self = layouts.lock())
          self->OnMade(key, made);
      });
}

void MapLayouts::OnMade(const std::string& key, const base::Result<Text>& made) {
  const auto of = std::ranges::find(made_, key, &Made::key);
  const std::vector<Done> waiting = std::exchange(of->waiting, {});
  if (made)
    of->text = *made;
  else
    made_.erase(of);
  // Those that are being made are needed: their waiting ones are in them.
  for (auto last = made_.end(); made_.size() > kKept && last != made_.begin();) {
    if ((--last)->text != nullptr)
      last = made_.erase(last);
  }
  for (const Done& done : waiting)
    done(made);
}

}  // namespace api
