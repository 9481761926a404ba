#include "runtime/intent_store.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/tests/temporary_folder.h"

namespace weir::runtime {
namespace {

class IntentStoreTest : public testing::Test {
 protected:
  IntentStore open() { return *IntentStore::open(posix_file_env(), directory_, system_random()); }
  TemporaryFolder folder_;
  std::string directory_ = folder_.path();
};

TEST_F(IntentStoreTest, KeepsIntentsInOrderUntilTheyAreResolved) {
  IntentStore store = open();
  const std::string first = *store.put("one");
  const std::string second = *store.put("two");
  EXPECT_LT(first, second);
  EXPECT_EQ(open().pending()->intents.size(), 2U);
  ASSERT_TRUE(store.resolve(first).ok());
  const std::vector<StoredIntent> pending = open().pending()->intents;
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].prepared, "two");
}

TEST_F(IntentStoreTest, NumbersGoOnAfterARestart) {
  const std::string first = *open().put("one");
  EXPECT_GT(*open().put("two"), first);
}

TEST_F(IntentStoreTest, ATornFileIsNoIntentAndIsNamed) {
  IntentStore store = open();
  const std::string name = *store.put("whole");
  const std::string path = directory_ + "/" + name;
  std::string bytes = *read_file(posix_file_env(), path, 1000);
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() - 1}) {
    std::filesystem::resize_file(path, size);
    EXPECT_TRUE(open().pending()->intents.empty()) << size;
    EXPECT_EQ(open().pending()->damaged, std::vector<std::string>{path}) << size;
  }
  ASSERT_TRUE(store.resolve(name).ok());
  bytes.back() = 'X';
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, bytes).ok());
  EXPECT_TRUE(open().pending()->intents.empty());
  EXPECT_EQ(open().pending()->damaged, std::vector<std::string>{path});
}

TEST_F(IntentStoreTest, TwoProcessesNeverReplaceOrMissEachOthersFiles) {
  IntentStore a = open();
  IntentStore b = open();
  const std::string of_a = *a.put("a");
  const std::string of_b = *b.put("b");
  EXPECT_NE(of_a, of_b);
  EXPECT_EQ(open().pending()->intents.size(), 2U);
  ASSERT_TRUE(b.resolve(of_a).ok());
  EXPECT_TRUE(a.resolve(of_a).ok());
}

TEST_F(IntentStoreTest, FilesOfOthersAreLeftAlone) {
  ASSERT_TRUE(write_file_durably(posix_file_env(), directory_ + "/notes.txt", "mine").ok());
  EXPECT_TRUE(open().pending()->intents.empty());
  EXPECT_TRUE(open().pending()->damaged.empty());
}

}  // namespace
}  // namespace weir::runtime
