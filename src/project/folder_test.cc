#include "project/folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace project {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kDag[] = "dag_id: a\ntasks:\n  only: {type: empty}\n";

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = ::testing::TempDir() + "/signalbox_project_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    Write("signalbox.yaml", "deployment: demo\nemr: {region: us-east-1}\n");
    Write("dags/a.yaml", kDag);
  }
  ~FolderTest() override { fs::remove_all(folder_); }

  void Write(const std::string& path, std::string_view text) {
    fs::create_directories(fs::path(folder_ + "/" + path).parent_path());
    std::ofstream(folder_ + "/" + path) << text;
  }

  std::string folder_;
};

std::vector<std::string> Paths(const Listing& listing) {
  std::vector<std::string> paths;
  for (const FileStamp& stamp : listing.stamps)
    paths.push_back(stamp.path);
  return paths;
}

TEST_F(FolderTest, ListsTheProjectsFilesAndNothingElse) {
  for (std::string name : {"dags/b.yml",
                           "clusters/c.yaml",
                           "dags/.b.yaml.swp",
                           "dags/.#b.yaml",
                           "dags/#b.yaml#",
                           "dags/b.yaml~",
                           "dags/notes.txt",
                           "other/x.yaml",
                           "dags/deeper/x.yaml",
                           "x.yaml"})
    Write(name, "");
  EXPECT_THAT(Paths(ListProject(folder_)),
              ElementsAre("clusters/c.yaml", "dags/a.yaml", "dags/b.yml", "signalbox.yaml"));
  EXPECT_THAT(Paths(ListProject(folder_ + "/none")), IsEmpty());
}

TEST_F(FolderTest, HashFollowsPathsAndTexts) {
  std::string before = ReadProjectFiles(folder_)->hash;
  Write("dags/a.yaml", kDag);
  EXPECT_EQ(ReadProjectFiles(folder_)->hash, before);
  Write("dags/a.yaml", "another text");
  EXPECT_NE(ReadProjectFiles(folder_)->hash, before);
  Write("dags/a.yaml", kDag);
  fs::rename(folder_ + "/dags/a.yaml", folder_ + "/dags/b.yaml");
  EXPECT_NE(ReadProjectFiles(folder_)->hash, before);
}

TEST_F(FolderTest, AFolderThatCannotBeListedIsToldAndOneThatIsNotThereIsEmpty) {
  fs::rename(folder_ + "/dags", folder_ + "/away");
  EXPECT_THAT(ListProject(folder_).closed, IsEmpty());
  Write("dags", "not a folder");
  const Listing listing = ListProject(folder_);
  ASSERT_EQ(listing.closed.size(), 1u);
  EXPECT_EQ(listing.closed[0].file, "dags");
  EXPECT_FALSE(listing.Has("dags/a.yaml"));
}

TEST_F(FolderTest, ALinkToNowhereIsAFileThatCannotBeRead) {
  fs::create_symlink(folder_ + "/unmounted/b.yaml", folder_ + "/dags/b.yaml");
  const auto read = ReadProjectFiles(folder_);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->listing.Has("dags/b.yaml"));
  ASSERT_EQ(read->unreadable.size(), 1u);
  EXPECT_EQ(read->unreadable[0].file, "dags/b.yaml");
}

TEST_F(FolderTest, NoFolderIsNotFound) {
  EXPECT_EQ(ReadProjectFiles(folder_ + "/none").error().code, base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace project
