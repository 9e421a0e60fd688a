#include "airflow/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace airflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNightly[] = R"({
  "file": "/p/dags/nightly.py", "airflow_version": 3, "took_ms": 7, "output": "",
  "dags": [{"dag_id": "nightly", "line": 5, "errors": [], "task_ids": ["a"], "edges": [],
            "document": {"dag_id": "nightly", "schedule": null, "tasks": {"a": {"type": "empty"}}},
            "clusters": {"nightly.a": {"Instances": {}}},
            "plan": {"tasks": [{"task_id": "a", "verdict": "native", "line": 6, "changes": ["c"]}]}}],
  "error": null, "warnings": [{"message": "an old path", "file": "lib.py", "line": 2}],
  "reads": ["lib.py", "sql"], "asked": {"variables": ["lake"], "connections": []}})";

Answer Read(const std::string& text) {
  return ReadAnswer(base::ParseJson(text)->get_object()).value();
}

project::FileStamp Stamp(const std::string& path, int64_t modified = 1) {
  return {.path = path, .modified_ns = modified, .size = 1, .inode = 1};
}

class ShelfTest : public ::testing::Test {
 protected:
  void PutNightly() {
    shelf_.OnListed({"/p/dags/nightly.py"});
    shelf_.Put(Read(kNightly), now_);
  }

  Surroundings now_{{Stamp("dags/lib.py"), Stamp("dags/nightly.py"), Stamp("dags/sql/a.sql")},
                    {{{"lake", "s3://a"}}, {}}};
  Shelf shelf_{"/p", {.python = "python3", .dags_folder = "/p/dags"}};
};

TEST_F(ShelfTest, AnAnswerBecomesADagAndItsTemplates) {
  PutNightly();
  const std::vector<dagfile::SourceFile> files = shelf_.Files();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].path, "dags/nightly.py");
  EXPECT_EQ(files[0].made_at, 5);
  EXPECT_THAT(files[0].text, HasSubstr(R"("dag_id":"nightly")"));
  EXPECT_EQ(files[1].path, "clusters/nightly.a.yaml");
  EXPECT_THAT(shelf_.Errors(), IsEmpty());
  ASSERT_EQ(shelf_.Warnings().size(), 1u);
  EXPECT_EQ(shelf_.Warnings()[0].ToString(), "dags/lib.py:2:1: an old path");
  ASSERT_NE(shelf_.Find("nightly"), nullptr);
  EXPECT_EQ(shelf_.Find("daily"), nullptr);
}

TEST_F(ShelfTest, AFileIsStaleOnceSomethingThatItLookedAtHasChanged) {
  shelf_.OnListed({"/p/dags/nightly.py"});
  EXPECT_THAT(shelf_.Stale(now_), ElementsAre("/p/dags/nightly.py"));
  PutNightly();
  EXPECT_THAT(shelf_.Stale(now_), IsEmpty());

  const auto is_stale_after = [&](const auto& change) {
    Surroundings other = now_;
    change(other);
    return !shelf_.Stale(other).empty();
  };
  EXPECT_TRUE(is_stale_after([](Surroundings& s) { s.stamps[0].modified_ns = 2; }));
  EXPECT_TRUE(is_stale_after([](Surroundings& s) { s.stamps[1].size = 2; }));
  EXPECT_TRUE(is_stale_after([](Surroundings& s) { s.stamps.push_back(Stamp("dags/sql/b.sql")); }));
  EXPECT_TRUE(is_stale_after([](Surroundings& s) { s.stamps.pop_back(); }));
  EXPECT_TRUE(is_stale_after([](Surroundings& s) { s.secrets.variables["lake"] = "s3://b"; }));
  EXPECT_FALSE(is_stale_after([](Surroundings& s) { s.secrets.variables["other"] = "x"; }));
  EXPECT_FALSE(is_stale_after([](Surroundings& s) { s.stamps.push_back(Stamp("dags/z.py")); }));
}

