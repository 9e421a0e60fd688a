#include "fault_finder/replay.h"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/json_text.h"

namespace fault_finder {

std::string WriteTape(const Plan& plan, std::string path) {
  std::error_code ignored;  // the file says so
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream file(path);
  file << base::Serialize(ToJson(plan)) << "\n";
  if (!file.flush()) {
    std::cerr << "cannot write " << path << "\n";
    return "";
  }
  return path;
}

}  // namespace fault_finder
