#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/files/files_source.h"
#include "connector/files/tests/compressed.h"
#include "connector/files/tests/memory_folder.h"
#include "dataflow/source_cursor.h"

namespace weir::connector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

/// A log that somebody writes while it is read.
class GrowingFileTest : public testing::Test {
 protected:
  void open(const SourceProgress* from = nullptr) {
    source_ = *SourceCursor::make(make_files_source(spec_, files_, clock_), clock_);
    status_ = source_->open(from, [] { return false; });
  }
  void open_again() {
    const SourceProgress progress = source_->progress();
    open(&progress);
  }
  /// "NUMBER TEXT" of what is there now.
  Texts read() {
    Texts texts;
    for (int i = 0; i < 100 && status_.ok(); ++i) {
      const Result<Poll> poll = source_->poll(0);
      if (!poll.ok()) status_ = poll.error();
      if (!poll.ok() || poll->state != Poll::State::events) break;
      for (size_t e = 0; e < poll->events->size(); ++e)
        texts.push_back(std::to_string(poll->events->offset(e)) + " " + std::string(poll->events->bytes(e)));
    }
    return texts;
  }
  void write(const std::string& text) {
    log_ += text;
    files_.put("/in/app.log", log_, clock_.wall_ms() * 1000);
  }
  /// By renaming, as logrotate does; the next line comes into a new file.
  void rotate(const std::string& to) {
    files_.move("/in/app.log", to);
    log_.clear();
  }
  std::string error() const { return status_.ok() ? "" : status_.error().to_string(); }

  MemoryFolder files_;
  ManualClock clock_{1'000'000};
  FilesSpec spec_{.path = "/in/*.log", .watch = true, .scan_every_ms = 100, .settle_ms = 500, .append = true};
  std::unique_ptr<SourceCursor> source_;
  std::string log_;
  Result<void> status_;
};

TEST_F(GrowingFileTest, LinesAreReadAsTheyComeAndNeverHalves) {
  write("a\nb\nc");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a", "1 b"));
  EXPECT_THAT(read(), IsEmpty());
  write("cc\nd\n");
  EXPECT_THAT(read(), ElementsAre("2 ccc", "3 d"));
  open_again();
  EXPECT_THAT(read(), IsEmpty());
  write("e\n");
  EXPECT_THAT(read(), ElementsAre("4 e"));
  EXPECT_EQ(error(), "");
}

TEST_F(GrowingFileTest, ARotatedFileIsFinishedAndThenTheNewOneIsBegun) {
  write("a\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a"));
  write("b\nlast");
  rotate("/in/app.log.1");
  EXPECT_THAT(read(), ElementsAre("1 b"));
  write("c\n");
  EXPECT_THAT(read(), IsEmpty()) << "somebody may still write into the old one";
  clock_.advance_ms(600);
  EXPECT_THAT(read(), ElementsAre("2 last", "3 c"));
  write("d\n");
  EXPECT_THAT(read(), ElementsAre("4 d"));
  EXPECT_EQ(error(), "");
}

TEST_F(GrowingFileTest, RotationWhileNothingRanLosesAndDoublesNothing) {
  for (const bool is_packed : {false, true}) {
    files_ = MemoryFolder();
    log_.clear();
    write("a\nb\n");
    open();
    EXPECT_THAT(read(), ElementsAre("0 a", "1 b"));
    write("c\n");
    if (is_packed) {
      files_.put("/in/app.log.1.gz", gzip(log_));
      files_.take_away("/in/app.log");
      log_.clear();
    } else {
      rotate("/in/app.log.1");
    }
    write("d\n");
    clock_.advance_ms(600);
    open_again();
    EXPECT_THAT(read(), ElementsAre("2 c", "3 d")) << error();
    open_again();
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_EQ(error(), "");
  }
}

TEST_F(GrowingFileTest, AFileThatIsCopiedAndCutOffIsFinishedInItsCopy) {
  write("a\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a"));
  write("b\n");
  files_.put("/in/app.log.1", log_, clock_.wall_ms() * 1000);
  log_.clear();
  write("longer than what was read of the file before\n");
  clock_.advance_ms(600);
  EXPECT_THAT(read(), ElementsAre("1 b", "2 longer than what was read of the file before")) << error();
}

TEST_F(GrowingFileTest, WithoutACopyWhatWasNotReadIsNamed) {
  write("a\nb\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a", "1 b"));
  log_.clear();
  write("c\n");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(error(), HasSubstr("position_lost: '/in/app.log' was read up to record 2 (byte 4), and is another file"));
  EXPECT_THAT(error(), HasSubstr("weir progress forget PIPELINE.yaml --partition app.log"));
}

TEST_F(GrowingFileTest, OnePassReadsTheLinesThatAreThereAndEnds) {
  spec_.watch = false;
  write("a\nb");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a"));
  EXPECT_EQ(source_->poll(0)->state, Poll::State::finished);
  write("b\n");
  open_again();
  EXPECT_THAT(read(), ElementsAre("1 bb"));
}

TEST_F(GrowingFileTest, ACsvFileGoesOnWithItsHeader) {
  spec_.format = FileFormat::csv;
  write("id,t\n1,a\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 1,a"));
  write("2,b\n");
  open_again();
  const Result<Poll> poll = source_->poll(0);
  ASSERT_TRUE(poll.ok() && poll->state == Poll::State::events);
  EXPECT_EQ(poll->events->context(), "id,t");
  EXPECT_EQ(poll->events->bytes(0), "2,b");
  EXPECT_EQ(poll->events->offset(0), 1);
}

}  // namespace
}  // namespace weir::connector
