#include "project/zones.h"

#include <gtest/gtest.h>

namespace project {
namespace {

TEST(Zones, TheSystemsZonesAreAllThere) {
  auto zones = LoadZones("/usr/share/zoneinfo");
  ASSERT_TRUE(zones.has_value()) << zones.error().message;
  EXPECT_NE(zones->Find("Europe/Istanbul"), nullptr);
  EXPECT_NE(zones->Find("America/Argentina/Buenos_Aires"), nullptr);
  EXPECT_EQ(zones->Find("right/Europe/Istanbul"), nullptr);
  EXPECT_EQ(zones->Find("zone1970.tab"), nullptr);
  EXPECT_EQ(LoadZones("/none").error().code, base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace project
