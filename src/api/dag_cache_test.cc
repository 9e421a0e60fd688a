#include "api/dag_cache.h"

#include <gtest/gtest.h>

#include "base/json_text.h"
#include "model/dag_json.h"
#include "store/memory_store.h"

namespace api {
namespace {

class DagCacheTest : public ::testing::Test {
 protected:
  DagCacheTest() {
    model::Dag dag{.id = model::DagId("d")};
    const std::string text = base::Serialize(model::DagToJson(dag));
    std::vector<model::Change> rows;
    for (const char* version : {"v1", "v2", "v3"})
      rows.emplace_back(model::DagVersionRow{
          .version = model::VersionId(version), .dag = dag.id, .resolved = text});
    const int64_t epoch = store_.Load(base::Time{})->identity.epoch;
    EXPECT_EQ(store_.Commit(rows, epoch).outcome, store::CommitResult::Outcome::kOk);
  }
  std::shared_ptr<const model::Dag> Get(const char* version) {
    auto dag = cache_.Get(store_.reader(), model::VersionId(version));
    EXPECT_TRUE(dag.has_value()) << version;
    return dag.value_or(nullptr);
  }

  store::MemoryStore store_{{.deployment = "demo", .incarnation = std::string(32, 'a')}};
  DagCache cache_{2};  // a DAG without jobs weighs as much as one job
};

TEST_F(DagCacheTest, TheLeastRecentlyUsedGoesFirst) {
  const auto first = Get("v1"), second = Get("v2");
  EXPECT_EQ(Get("v1"), first);
  Get("v3");
  EXPECT_EQ(Get("v1"), first);
  EXPECT_NE(Get("v2"), second);  // read again
}

TEST_F(DagCacheTest, WhatIsNotThereIsNotFound) {
  auto none = cache_.Get(store_.reader(), model::VersionId("none"));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace api
