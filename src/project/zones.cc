#include "project/zones.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace project {

namespace fs = std::filesystem;

namespace {

// The same zones again, and those that count leap seconds.
bool IsVariantFolder(const fs::path& name) {
  return name == "posix" || name == "right";
}

bool AddZone(const fs::path& path, std::string name, schedule::ZoneSet& zones) {
  if (!schedule::IsSafeZoneName(name))
    return false;
  std::ifstream in(path, std::ios::binary);
  char magic[4] = {};
  if (!in.read(magic, sizeof(magic)) || std::string_view(magic, 4) != "TZif")
    return false;
  std::string bytes(magic, sizeof(magic));
  bytes.append(std::istreambuf_iterator<char>(in), {});
  auto zone = schedule::TimeZone::Parse(std::move(name), bytes);
  if (zone)
    zones.Add(std::move(*zone));
  return zone.has_value();
}

}  // namespace

base::Result<schedule::ZoneSet> LoadZones(const std::string& directory) {
  schedule::ZoneSet zones;
  size_t count = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      if (entry.depth() == 0 && IsVariantFolder(entry->path().filename()))
        entry.disable_recursion_pending();
      continue;
    }
    if (AddZone(entry->path(), entry->path().lexically_relative(directory).string(), zones))
      ++count;
  }
  if (count == 0)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there are no time zones in ",
                                directory,
                                ": install the package tzdata, or name its folder in TZDIR"));
  return zones;
}

}  // namespace project
