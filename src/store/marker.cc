#include "store/marker.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"

namespace store {

std::string DatabaseName(const std::string& database_path, const std::string& marker_path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(marker_path, error).parent_path();
  const fs::path database(database_path);
  return database.parent_path() == folder ? database.filename().string() : database_path;
}

std::optional<Marker> ReadMarker(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto value = base::ParseJson(text);
  if (!value || !value->is_object())
    return std::nullopt;
  const json::object& object = value->get_object();
  Marker marker{base::GetString(object, "database"), base::GetString(object, "incarnation")};
  return marker.database.empty() ? std::nullopt : std::optional(std::move(marker));
}

base::Status WriteMarker(const std::string& path, const Marker& marker) {
  const json::object object{{"database", marker.database}, {"incarnation", marker.incarnation}};
  const std::string text = base::Serialize(object) + "\n";
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  written = written && ::fsync(file) == 0;
  int error = written ? 0 : errno;
  if (file >= 0)
    ::close(file);
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0)
    error = errno;
  if (error == 0)
    return {};
  ::unlink(fresh.c_str());
  return base::Fail(base::ErrorCode::kUnavailable,
                    base::Cat("cannot write ", path, ": ", std::strerror(error)));
}

}  // namespace store
