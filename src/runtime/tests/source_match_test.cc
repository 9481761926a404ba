#include "runtime/source_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

using Names = std::vector<std::string>;

Progress progress_of(const Names& sources) {
  Progress progress;
  for (const std::string& name : sources) progress.sources[name].partitions["p/0"] = {.next = 1};
  return progress;
}

TEST(SourceMatch, SourcesMayBeAddedOrTakenOutButNotRenamed) {
  EXPECT_TRUE(match_sources(Progress(), Names{"a", "b"}).ok());
  EXPECT_TRUE(match_sources(progress_of({"a"}), Names{"a", "b"}).ok());
  EXPECT_TRUE(match_sources(progress_of({"a", "b"}), Names{"a"}).ok());
  const Result<void> renamed = match_sources(progress_of({"a", "b"}), Names{"a", "c"});
  ASSERT_FALSE(renamed.ok());
  EXPECT_EQ(renamed.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(renamed.error().message(), testing::HasSubstr("progress of a source 'b'"));
  EXPECT_THAT(renamed.error().message(), testing::HasSubstr("none of 'c'"));
}

}  // namespace
}  // namespace weir::runtime
