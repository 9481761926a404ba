#include "cli/output/progress_text.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

Progress of(const std::string& source, std::map<std::string, int64_t> partitions, size_t finished = 0) {
  Progress progress;
  SourceProgress& one = progress.sources[source];
  for (const auto& [name, next] : partitions) one.partitions[name] = {.next = next};
  for (size_t i = 0; i < finished; ++i) one.finished.put({.name_hash = i});
  return progress;
}

TEST(ProgressLine, NamesEachPartition) {
  EXPECT_EQ(progress_line(of("s", {{"events/0", 1200}, {"events/1", 1180}})), "events/0 at 1200, events/1 at 1180");
  EXPECT_EQ(progress_line({}), "");
}

TEST(ProgressLine, CountsFilesThatAreFinished) {
  EXPECT_EQ(progress_line(of("s", {{"b.ndjson", 5}}, 1)), "b.ndjson at 5, 1 file finished");
  EXPECT_EQ(progress_line(of("s", {}, 1200)), "1,200 files finished");
}

TEST(ProgressLine, CountsPartitionsThatAreTooMany) {
  std::map<std::string, int64_t> partitions;
  for (int i = 0; i < 10; ++i) partitions["t/" + std::to_string(i)] = i;
  const std::string line = progress_line(of("s", partitions));
  EXPECT_TRUE(line.ends_with("t/7 at 7, and 2 more")) << line;
}

TEST(ProgressLine, NamesSourcesWhereThereAreSeveral) {
  Progress progress = of("a", {{"t/0", 1}});
  progress.merge(of("b", {{"u/0", 2}}));
  EXPECT_EQ(progress_line(progress), "a: t/0 at 1; b: u/0 at 2");
}

}  // namespace
}  // namespace weir::cli
