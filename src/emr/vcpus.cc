#include "emr/vcpus.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string>
#include <utility>

namespace emr {

namespace {

using Exception = std::pair<std::string_view, int64_t>;

// "Specifications for Amazon EC2 instance types" and "Previous generation instances":
// docs.aws.amazon.com/ec2/latest/instancetypes. Types whose vCPUs the size does not tell.
constexpr std::array kTypes{Exception{"c1.medium", 2},
                            Exception{"c1.xlarge", 8},
                            Exception{"c4.8xlarge", 36},
                            Exception{"d2.8xlarge", 36},
                            Exception{"m2.2xlarge", 4},
                            Exception{"m2.4xlarge", 8},
                            Exception{"m2.xlarge", 2},
                            Exception{"t2.medium", 2}};

// Of `metal`, by family, from the same page.
constexpr std::array kMetals{
    Exception{"a1", 16},      Exception{"c5", 96},     Exception{"c5d", 96},
    Exception{"c5n", 72},     Exception{"c6a", 192},   Exception{"c6g", 64},
    Exception{"c6gd", 64},    Exception{"c6i", 128},   Exception{"c6id", 128},
    Exception{"c6in", 128},   Exception{"c7g", 64},    Exception{"c7gd", 64},
    Exception{"c7gn", 64},    Exception{"g4dn", 96},   Exception{"g5g", 64},
    Exception{"i3", 72},      Exception{"i3en", 96},   Exception{"i4i", 128},
    Exception{"m5", 96},      Exception{"m5d", 96},    Exception{"m5dn", 96},
    Exception{"m5n", 96},     Exception{"m5zn", 48},   Exception{"m6a", 192},
    Exception{"m6g", 64},     Exception{"m6gd", 64},   Exception{"m6i", 128},
    Exception{"m6id", 128},   Exception{"m6idn", 128}, Exception{"m6in", 128},
    Exception{"m7g", 64},     Exception{"m7gd", 64},   Exception{"r5", 96},
    Exception{"r5b", 96},     Exception{"r5d", 96},    Exception{"r5dn", 96},
    Exception{"r5n", 96},     Exception{"r6a", 192},   Exception{"r6g", 64},
    Exception{"r6gd", 64},    Exception{"r6i", 128},   Exception{"r6id", 128},
    Exception{"r6idn", 128},  Exception{"r6in", 128},  Exception{"r7g", 64},
    Exception{"r7gd", 64},    Exception{"x2gd", 64},   Exception{"x2idn", 128},
    Exception{"x2iedn", 128}, Exception{"x2iezn", 48}, Exception{"z1d", 48}};

std::optional<int64_t> Find(const auto& table, std::string_view name) {
  const auto found = std::find_if(
      table.begin(), table.end(), [&](const auto& each) { return each.first == name; });
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// "xlarge" is 4, "12xlarge" is 48, and "metal-24xl" is what 24xlarge is.
std::optional<int64_t> OfXlarge(std::string_view size) {
  constexpr std::string_view kMetal = "metal-";
  const bool is_metal = size.starts_with(kMetal);
  if (is_metal)
    size.remove_prefix(kMetal.size());
  const std::string_view unit = is_metal ? "xl" : "xlarge";
  if (!size.ends_with(unit))
    return std::nullopt;
  size.remove_suffix(unit.size());
  int64_t times = 1;
  if (!size.empty()) {
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), times);
    if (error != std::errc() || end != size.data() + size.size() || times < 1 || times > 1024)
      return std::nullopt;
  }
  return 4 * times;
}

bool IsFamily(std::string_view family) {
  return !family.empty() && std::all_of(family.begin(), family.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::optional<int64_t> VcpusOfType(std::string_view type) {
  if (const auto own = Find(kTypes, type))
    return own;
  const size_t dot = type.find('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  const std::string_view family = type.substr(0, dot), size = type.substr(dot + 1);
  // Machines for supercomputing have half of what their size says, and EMR has none of them.
  if (!IsFamily(family) || family.starts_with("hpc"))
    return std::nullopt;
  if (size == "metal")
    return Find(kMetals, family);
  if (size == "large")
    return 2;
  if (IsOneOf(size, {"nano", "micro", "small", "medium"}))
    return IsOneOf(family, {"t3", "t3a", "t4g", "t8i"}) ? 2 : 1;
  return OfXlarge(size);
}

}  // namespace emr
