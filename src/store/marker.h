#pragma once

// A small file in the state folder that says which database belongs to it:
// {"database": PATH, "incarnation": HEX}. PATH counts from the state folder, so that the folder can
// be moved or copied as a whole. A database that is missing although there is such a file
// has been lost: a new one in its place would not know the clusters that still live.

#include <optional>
#include <string>

#include "base/result.h"

namespace store {

struct Marker {
  std::string database;
  std::string incarnation;
  friend bool operator==(const Marker&, const Marker&) = default;
};

// The database's path as a marker at `marker_path` has it.
std::string DatabaseName(const std::string& database_path, const std::string& marker_path);

// Nothing where there is none, or where it can't be read as one.
std::optional<Marker> ReadMarker(const std::string& path);
// Whole or not at all; readable by its owner alone.
base::Status WriteMarker(const std::string& path, const Marker& marker);

}  // namespace store
