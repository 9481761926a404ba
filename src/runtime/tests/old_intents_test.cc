#include "runtime/store/old_intents.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/tests/temporary_folder.h"

namespace weir::runtime {
namespace {

class OldIntentsTest : public testing::Test {
 protected:
  OldIntents open() { return {posix_file_env(), directory_}; }
  std::string store(const std::string& name, std::string_view prepared) {
    EXPECT_TRUE(write_file_durably(posix_file_env(), directory_ + "/" + name, old_intent_file(prepared)).ok());
    return directory_ + "/" + name;
  }
  TemporaryFolder folder_;
  std::string directory_ = folder_.path();
};

TEST_F(OldIntentsTest, AreFoundInOrderUntilTheyAreResolved) {
  store("intent-000000000010-aa", "two");
  store("intent-000000000002-bb", "one");
  const std::vector<OldIntent> pending = open().pending()->intents;
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].prepared, "one");
  ASSERT_TRUE(open().resolve(pending[0].name).ok());
  ASSERT_TRUE(open().resolve(pending[0].name).ok()) << "another process was faster";
  EXPECT_EQ(open().pending()->intents.size(), 1U);
}

TEST_F(OldIntentsTest, ATornFileIsNoIntentAndIsNamed) {
  const std::string path = store("intent-000000000001-aa", "whole");
  std::string bytes = *read_file(posix_file_env(), path, 1000);
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() - 1}) {
    std::filesystem::resize_file(path, size);
    EXPECT_TRUE(open().pending()->intents.empty()) << size;
    EXPECT_EQ(open().pending()->damaged, std::vector<std::string>{path}) << size;
  }
  std::filesystem::remove(path);
  bytes.back() = 'X';
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, bytes).ok());
  EXPECT_TRUE(open().pending()->intents.empty());
  EXPECT_EQ(open().pending()->damaged, std::vector<std::string>{path});
}

TEST_F(OldIntentsTest, FilesOfOthersAreLeftAloneAndAMissingFolderHasNone) {
  ASSERT_TRUE(write_file_durably(posix_file_env(), directory_ + "/notes.txt", "mine").ok());
  EXPECT_TRUE(open().pending()->intents.empty());
  EXPECT_TRUE(open().pending()->damaged.empty());
  EXPECT_TRUE(OldIntents(posix_file_env(), directory_ + "/none").pending()->intents.empty());
}

}  // namespace
}  // namespace weir::runtime
