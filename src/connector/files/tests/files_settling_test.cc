#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/format.h"
#include "connector/files/tests/files_fixture.h"

namespace weir::connector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(FilesSourceTest, AFileThatIsAnotherSinceItWasListedIsLeftByOnePass) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", "2\n");
  const auto source = open();
  files_.put("/in/a.ndjson", "1\n2\n", clock_.wall_ms() * 1000);
  EXPECT_THAT(read(*source), ElementsAre("b.ndjson#0 2"));
  EXPECT_THAT(left_, ElementsAre("/in/a.ndjson"));
  EXPECT_EQ(state_, Poll::State::finished);
  const SourceProgress progress = source->progress();
  clock_.advance_ms(3000);
  EXPECT_THAT(read_all(&progress), ElementsAre("a.ndjson#0 1", "a.ndjson#1 2"));
}

TEST_F(FilesSourceTest, OnePassWaitsForFilesToSettleAndLeavesThoseThatTakeLong) {
  const int64_t now_us = clock_.wall_ms() * 1000;
  files_.put("/in/a.csv", "id\n1\n", now_us);
  spec_.make_framer = codec::csv_format().make_framer;
  const auto source = open();
  EXPECT_THAT(read(*source), IsEmpty());
  EXPECT_EQ(state_, Poll::State::idle);
  clock_.advance_ms(2100);
  EXPECT_THAT(read(*source), ElementsAre("a.csv#0 1"));
  EXPECT_EQ(state_, Poll::State::finished);
  EXPECT_THAT(left_, IsEmpty());

  spec_.settle_ms = 600'000;
  files_.put("/in/b.csv", "id\n2,12", clock_.wall_ms() * 1000);  // somebody is in the middle of a line
  SourceProgress progress = source->progress();
  EXPECT_THAT(read_all(&progress), IsEmpty());
  EXPECT_EQ(state_, Poll::State::finished);
  EXPECT_THAT(left_, ElementsAre("/in/b.csv"));
  clock_.advance_ms(600'000);
  files_.put("/in/b.csv", "id\n2,1234", clock_.wall_ms() * 1000 - 600'000'000);
  EXPECT_THAT(read_all(&progress), ElementsAre("b.csv#0 2,1234"));
}

TEST_F(FilesSourceTest, AFileThatIsBeingCopiedOverItselfIsJudgedOnceItHasSettled) {
  files_.put("/in/a.ndjson", "1\n2\n");
  read_all();
  const SourceProgress progress = progress_;
  files_.put("/in/a.ndjson", "1\n", clock_.wall_ms() * 1000);  // half of it is there
  const auto source = open(&progress);
  EXPECT_THAT(read(*source), IsEmpty());
  EXPECT_EQ(state_, Poll::State::idle);
  files_.put("/in/a.ndjson", "1\n2\n", clock_.wall_ms() * 1000);
  clock_.advance_ms(2100);
  EXPECT_THAT(read(*source), IsEmpty());
  EXPECT_EQ(state_, Poll::State::finished);
  EXPECT_EQ(error(), "");
}

class WatchedFilesTest : public FilesSourceTest {
 protected:
  WatchedFilesTest() {
    spec_ = {.path = "/in", .watch = true, .scan_every_ms = 100, .settle_ms = 500, .log = spec_.log};
  }
  int64_t now_us() const { return clock_.wall_ms() * 1000; }
  Texts read_after_ms(SourceCursor& source, int64_t wait_ms) {
    clock_.advance_ms(wait_ms);
    return read(source);
  }
};

TEST_F(WatchedFilesTest, FilesMustHaveSettledThoseThatAreThereAtTheStartToo) {
  files_.put("/in/a.ndjson", "1\n", now_us() - 600'000);
  files_.put("/in/b.ndjson", "2\n", now_us());
  const auto source = open();
  EXPECT_THAT(read(*source), ElementsAre("a.ndjson#0 1"));
  EXPECT_EQ(state_, Poll::State::idle);
  files_.put("/in/b.ndjson", "2\n3\n", now_us());
  for (int i = 0; i < 20; ++i) EXPECT_THAT(read(*source), IsEmpty()) << clock_.wall_ms();
  EXPECT_LT(clock_.wall_ms(), 1'000'000 + 500);
  EXPECT_THAT(read_after_ms(*source, 600), ElementsAre("b.ndjson#0 2", "b.ndjson#1 3"));
}

TEST_F(WatchedFilesTest, AFileOfTheFutureHasSettledWhenItHasNotChangedBeforeOurEyes) {
  files_.put("/in/a.ndjson", "1\n", now_us() + 3'600'000'000);
  const auto source = open();
  EXPECT_THAT(read(*source), IsEmpty());
  EXPECT_THAT(read_after_ms(*source, 300), IsEmpty());
  files_.put("/in/a.ndjson", "1\n2\n", now_us() + 3'600'000'000);
  EXPECT_THAT(read_after_ms(*source, 300), IsEmpty()) << "it changed";
  EXPECT_THAT(read_after_ms(*source, 600), ElementsAre("a.ndjson#0 1", "a.ndjson#1 2"));
}

TEST_F(WatchedFilesTest, AnEmptyFileIsLeftUntilSomethingIsInIt) {
  files_.put("/in/a.ndjson", "", 0);
  const auto source = open();
  EXPECT_THAT(read(*source), IsEmpty());
  files_.put("/in/a.ndjson", "1\n", 1);
  EXPECT_THAT(read_after_ms(*source, 600), ElementsAre("a.ndjson#0 1"));
}

TEST_F(WatchedFilesTest, AFileThatIsReplacedWhileItWaitsIsReadAsItIsThen) {
  files_.put("/in/a.ndjson", "1\n", 0);
  files_.put("/in/b.ndjson", "2\n", 0);
  files_.put("/in/c.ndjson", "3\n", 0);
  const auto source = open();
  files_.put("/in/b.ndjson", "4\n5\n", 1);
  files_.take_away("/in/c.ndjson");
  EXPECT_THAT(read(*source), ElementsAre("a.ndjson#0 1", "b.ndjson#0 4", "b.ndjson#1 5"));
  EXPECT_EQ(error(), "");
  EXPECT_EQ(source->lag().bytes, 0);
}

TEST_F(WatchedFilesTest, AHalfReadFileNeedsNotSettleAgain) {
  files_.put("/in/a.ndjson", "1\n2\n", now_us());
  spec_.watch = false;
  SourceProgress half = open()->progress();
  half.partitions["a.ndjson"] = {.next = 1, .next_byte = 2, .identity = {}};
  spec_.watch = true;
  EXPECT_THAT(read_all(&half), ElementsAre("a.ndjson#1 2"));
}

}  // namespace
}  // namespace weir::connector
