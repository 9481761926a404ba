#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/tests/sync_tracking_env.h"
#include "storage/object_store.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LocalStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/weir_local_store_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    store_ = make_local_store(files_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string uri(const std::string& name) const { return "file://" + root_ + "/" + name; }
  int64_t count(const std::string& call) const { return std::count(files_.calls.begin(), files_.calls.end(), call); }

  SyncTrackingEnv files_{posix_file_env()};
  std::string root_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(LocalStoreTest, AnObjectReadsAsItWasWritten) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(store_->put(uri("a/b/object"), bytes).ok());
  EXPECT_EQ(*store_->get(uri("a/b/object"), 4), bytes);
  EXPECT_EQ(*store_->get(root_ + "/a/b/object", 4), bytes) << "a path is as good as a URI";
  EXPECT_EQ(store_->get(uri("a/b/object"), 3).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(store_->get(uri("a/none"), 3).error().kind(), ErrorKind::not_found);
}

TEST_F(LocalStoreTest, AFinishedObjectCannotBeLostToAPowerFailure) {
  ASSERT_TRUE(store_->put(uri("data/day=1/hour=2/1.parquet"), "rows").ok());
  EXPECT_THAT(files_.unsynced, IsEmpty());
  ASSERT_TRUE(store_->put(uri("data/day=1/hour=3/1.parquet"), "rows").ok());
  EXPECT_THAT(files_.unsynced, IsEmpty()) << "its folder's parent was there";
}

// exactly-once.md rule 14: after a sync that failed the system may have forgotten what it had to write.
TEST_F(LocalStoreTest, ASyncThatFailedIsNotTriedAgain) {
  files_.failing_syncs = 1;
  const Result<void> put = store_->put(uri("object"), "rows");
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().kind(), ErrorKind::io);
  EXPECT_EQ(put.error().retry(), RetryHint::no);
  EXPECT_EQ(count("sync " + root_ + "/object"), 1);
}

TEST_F(LocalStoreTest, ADirectoryIsMadeDurableOnceNotForEachObject) {
  ASSERT_TRUE(store_->put(uri("data/1"), "").ok());
  EXPECT_EQ(count("sync " + root_), 1);
  ASSERT_TRUE(store_->put(uri("data/2"), "").ok());
  EXPECT_EQ(count("sync " + root_), 1);
  EXPECT_EQ(count("sync " + root_ + "/data"), 2);
}

TEST_F(LocalStoreTest, ADirectoryThatWasThereIsMadeDurableToo) {
  std::filesystem::create_directory(root_ + "/data");  // by a process that died before it synced
  ASSERT_TRUE(store_->put(uri("data/1"), "").ok());
  EXPECT_EQ(count("sync " + root_), 1);
}

TEST_F(LocalStoreTest, AnObjectIsNeverReplaced) {
  ASSERT_TRUE(store_->put(uri("object"), "first").ok());
  EXPECT_EQ(store_->put(uri("object"), "second").error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(store_->create(uri("object")).error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(*store_->get(uri("object"), 100), "first");
}

TEST_F(LocalStoreTest, ADirectoryRemovedByOthersIsMadeAgain) {
  ASSERT_TRUE(store_->put(uri("data/1"), "").ok());
  std::filesystem::remove_all(root_ + "/data");
  const Result<void> put = store_->put(uri("data/2"), "");
  ASSERT_TRUE(put.ok()) << put.error().to_string();
  EXPECT_THAT(files_.unsynced, testing::Not(testing::Contains(HasSubstr("data/2"))));
  EXPECT_EQ(count("sync " + root_), 2);
}

TEST_F(LocalStoreTest, NamesThatLookLikeUriSyntaxAreTakenAsTheyStand) {
  for (const char* name : {"a b", "50%", "%20", "q?x=1", "#1", "é", "a:b", "..."}) {
    const std::string made = file_uri(name, root_);
    ASSERT_TRUE(store_->put(made, name).ok()) << name;
    EXPECT_EQ(*store_->get(made, 100), name);
    EXPECT_TRUE(std::filesystem::exists(root_ + "/" + name)) << name;
  }
}

TEST(FileUri, ResolvesDotsByText) {
  EXPECT_EQ(file_uri("/a/b", "/w"), "file:///a/b");
  EXPECT_EQ(file_uri("b/c", "/w"), "file:///w/b/c");
  EXPECT_EQ(file_uri("./b/../c/.", "/w"), "file:///w/c");
  EXPECT_EQ(file_uri("../../../b", "/w"), "file:///b");
  EXPECT_EQ(file_uri("//a///b/", "/w"), "file:///a/b");
  EXPECT_EQ(file_uri("/..", "/w"), "file:///");
  EXPECT_EQ(file_uri("", "/w"), "file:///w");
  EXPECT_EQ(file_uri("..a/b..", "/w"), "file:///w/..a/b..");
}

TEST(FilePath, TakesFileUrisAndPathsOnly) {
  EXPECT_EQ(*file_path("file:///a/b"), "/a/b");
  EXPECT_EQ(*file_path("file:/a/b"), "/a/b") << "as Hadoop writes it";
  EXPECT_EQ(*file_path("/a/b"), "/a/b");
  EXPECT_EQ(*file_path("a/b"), "a/b");
  for (const char* uri : {"s3://bucket/key", "file://host/a", "hdfs://host/a", "memory://a"}) {
    const Result<std::string> path = file_path(uri);
    ASSERT_FALSE(path.ok()) << uri;
    EXPECT_EQ(path.error().kind(), ErrorKind::unsupported);
    EXPECT_THAT(path.error().message(), HasSubstr(uri));
  }
}

}  // namespace
}  // namespace weir
