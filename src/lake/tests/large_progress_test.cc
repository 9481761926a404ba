#include "lake/commit/large_progress.h"

#include <map>

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

/// Keeps what is put, and how much that was.
class KeptObjects final : public ObjectStore {
 public:
  Result<std::string> get(const std::string& uri, int64_t) override {
    const auto at = objects.find(uri);
    if (at == objects.end()) return Error(ErrorKind::not_found, uri);
    return at->second;
  }
  Result<int64_t> size_of(const std::string& uri) override { return static_cast<int64_t>(objects.at(uri).size()); }
  Result<void> put(const std::string& uri, std::string_view bytes) override {
    objects[uri] = bytes;
    written += static_cast<int64_t>(bytes.size());
    return {};
  }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string&) override {
    return Error(ErrorKind::unsupported, "not needed");
  }

  std::map<std::string, std::string> objects;
  int64_t written = 0;
};

class LargeProgressTest : public testing::Test {
 protected:
  /// `count` more files are finished.
  void finish(int count) {
    for (int i = 0; i < count; ++i) progress_.sources["s"].finish("file-" + std::to_string(files_++));
  }
  void add() {
    ASSERT_TRUE(large_.add(store_, progress_, [this] { return "o/" + std::to_string(++uris_); }).ok());
  }
  void expect_it_is_read_again() {
    const Result<LargeProgress> loaded = LargeProgress::load(store_, large_.place());
    ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
    EXPECT_EQ(loaded->whole(), progress_);
  }

  KeptObjects store_;
  LargeProgress large_;
  Progress progress_;
  int files_ = 0;
  int uris_ = 0;
};

// It was written whole each time: a commit cost what there ever was.
TEST_F(LargeProgressTest, WhatIsWrittenGrowsWithWhatMoved) {
  for (int round = 0; round < 200; ++round) {
    finish(100);
    add();
  }
  expect_it_is_read_again();
  const auto whole = static_cast<int64_t>(progress_.to_text().size());
  EXPECT_LT(store_.written, 10 * whole) << "200 times a half of it would be 100";
  EXPECT_LT(store_.objects.at(large_.place().uri).size(), 2000 + static_cast<size_t>(whole) / 10);
}

TEST_F(LargeProgressTest, APartGoesOnFromWhatAnotherProcessLoaded) {
  finish(1000);
  add();
  large_ = *LargeProgress::load(store_, large_.place());
  finish(10);
  add();
  expect_it_is_read_again();
  EXPECT_LT(store_.objects.at(large_.place().uri).size(), 2000U);
}

TEST_F(LargeProgressTest, WhatIsForgottenIsForgotten) {
  finish(1000);
  add();
  finish(10);
  add();
  progress_.sources["s"].finished.erase(name_hash("file-7"));
  add();
  expect_it_is_read_again();
  progress_.sources["s"].partitions["open"].next = 7;
  add();
  progress_.sources["s"].partitions.erase("open");
  add();
  expect_it_is_read_again();
}

TEST_F(LargeProgressTest, ADamagedPartIsAnError) {
  finish(1000);
  add();
  const StoredObject first = large_.place();
  finish(10);
  add();
  store_.objects.at(first.uri).back() = ' ';
  EXPECT_EQ(LargeProgress::load(store_, large_.place()).error().kind(), ErrorKind::corrupt);
}

TEST_F(LargeProgressTest, AnObjectOfReleasesBeforeIsAllOfIt) {
  finish(10);
  const std::string text = progress_.to_text();
  ASSERT_TRUE(store_.put("old", text).ok());
  const auto loaded = LargeProgress::load(
      store_, {.uri = "old", .size_bytes = static_cast<int64_t>(text.size()), .hash = hash64(text)});
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(loaded->whole(), progress_);
}

}  // namespace
}  // namespace weir::lake
