#include "runtime/intent_store.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

class IntentStoreTest : public testing::Test {
 protected:
  IntentStoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-intents-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~IntentStoreTest() override { std::filesystem::remove_all(directory_); }
  IntentStore open() { return *IntentStore::open(posix_file_env(), directory_, system_random()); }
  std::string directory_;
};

TEST_F(IntentStoreTest, KeepsIntentsInOrderUntilTheyAreResolved) {
  IntentStore store = open();
  const std::string first = *store.put("one");
  const std::string second = *store.put("two");
  EXPECT_LT(first, second);
  EXPECT_EQ(open().pending()->size(), 2U);
  ASSERT_TRUE(store.resolve(first).ok());
  const auto pending = *open().pending();
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].prepared, "two");
}

TEST_F(IntentStoreTest, NumbersGoOnAfterARestart) {
  const std::string first = *open().put("one");
  EXPECT_GT(*open().put("two"), first);
}

TEST_F(IntentStoreTest, ATornFileNeverCounted) {
  IntentStore store = open();
  const std::string name = *store.put("whole");
  const std::string path = directory_ + "/" + name;
  std::string bytes = *read_file(posix_file_env(), path, 1000);
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() - 1}) {
    std::filesystem::resize_file(path, size);
    EXPECT_TRUE(open().pending()->empty()) << size;
  }
  ASSERT_TRUE(store.resolve(name).ok());
  bytes.back() = 'X';
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, bytes).ok());
  EXPECT_TRUE(open().pending()->empty());
}

TEST_F(IntentStoreTest, TwoProcessesNeverReplaceOrMissEachOthersFiles) {
  IntentStore a = open();
  IntentStore b = open();
  const std::string of_a = *a.put("a");
  const std::string of_b = *b.put("b");
  EXPECT_NE(of_a, of_b);
  EXPECT_EQ(open().pending()->size(), 2U);
  ASSERT_TRUE(b.resolve(of_a).ok());
  EXPECT_TRUE(a.resolve(of_a).ok());
}

TEST_F(IntentStoreTest, FilesOfOthersAreLeftAlone) {
  ASSERT_TRUE(write_file_durably(posix_file_env(), directory_ + "/notes.txt", "mine").ok());
  EXPECT_TRUE(open().pending()->empty());
}

}  // namespace
}  // namespace weir::runtime
