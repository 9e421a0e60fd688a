#pragma once

// The values of a map, in the order of its keys. For the stores in memory.

#include <vector>

namespace store {

template <typename Map>
std::vector<typename Map::mapped_type> ValuesOf(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map)
    values.push_back(value);
  return values;
}

}  // namespace store
