// DAGs that were made of files in another language.

#include <gtest/gtest.h>

#include "dagfile/load.h"

namespace dagfile {
namespace {

TEST(Translated, ADagHasThePlaceOfWhatMadeIt) {
  const ZoneLookup no_zones = [](std::string_view) { return nullptr; };
  const auto load = [&](std::vector<SourceFile> files) {
    files.push_back({"signalbox.yaml", "deployment: test\n"});
    return LoadProject(std::move(files), no_zones);
  };
  Loaded loaded =
      load({{"dags/many.py", R"({"dag_id": "b", "tasks": {"x": {"type": "empty"}}})", 9},
            {"dags/many.py", R"({"dag_id": "a", "tasks": {"x": {"type": "none"}}})", 4}});
  ASSERT_EQ(loaded.dags.size(), 1u);
  EXPECT_EQ(loaded.dags[0]->id.str(), "b");
  EXPECT_EQ(loaded.dags[0]->fileloc, "dags/many.py");
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_TRUE(loaded.errors[0].ToString().starts_with("dags/many.py:4:1: "))
      << loaded.errors[0].ToString();

  const SourceFile waits{"dags/w.yaml",
                         "dag_id: w\ntasks: {x: {type: empty, depends_on: [elsewhere/y]}}\n"};
  EXPECT_EQ(load({waits}).dags.size(), 0u);
  EXPECT_EQ(load({waits, {.path = "dags/p.py", .text = "", .is_unread = true}}).dags.size(), 1u)
      << "the other DAG may be in the file that nobody has read yet";
}

TEST(Translated, PythonThatNobodyReadsIsReported) {
  const Loaded loaded = LoadProject(
      {{"signalbox.yaml", "deployment: test\n"}, {"dags/d.py", "import os"}, {"lib/d.py", ""}},
      [](std::string_view) { return nullptr; });
  EXPECT_TRUE(loaded.errors.empty());
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_EQ(loaded.warnings[0].ToString(),
            "dags/d.py:1:1: DAG files in Python are read if signalbox.yaml has the key 'python': "
            "the interpreter of an environment with Airflow in it, such as airflow/bin/python "
            "(docs/airflow.md)");
}

}  // namespace
}  // namespace dagfile
