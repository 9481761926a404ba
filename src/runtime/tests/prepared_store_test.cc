#include "runtime/store/prepared_store.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/tests/temporary_folder.h"

namespace weir::runtime {
namespace {

class PreparedStoreTest : public testing::Test {
 protected:
  PreparedStore open() { return {*store_, *remover_, file_uri(folder_.path(), "/")}; }
  std::string path(const std::string& name) { return folder_.path() + "/prepared/" + name; }

  TemporaryFolder folder_;
  std::unique_ptr<ObjectStore> store_ = make_local_store(posix_file_env());
  std::unique_ptr<ObjectRemover> remover_ = make_local_remover(posix_file_env());
};

TEST_F(PreparedStoreTest, FindsByNameAndReadsByPlace) {
  const StoredObject place = *open().put("p.uuid.1.first", "whole");
  EXPECT_EQ(*open().get(place), "whole");
  const auto found = open().find("p.uuid.1.first");
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->prepared, "whole");
  EXPECT_EQ((*found)->place, place);
  EXPECT_FALSE(open().find("p.uuid.2.first")->has_value());
  ASSERT_TRUE(open().forget(place.uri).ok());
  ASSERT_TRUE(open().forget(place.uri).ok()) << "another process was faster";
  EXPECT_FALSE(open().find("p.uuid.1.first")->has_value());
  EXPECT_EQ(open().get(place).error().kind(), ErrorKind::not_found);
}

TEST_F(PreparedStoreTest, NeverReplacesAndTakesTheSameAgain) {
  const StoredObject place = *open().put("name", "one");
  EXPECT_EQ(*open().put("name", "one"), place);
  EXPECT_EQ(open().put("name", "two").error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(*open().get(place), "one");
}

TEST_F(PreparedStoreTest, ACopyGoesWithWhatItWasMadeFrom) {
  const std::string name = "p.uuid.1.01a22dff-365c-7f12-b1f7-3a8dbc948d38";
  ASSERT_TRUE(open().put(name, "whole").ok());
  const StoredObject older = *open().put(PreparedStore::copy_of(name, 2), "whole");
  const StoredObject copy = *open().put(PreparedStore::copy_of(name, 3), "whole");
  ASSERT_TRUE(open().forget_copy(name, 2).ok());
  EXPECT_EQ(open().get(older).error().kind(), ErrorKind::not_found);
  EXPECT_TRUE(open().find(name)->has_value()) << "a copy that is void takes nothing with it";
  ASSERT_TRUE(open().forget(copy.uri).ok());
  EXPECT_FALSE(open().find(name)->has_value());
  EXPECT_EQ(open().get(copy).error().kind(), ErrorKind::not_found);
}

// A crash in the middle of writing: it was not prepared.
TEST_F(PreparedStoreTest, ATornOneIsNone) {
  const StoredObject place = *open().put("name", "whole");
  const std::string bytes = *read_file(posix_file_env(), path("name"), 1000);
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() - 1}) {
    std::filesystem::resize_file(path("name"), size);
    EXPECT_FALSE(open().find("name")->has_value()) << size;
    EXPECT_EQ(open().get(place).error().kind(), ErrorKind::corrupt) << "a record names it: it was whole once";
  }
}

// B14 of the review: it was written, and refused for ever.
TEST_F(PreparedStoreTest, WhatCouldNotBeReadBackIsRefusedBeforeItIsWritten) {
  const std::string large(size_t{256} * 1024 * 1024, 'x');
  EXPECT_EQ(open().put("name", large).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_FALSE(std::filesystem::exists(path("name")));
}

}  // namespace
}  // namespace weir::runtime
