#include "metro/layout.h"

#include <gtest/gtest.h>

namespace metro {
namespace {

TEST(Layout, OfNoEstateIsEmpty) {
  const Layout layout = LayOut({});
  EXPECT_TRUE(layout.stations.empty());
  EXPECT_EQ(layout.version, VersionOf({}));
}

}  // namespace
}  // namespace metro
