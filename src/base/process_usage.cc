#include "base/process_usage.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/text.h"

namespace base {

namespace {

std::string Read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of /proc/self/stat from the third on, as proc(5) numbers them; the second is the
// program's name, which may hold blanks and brackets.
std::vector<std::string> StatFields() {
  const std::string stat = Read("/proc/self/stat");
  const size_t name_end = stat.rfind(')');
  std::istringstream rest(name_end == std::string::npos ? "" : stat.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

double BootTime() {
  std::istringstream lines(Read("/proc/stat"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("btime "))
      return ParseDouble(line.substr(6)).value_or(0);
  }
  return 0;
}

int64_t CountOpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error)
    return 0;
  return std::distance(begin(files), end(files)) - 1;  // one is the folder itself
}

}  // namespace

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  const std::vector<std::string> stat = StatFields();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  auto field = [&](size_t number) {
    const size_t place = number - 3;
    return place < stat.size() ? ParseDouble(stat[place]).value_or(0) : 0;
  };
  usage.cpu_seconds = (field(14) + field(15)) / ticks;
  usage.started_at = BootTime() + field(22) / ticks;
  usage.virtual_bytes = static_cast<int64_t>(field(23));
  usage.resident_bytes = static_cast<int64_t>(field(24)) * ::sysconf(_SC_PAGESIZE);
  usage.open_files = CountOpenFiles();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    usage.most_open_files = static_cast<int64_t>(limit.rlim_cur);
  return usage;
}

}  // namespace base
