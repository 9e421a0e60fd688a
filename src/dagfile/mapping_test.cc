// map_over and map_index_template in DAG files: what they become, and what is said of mistakes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {}  // namespace
}  // namespace dagfile
