#include "api/map_layouts.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/json_text.h"
#include "base/log.h"
#include "base/safe_text.h"
#include "metro/layout.h"
#include "metro/layout_json.h"

namespace api {

namespace {

// As many sights of the estate as people have at once, more or less.
constexpr size_t kKept = 16;

// A version says all that a layout reads.
std::string KeyOf(const MapDags& dags, MapLayouts::Sight sight) {
  std::string key = sight == MapLayouts::Sight::kAll ? "all\n" : "";
  for (const auto& dag : dags)
    key += dag->id.str() + "@" + dag->version.str() + "\n";
  return key;
}

// A file that was never written, or that somebody else wrote, is one that is not there.
metro::Layout ReadFormer(const std::string& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto value = base::ParseJson(text);
  return value ? metro::FormerFromJson(*value).value_or(metro::Layout()) : metro::Layout();
}

// Two pictures may be made at once, on two threads.
void WriteFormer(const std::string& path, const std::string& text) {
  static std::mutex writing;
  const std::lock_guard lock(writing);
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::trunc);
  out << text << std::flush;
  if (!out || std::rename(fresh.c_str(), path.c_str()) != 0)
    base::LogWarning("map_not_kept", {{"path", path}, {"message", std::strerror(errno)}});
}

}  // namespace

void MapLayouts::Get(MapDags dags, Sight sight, Done done) {
  std::string key = KeyOf(dags, sight);
  const auto known = std::ranges::find(made_, key, &Made::key);
  if (known != made_.end()) {
    made_.splice(made_.begin(), made_, known);
    if (known->text != nullptr)
      return done(known->text);
    return known->waiting.push_back(std::move(done));
  }
  made_.push_front({key, nullptr, {std::move(done)}});
  const bool is_all = sight == Sight::kAll;
  desk_.Read<Drawn>(
      ReadDesk::Turn::kUsual,
      nullptr,  // it reads no rows
      [dags = std::move(dags), former = is_all ? all_ : nullptr, file = is_all ? file_ : ""](
          const Reading&) -> base::Result<Drawn> {
        if (file.empty() || former != nullptr)
          return DrawAndKeep(dags, former, file);
        return DrawAndKeep(dags, std::make_shared<const metro::Layout>(ReadFormer(file)), file);
      },
      [layouts = weak_from_this(), key = std::move(key), sight](const base::Result<Drawn>& made) {
        if (const auto self = layouts.lock())
          self->OnMade(key, sight, made);
      });
}

MapLayouts::Drawn MapLayouts::DrawAndKeep(const MapDags& dags,
                                          const Former& former,
                                          const std::string& file) {
  const auto layout =
      std::make_shared<const metro::Layout>(metro::LayOut(EstateOf(dags), former.get()));
  auto text =
      std::make_shared<const std::string>(base::ValidUtf8(base::Serialize(metro::ToJson(*layout))));
  if (!file.empty())
    WriteFormer(file, *text);
  return {std::move(text), layout};
}

void MapLayouts::OnMade(const std::string& key, Sight sight, const base::Result<Drawn>& made) {
  const auto of = std::ranges::find(made_, key, &Made::key);
  if (made && sight == Sight::kAll)
    all_ = made->layout;
  const std::vector<Done> waiting = std::exchange(of->waiting, {});
  if (made)
    of->text = made->text;
  else
    made_.erase(of);
  // Those that are being made are needed: their waiting ones are in them.
  for (auto last = made_.end(); made_.size() > kKept && last != made_.begin();) {
    if ((--last)->text != nullptr)
      last = made_.erase(last);
  }
  for (const Done& done : waiting) {
    if (made)
      done(made->text);
    else
      done(base::Fail(made.error()));
  }
}

}  // namespace api
