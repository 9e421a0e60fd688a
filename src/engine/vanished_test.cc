#include "engine/vanished.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/engine.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Vanished, ManyAtOnceOrAllAreTooMany) {
  EXPECT_FALSE(IsMassVanish(0, 0));
  EXPECT_FALSE(IsMassVanish(1, 2));
  EXPECT_FALSE(IsMassVanish(3, 4)) << "three are few";
  EXPECT_FALSE(IsMassVanish(4, 12)) << "a third";
  EXPECT_TRUE(IsMassVanish(4, 11));
  EXPECT_TRUE(IsMassVanish(1, 1)) << "the folder is empty";
}

class VanishedTest : public ::testing::Test {
 protected:
  VanishedTest() { Start({}); }

  void Start(const model::Snapshot& snapshot) {
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), snapshot);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // A new process over the rows as they are now.
  void Restart() {
    model::Snapshot snapshot{.last_seq = engine_->state().last_seq};
    for (const auto& [id, entry] : engine_->state().dags)
      snapshot.dags.push_back(entry.row);
    for (const auto& [version, row] : versions_)
      snapshot.versions.push_back(row);
    Start(snapshot);
  }

  Changes Apply(decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({base::Time(base::hours(1)), std::move(body)}, {});
    for (const model::Change& change : changes.rows) {
      if (const auto* version = std::get_if<model::DagVersionRow>(&change))
        versions_[version->version] = *version;
    }
    return changes;
  }

  // DAGs d<from> to d<until - 1> are there.
  Changes Read(int from, int until) {
    model::ProjectLoaded project;
    for (int i = from; i < until; ++i) {
      auto dag = std::make_shared<model::Dag>();
      dag->id = model::DagId(base::Cat("d", i));
      dag->fileloc = base::Cat("dags/d", i, ".yaml");
      dag->version = model::ComputeVersion(*dag);
      project.dags.push_back(std::move(dag));
    }
    return Apply(std::move(project));
  }

  std::vector<std::string> Inactive() const {
    return IdsWhere([](const model::DagRow& row) { return !row.is_active; });
  }
  std::vector<std::string> Missing() const {
    return IdsWhere([](const model::DagRow& row) { return row.missing_since.has_value(); });
  }
  template <typename Matches>
  std::vector<std::string> IdsWhere(const Matches& matches) const {
    std::vector<std::string> ids;
    for (const auto& [id, entry] : engine_->state().dags) {
      if (matches(entry.row))
        ids.push_back(id.str());
    }
    return ids;
  }

  schedule::ZoneSet zones_;
  std::map<model::VersionId, model::DagVersionRow> versions_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(VanishedTest, OneFileThatIsGoneDeactivatesItsDag) {
  Read(0, 10);
  Read(1, 10);
  EXPECT_THAT(Inactive(), ElementsAre("d0"));
  EXPECT_THAT(Missing(), IsEmpty());
  Read(0, 10);
  EXPECT_THAT(Inactive(), IsEmpty());
}

TEST_F(VanishedTest, ManyAtOnceStayActiveUntilTheyAreBack) {
  Read(0, 10);
  Read(6, 10);
  EXPECT_THAT(Inactive(), IsEmpty());
  EXPECT_EQ(Missing().size(), 6u);
  EXPECT_THAT(Read(6, 10).rows, IsEmpty()) << "said once";
  Read(2, 10);
  EXPECT_THAT(Missing(), ElementsAre("d0", "d1")) << "few are left, and they went with many";
  Restart();
  Read(2, 10);
  EXPECT_THAT(Inactive(), IsEmpty()) << "a restart decides no other way";
  Read(0, 9);
  EXPECT_THAT(Missing(), IsEmpty()) << "d9 is one file, and the others are back";
  EXPECT_THAT(Inactive(), ElementsAre("d9"));
}

TEST_F(VanishedTest, AFolderThatHasLostManyIsNotTrustedForTheRest) {
  Read(0, 10);
  Read(6, 10);
  Read(7, 10);
  EXPECT_THAT(Inactive(), IsEmpty());
  EXPECT_EQ(Missing().size(), 7u);
}

TEST_F(VanishedTest, FilesThatVanishWhileTheProcessIsDownStayActive) {
  Read(0, 10);
  Restart();
  Read(0, 0);
  EXPECT_THAT(Inactive(), IsEmpty());
  EXPECT_EQ(Missing().size(), 10u);
}

TEST_F(VanishedTest, APersonConfirms) {
  Read(0, 10);
  Read(6, 10);
  Changes changes = Apply(model::DeactivateDags{{model::DagId("d0"), model::DagId("d1")}, "ada"});
  EXPECT_TRUE(changes.outcome.has_value());
  EXPECT_THAT(Inactive(), ElementsAre("d0", "d1"));
  EXPECT_EQ(Missing().size(), 4u);
  const auto* history = std::get_if<model::HistoryRow>(&changes.rows.front());
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->cause, "its file is gone; confirmed by ada");
  changes = Apply(model::DeactivateDags{{model::DagId("d0")}, "ada"});
  EXPECT_TRUE(changes.outcome.has_value() && changes.rows.empty()) << "done already";
}

TEST_F(VanishedTest, WhatIsThereIsNotDeactivated) {
  Read(0, 10);
  Read(6, 10);
  Changes changes = Apply(model::DeactivateDags{{model::DagId("d0"), model::DagId("d9")}, "ada"});
  ASSERT_FALSE(changes.outcome.has_value());
  EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kConflict);
  EXPECT_THAT(changes.outcome.error().message, HasSubstr("dags/d9.yaml"));
  EXPECT_THAT(Inactive(), IsEmpty()) << "all or nothing";
  EXPECT_EQ(Apply(model::DeactivateDags{{model::DagId("x")}, "ada"}).outcome.error().code,
            base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace engine