TEST_F(ShelfTest, AFileWithAMistakeIsReadAgainAfterEachChange) {
  shelf_.OnListed({"/p/dags/nightly.py"});
  shelf_.Put(Read(R"({"file": "/p/dags/nightly.py", "dags": [],
                      "error": {"message": "no module 'x'", "traceback": "T", "line": 3}})"),
             now_);
  ASSERT_EQ(shelf_.Errors().size(), 1u);
  EXPECT_EQ(shelf_.Errors()[0].ToString(), "dags/nightly.py:3:1: no module 'x'\nT");
  EXPECT_THAT(shelf_.Stale(now_), IsEmpty());
  now_.stamps.push_back(Stamp("dags/x.py"));
  EXPECT_THAT(shelf_.Stale(now_), ElementsAre("/p/dags/nightly.py"));
}

TEST_F(ShelfTest, ADagThatCannotRunKeepsOutAndSaysWhy) {
  shelf_.OnListed({"/p/dags/f.py"});
  shelf_.Put(
      Read(R"json({"file": "/p/dags/f.py", "dags": [{"dag_id": "d", "line": 4, "document": null,
    "errors": ["the task 't' cannot run: it waits for a person (HITL)"]}]})json"),
      now_);
  ASSERT_EQ(shelf_.Files().size(), 1u);
  EXPECT_TRUE(shelf_.Files()[0].is_unread);
  ASSERT_EQ(shelf_.Errors().size(), 1u);
  EXPECT_EQ(shelf_.Errors()[0].ToString(),
            "dags/f.py:4:1: the task 't' cannot run: it waits for a person (HITL)");
}

TEST_F(ShelfTest, ADagMayBeThereUntilItsFileWasReadWhole) {
  EXPECT_TRUE(shelf_.MayHave("dags/nightly.py", "nightly")) << "nobody has listed yet";
  ASSERT_EQ(shelf_.Files().size(), 1u);
  EXPECT_TRUE(shelf_.Files()[0].is_unread);
  shelf_.OnListed({"/p/dags/nightly.py"});
  EXPECT_TRUE(shelf_.MayHave("dags/nightly.py", "nightly")) << "nobody has read it yet";
  PutNightly();
  EXPECT_TRUE(shelf_.MayHave("dags/nightly.py", "nightly"));
  EXPECT_FALSE(shelf_.MayHave("dags/nightly.py", "daily"));
  EXPECT_FALSE(shelf_.MayHave("dags/lib.py", "daily")) << "it is no DAG file";
  shelf_.Put(Read(R"({"file": "/p/dags/nightly.py", "error": {"message": "m"}})"), now_);
  EXPECT_TRUE(shelf_.MayHave("dags/nightly.py", "daily")) << "who knows";
  EXPECT_TRUE(shelf_.OnListed({}));
  EXPECT_FALSE(shelf_.OnListed({}));
  EXPECT_FALSE(shelf_.MayHave("dags/nightly.py", "nightly"));
}

TEST(Settings, PathsAreThoseOfTheProject) {
  dagfile::Project project;
  project.python = "venv/bin/python";
  project.airflow.dags_folder = "../airflow/dags";
  EXPECT_EQ(SettingsOf(project, "/srv/p").python, "/srv/p/venv/bin/python");
  EXPECT_EQ(SettingsOf(project, "/srv/p").dags_folder, "/srv/airflow/dags");
  project.python = "python3";
  EXPECT_EQ(SettingsOf(project, "/srv/p").python, "python3");
  EXPECT_EQ(FolderOf(project, "/srv/p"), "/srv/airflow/dags");
  project.airflow.dags_folder = "./dags/";
  EXPECT_EQ(SettingsOf(project, "/srv/p").dags_folder, "/srv/p/dags");
  EXPECT_EQ(FolderOf(project, "/srv/p"), "dags");
  project.python = "";
  EXPECT_EQ(FolderOf(project, "/srv/p"), "");
}

}  // namespace
}  // namespace airflow
