#include "emulator_http/s3_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "emulator_http/step_command.h"

namespace emulator_http {

namespace {

namespace fs = std::filesystem;

base::Time TimeOf(const fs::file_time_type& time) {
  return std::chrono::floor<base::Duration>(std::chrono::file_clock::to_sys(time));
}

}  // namespace

std::optional<S3Text> ReadS3File(const std::string& root,
                                 const std::string& bucket,
                                 const std::string& key) {
  const auto path = LocalPath(base::Cat("s3://", bucket, "/", key), root);
  std::error_code error;
  if (!path || !fs::is_regular_file(*path, error))
    return std::nullopt;
  std::ifstream in(*path, std::ios::binary);
  return S3Text{std::string(std::istreambuf_iterator<char>(in), {}),
                TimeOf(fs::last_write_time(*path, error))};
}

std::vector<S3File> ListS3Files(const std::string& root,
                                const std::string& bucket,
                                const std::string& prefix) {
  // The folder in which everything with the prefix lies.
  const std::string folder = prefix.substr(0, prefix.rfind('/') + 1);
  const auto place = LocalPath(base::Cat("s3://", bucket, "/", folder), root);
  std::vector<S3File> files;
  if (!place)
    return files;
  const size_t skipped = LocalPath(base::Cat("s3://", bucket, "/"), root)->size();
  std::error_code error;
  for (fs::recursive_directory_iterator it(*place, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    if (!it->is_regular_file(gone))
      continue;
    std::string key = it->path().string().substr(skipped);
    if (key.starts_with(prefix))
      files.push_back({std::move(key), it->file_size(gone), TimeOf(it->last_write_time(gone))});
  }
  std::ranges::sort(files, {}, &S3File::key);
  return files;
}

}  // namespace emulator_http
