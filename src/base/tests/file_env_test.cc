#include "base/file_env.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tests/as_nobody.h"
#include "base/tests/sync_tracking_env.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FileEnvTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/weir_file_env_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  void put(const std::string& name, std::string_view bytes) {
    auto file = env_.create(path(name));
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->append(bytes).ok());
    ASSERT_TRUE((*file)->sync().ok());
    ASSERT_TRUE((*file)->close().ok());
  }

  FileEnv& env_ = posix_file_env();
  std::string root_;
};

TEST_F(FileEnvTest, WrittenBytesAreReadBackAtAnyPlace) {
  put("a", "0123456789");
  const auto file = env_.open(path("a"));
  ASSERT_TRUE(file.ok());
  char out[16] = {};
  EXPECT_EQ(*(*file)->read_at(3, 4, out), 4U);
  EXPECT_EQ(std::string(out, 4), "3456");
  EXPECT_EQ(*(*file)->read_at(8, 16, out), 2U);
  EXPECT_EQ(*(*file)->read_at(100, 16, out), 0U);
  EXPECT_EQ((*file)->stat()->size_bytes, 10);
  EXPECT_EQ(*read_file(env_, path("a"), 10), "0123456789");
}

TEST_F(FileEnvTest, ErrorsSayKindAndPath) {
  put("a", "x");
  EXPECT_EQ(env_.open(path("none")).error().kind(), ErrorKind::not_found);
  EXPECT_THAT(env_.open(path("none")).error().message(), HasSubstr(path("none")));
  EXPECT_EQ(env_.create(path("a")).error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(env_.stat(path("a/b")).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(env_.list(path("none")).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(env_.remove(path("none")).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(env_.make_directory(path("a")).error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(env_.make_directory(path("none/b")).error().kind(), ErrorKind::not_found);
}

TEST_F(FileEnvTest, ReadFileRefusesLargerFilesAndDirectories) {
  put("a", "0123456789");
  EXPECT_EQ(read_file(env_, path("a"), 9).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(read_file(env_, root_, 9).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(FileEnvTest, APipeIsRefusedInsteadOfWaitedFor) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const auto read = read_file(env_, path("pipe"), 100);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind(), ErrorKind::invalid_argument);
}

TEST_F(FileEnvTest, ListsNamesSorted) {
  for (const char* name : {"b", "a", ".hidden", "c"}) put(name, "");
  EXPECT_THAT(*env_.list(root_), ElementsAre(".hidden", "a", "b", "c"));
}

TEST_F(FileEnvTest, MakesDirectoriesWithTheirParents) {
  ASSERT_TRUE(make_directories(env_, path("x/y/z")).ok());
  ASSERT_TRUE(make_directories(env_, path("x/y/z")).ok());
  ASSERT_TRUE(make_directories(env_, path("x//y/w/")).ok());
  EXPECT_TRUE(env_.stat(path("x/y/z"))->is_directory);
  EXPECT_TRUE(env_.stat(path("x/y/w"))->is_directory);
}

TEST_F(FileEnvTest, NoDirectoryIsMadeThroughAFile) {
  put("a", "x");
  for (const char* name : {"a", "a/b", "a/b/c"}) {
    EXPECT_EQ(make_directories(env_, path(name)).error().kind(), ErrorKind::already_exists) << name;
  }
  ASSERT_EQ(::symlink("gone", path("link").c_str()), 0);
  EXPECT_FALSE(make_directories(env_, path("link")).ok());
  EXPECT_FALSE(make_directories(env_, "").ok());
}

TEST_F(FileEnvTest, EachNameIsDurableBeforeThereIsAnythingBelowIt) {
  ASSERT_EQ(::mkdir(path("x").c_str(), 0755), 0);  // by a process that died before it synced
  SyncTrackingEnv tracking(env_);
  ASSERT_TRUE(make_directories(tracking, path("x/y/z")).ok());
  EXPECT_THAT(tracking.calls, ElementsAre("sync " + root_,                              // x
                                          "mkdir " + path("x/y"), "sync " + path("x"),  //
                                          "mkdir " + path("x/y/z"), "sync " + path("x/y")));
  EXPECT_THAT(tracking.unsynced, IsEmpty());
}

TEST_F(FileEnvTest, ADirectoryWithOneNewNameIsSyncedToo) {
  SyncTrackingEnv tracking(env_);
  ASSERT_TRUE(make_directories(tracking, path("only")).ok());
  EXPECT_THAT(tracking.unsynced, IsEmpty());
}

TEST_F(FileEnvTest, ADirectoryThatSomebodyElseMadeIsSyncedToo) {
  ASSERT_EQ(::mkdir(path("x").c_str(), 0755), 0);
  SyncTrackingEnv tracking(env_);
  ASSERT_TRUE(make_directories(tracking, path("x")).ok());
  EXPECT_THAT(tracking.calls, ElementsAre("sync " + root_));
}

TEST_F(FileEnvTest, AParentThatMayNotBeReadIsNoObstacle) {
  ASSERT_TRUE(make_directories(env_, path("closed/mine")).ok());
  ASSERT_EQ(::chmod(root_.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path("closed").c_str(), 0311), 0);
  {
    const AsNobody nobody;
    EXPECT_FALSE(env_.list(path("closed")).ok());
    EXPECT_TRUE(make_directories(env_, path("closed/mine")).ok());
  }
  ASSERT_EQ(::chmod(path("closed").c_str(), 0700), 0);
}

TEST_F(FileEnvTest, DurableWritesReplaceWholeFiles) {
  ASSERT_TRUE(write_file_durably(env_, path("state"), "one").ok());
  ASSERT_TRUE(write_file_durably(env_, path("state"), "two").ok());
  EXPECT_EQ(*read_file(env_, path("state"), 100), "two");
  EXPECT_THAT(*env_.list(root_), ElementsAre("state"));
}

TEST_F(FileEnvTest, DurableWritesLeaveNothingThatAPowerFailureWouldTake) {
  SyncTrackingEnv tracking(env_);
  ASSERT_TRUE(write_file_durably(tracking, path("state"), "one").ok());
  EXPECT_THAT(tracking.unsynced, IsEmpty());
  EXPECT_THAT(tracking.calls, ElementsAre("create " + path("state.new"), "sync " + path("state.new"),
                                          "rename " + path("state.new") + " " + path("state"), "sync " + root_));
}

TEST_F(FileEnvTest, ATemporaryFileLeftByACrashIsNoObstacle) {
  put("state.new", "half");
  ASSERT_TRUE(write_file_durably(env_, path("state"), "whole").ok());
  EXPECT_EQ(*read_file(env_, path("state"), 100), "whole");
}

TEST_F(FileEnvTest, ALeftOverLinkIsRemovedNotWrittenThrough) {
  put("victim", "kept");
  ASSERT_EQ(::symlink(path("victim").c_str(), path("state.new").c_str()), 0);
  EXPECT_TRUE(write_file_durably(env_, path("state"), "bytes").ok());
  EXPECT_EQ(*read_file(env_, path("victim"), 100), "kept");
}

TEST(ParentDirectory, IsThePartBeforeTheLastSlash) {
  EXPECT_EQ(parent_directory("a/b/c"), "a/b");
  EXPECT_EQ(parent_directory("/a"), "/");
  EXPECT_EQ(parent_directory("a"), ".");
}

}  // namespace
}  // namespace weir
