#include "airflow/package.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace airflow {
namespace {

TEST(Package, IsAZipWithTheReader) {
  EXPECT_TRUE(kPackage.starts_with("PK\x03\x04"));
  EXPECT_NE(kPackage.find("signalbox_airflow/parse.py"), std::string_view::npos);
  EXPECT_NE(kPackage.find("signalbox_airflow/migrate.py"), std::string_view::npos);
}

TEST(Package, ItsFileIsThereWhileItIsNeeded) {
  std::string path;
  {
    base::Result<PackageFile> made = PackageFile::Make();
    ASSERT_TRUE(made) << made.error().message;
    const PackageFile file = *std::move(made);
    path = file.path();
    EXPECT_EQ(std::filesystem::file_size(path), kPackage.size());
    const base::ProcessOptions run = file.Run("python3", "m", {"a"});
    EXPECT_EQ(run.argv, (std::vector<std::string>{"python3", "-m", "m", "a"}));
    EXPECT_EQ(run.env.at("PYTHONPATH"), path);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace airflow
