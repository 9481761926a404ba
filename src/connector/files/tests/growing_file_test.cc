#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/format.h"
#include "connector/files/files_source.h"
#include "connector/files/rotation_internal.h"
#include "connector/files/tests/compressed.h"
#include "connector/files/tests/memory_folder.h"
#include "dataflow/source_cursor.h"

namespace weir::connector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
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
  spec_.make_framer = codec::csv_format().make_framer;
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

/// Copies that the pattern finds as well: under another number at each rotation, under a date for good, by renaming or
/// by copying and cutting off, with and without a restart in between.
class RotatedCopyTest : public GrowingFileTest {
 protected:
  RotatedCopyTest() { spec_.path = "/in/*"; }
  /// Commits what was read, and lets the splitter look.
  Texts look() {
    source_->release(source_->progress());
    clock_.advance_ms(600);
    return read();
  }
};

TEST_F(RotatedCopyTest, AFileThatWasRenamedWithADateIsReadOnce) {
  for (const bool restarts : {false, true}) {
    files_ = MemoryFolder();
    log_.clear();
    write("a\n");
    open();
    EXPECT_THAT(read(), ElementsAre("0 a"));
    source_->release(source_->progress());
    for (const std::string day : {"1", "2", "3"}) {
      write("end of " + day + "\n\n");
      rotate("/in/app-2026-11-0" + day + ".log");
      if (restarts) open_again();
      Texts texts = look();
      write("day after " + day + "\n");
      for (int i = 0; i < 3; ++i) {
        for (const std::string& text : look()) texts.push_back(text);
        if (restarts) open_again();
      }
      EXPECT_THAT(texts, SizeIs(2)) << day << error();
      EXPECT_THAT(texts[0], HasSubstr("end of " + day));
      EXPECT_THAT(texts[1], HasSubstr("day after " + day));
    }
    EXPECT_EQ(error(), "");
    EXPECT_EQ(source_->progress().partitions.size(), 1U);
  }
}

TEST_F(RotatedCopyTest, NumbersThatMoveOnAndPackedCopiesAreNoLogs) {
  write("a\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a"));
  rotate("/in/app.log.1");
  write("b\n");
  EXPECT_THAT(look(), ElementsAre("1 b"));
  files_.move("/in/app.log.1", "/in/app.log.2");
  files_.put("/in/app.log.3.gz", gzip("old\n"));
  files_.put("/in/packed", gzip("old\n"));
  rotate("/in/app.log.1");
  write("c\n");
  EXPECT_THAT(look(), ElementsAre("2 c"));
  open_again();
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(error(), "");
}

TEST_F(RotatedCopyTest, CopiesThatAreThereBeforeTheFirstStartAreLeftOutAndThatIsSaid) {
  std::vector<std::string> said;
  spec_.log = [&](bool, std::string_view line) { said.emplace_back(line); };
  files_.put("/in/app.log.1", "never read\n");
  files_.put("/in/app.log-20261130", "nor this\n");
  write("a\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 a"));
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(said, UnorderedElementsAre(HasSubstr("'/in/app.log.1' is taken for a rotated copy of 'app.log'"),
                                         HasSubstr("'/in/app.log-20261130' is taken for a rotated copy")));
}

TEST_F(RotatedCopyTest, ACopyThatIsMadeBeforeTheLogIsCutOffIsReadOnce) {
  write("a\nb\n");
  open();
  EXPECT_THAT(read(), SizeIs(2));
  source_->release(source_->progress());
  files_.put("/in/app-copy.log", log_.substr(0, 2), clock_.wall_ms() * 1000);
  EXPECT_THAT(read(), IsEmpty());
  clock_.advance_ms(200);
  files_.put("/in/app-copy.log", log_, clock_.wall_ms() * 1000);
  EXPECT_THAT(read(), IsEmpty());
  clock_.advance_ms(200);
  EXPECT_THAT(read(), IsEmpty());
  log_.clear();
  write("c\n");
  EXPECT_THAT(look(), ElementsAre("2 c"));
  EXPECT_THAT(look(), IsEmpty());
  open_again();
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(error(), "");
}

TEST_F(RotatedCopyTest, AnotherLogThatBeginsAlikeIsRead) {
  write("started\n");
  open();
  EXPECT_THAT(read(), ElementsAre("0 started"));
  source_->release(source_->progress());
  rotate("/in/app-2026-11-01.log");
  write("started\n");
  look();
  files_.put("/in/b.log", "started\nb\n", clock_.wall_ms() * 1000);
  EXPECT_THAT(look(), ElementsAre("0 started", "1 b"));
  files_.put("/in/c.log", "started\n", clock_.wall_ms() * 1000);
  look();
  files_.put("/in/c.log", "started\nc\n", clock_.wall_ms() * 1000);
  EXPECT_THAT(look(), ElementsAre("0 started", "1 c")) << "a log is no copy for what it had at first";
}

TEST(RotatedName, IsTheLogsWithANumberOrADateBehindIt) {
  const auto is_log = [](const std::string& name) { return name == "a/app.log" || name == "app"; };
  for (const char* name : {"a/app.log.1", "a/app.log.12.gz", "a/app.log-20261130", "a/app.log.2026-11-30T10:00Z.zst",
                           "a/app.log.gz", "a/app.log.old", "a/app.log_3"})
    EXPECT_EQ(rotated_from(name, is_log), "a/app.log") << name;
  for (const char* name : {"a/app.log", "b/app.log.1", "a/app.log.audit", "a/app.log.", "app1", "app.json", "1", ".1"})
    EXPECT_EQ(rotated_from(name, is_log), "") << name;
}

}  // namespace
}  // namespace weir::connector
