#include "airflow/package.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace airflow {

base::Result<PackageFile> PackageFile::Make() {
  std::string path =
      (std::filesystem::temp_directory_path() / "signalbox-airflow-XXXXXX.zip").string();
  const int file = mkstemps(path.data(), 4);
  if (file < 0)
    return base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("cannot make a file in ", path, ": ", std::strerror(errno)));
  PackageFile made(path);
  std::string_view rest = kPackage;
  while (!rest.empty()) {
    const ssize_t put = write(file, rest.data(), rest.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0) {
      const std::string why = std::strerror(errno);
      close(file);
      return base::Fail(base::ErrorCode::kUnavailable, base::Cat("cannot write ", path, ": ", why));
    }
    rest.remove_prefix(static_cast<size_t>(put));
  }
  close(file);
  return made;
}

PackageFile::PackageFile(PackageFile&& other) noexcept : path_(std::exchange(other.path_, "")) {}

PackageFile::~PackageFile() {
  if (!path_.empty())
    unlink(path_.c_str());
}

base::ProcessOptions PackageFile::Run(const std::string& python,
                                      const std::string& module,
                                      const std::vector<std::string>& words) const {
  base::ProcessOptions options{.argv = {python, "-m", module}};
  options.argv.insert(options.argv.end(), words.begin(), words.end());
  options.env["PYTHONPATH"] = path_;
  return options;
}

}  // namespace airflow
