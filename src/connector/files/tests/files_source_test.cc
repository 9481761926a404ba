#include "connector/files/files_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "codec/format.h"
#include "connector/files/tests/compressed.h"
#include "connector/files/tests/files_fixture.h"

namespace weir::connector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(FilesSourceTest, FilesAreReadInTheOrderOfTheirPathsAndThenItIsFinished) {
  files_.put("/in/b.ndjson", "3\n4");
  files_.put("/in/a.ndjson", "1\n\n2\n");
  EXPECT_THAT(read_all(), ElementsAre("a.ndjson#0 1", "a.ndjson#1 2", "b.ndjson#0 3", "b.ndjson#1 4"));
  EXPECT_EQ(state_, Poll::State::finished);
  EXPECT_THAT(progress_.partitions, IsEmpty());
  EXPECT_EQ(progress_.finished.size(), 2U);
}

TEST_F(FilesSourceTest, WhatIsFinishedIsNotReadAgainAndNewFilesAre) {
  files_.put("/in/a.ndjson", "1\n");
  read_all();
  files_.put("/in/0.ndjson", "2\n");
  files_.put("/in/b.ndjson", "3\n");
  const SourceProgress before = progress_;
  EXPECT_THAT(read_all(&before), ElementsAre("0.ndjson#0 2", "b.ndjson#0 3"));
  EXPECT_EQ(progress_.finished.size(), 3U);
}

TEST_F(FilesSourceTest, AHalfReadFileGoesOnWhereItWasPlainOrCompressed) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  for (const auto& [name, stored] : {std::pair<std::string, std::string>{"/in/a.ndjson", text},
                                     {"/in/a.ndjson.gz", gzip(text.substr(0, 70'000)) + gzip(text.substr(70'000))},
                                     {"/in/a.ndjson.zst", zstd(text)}}) {
    files_ = MemoryFolder();
    files_.put(name, stored);
    const auto source = open();
    const Texts first = read(*source, 1);
    ASSERT_THAT(first, SizeIs(8192));
    const SourceProgress half = source->progress();
    EXPECT_EQ(half.partitions.begin()->second.next, 8192);
    EXPECT_EQ(half.partitions.begin()->second.next_byte, static_cast<int64_t>(text.find("line 8192\n")));
    const Texts rest = read_all(&half);
    ASSERT_THAT(rest, SizeIs(20'000 - 8192)) << name << error();
    EXPECT_EQ(rest.front(), name.substr(4) + "#8192 line 8192");
    EXPECT_EQ(rest.back(), name.substr(4) + "#19999 line 19999");
    EXPECT_THAT(progress_.partitions, IsEmpty());
  }
}

TEST_F(FilesSourceTest, AHalfReadCsvFileGoesOnWithItsHeader) {
  spec_.make_framer = codec::csv_format().make_framer;
  std::string text = "\xef\xbb\xbfid,t\r\n";
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i) + ",\"two\nlines\"\r\n";
  files_.put("/in/a.csv", text);
  const auto source = open();
  ASSERT_THAT(read(*source, 1), SizeIs(8192));
  const SourceProgress half = source->progress();
  const auto resumed = open(&half);
  const Result<Poll> poll = resumed->poll(0);
  ASSERT_TRUE(poll.ok()) << poll.error().to_string();
  EXPECT_EQ(poll->events->context(), "id,t");
  EXPECT_EQ(poll->events->bytes(0), "8192,\"two\nlines\"");
  EXPECT_EQ(poll->events->offset(0), 8192);
  EXPECT_EQ(poll->events->size(), 10'000U - 8192U);
}

TEST_F(FilesSourceTest, AHalfReadFileThatChangedIsAnError) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i) + "\n";
  files_.put("/in/a.ndjson", text);
  const auto source = open();
  read(*source, 1);
  const SourceProgress half = source->progress();
  for (const std::string& content : {text + "more\n", "x" + text.substr(1)}) {
    files_.put("/in/a.ndjson", content);
    read_all(&half);
    EXPECT_THAT(error(), HasSubstr("position_lost: '/in/a.ndjson' was read up to record 8192 and has changed since"));
  }
  files_.take_away("/in/a.ndjson");
  files_.put("/in/b.ndjson", "1\n");
  read_all(&half);
  EXPECT_THAT(error(), HasSubstr("position_lost: '/in/a.ndjson' was read up to record 8192 and is gone"));
}

TEST_F(FilesSourceTest, AFinishedFileThatChangedIsAnErrorAndOneThatIsGoneIsNone) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", "2\n");
  read_all();
  const SourceProgress done = progress_;
  files_.take_away("/in/a.ndjson");
  EXPECT_THAT(read_all(&done), IsEmpty());
  EXPECT_EQ(error(), "");
  files_.put("/in/b.ndjson", "2\n3\n");
  read_all(&done);
  EXPECT_THAT(error(), HasSubstr("position_lost: '/in/b.ndjson' was read to its end and has changed since"));
}

TEST_F(FilesSourceTest, AFileThatChangesWhileItIsReadIsAnError) {
  const auto lines = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "1\n";
    return text;
  };
  files_.put("/in/a.ndjson", lines(30'000));
  const auto source = open();
  EXPECT_THAT(read(*source, 1), Not(IsEmpty()));
  files_.put("/in/a.ndjson", lines(20'000));
  read(*source);
  EXPECT_THAT(error(), HasSubstr("changed while it was being read (size 60000, now 40000)"));
}

TEST_F(FilesSourceTest, AFileWhoseNameIsNotUtf8IsRefusedBeforeAnythingIsRead) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/caf\xE9.ndjson", "2\n");
  EXPECT_THAT(read_all(), IsEmpty());
  EXPECT_THAT(error(), HasSubstr("unsupported: the name of '/in/caf\\xE9.ndjson' is not UTF-8"));
}

TEST_F(FilesSourceTest, EveryFileBelongsToExactlyOneReader) {
  Texts wanted;
  for (int i = 0; i < 40; ++i) {
    files_.put("/in/" + std::to_string(100 + i), "x\n");
    wanted.push_back(std::to_string(100 + i) + "#0 x");
  }
  Texts all;
  SourceProgress merged;
  for (int index = 0; index < 3; ++index) {
    const auto source = open(nullptr, {.index = index, .count = 3});
    const Texts mine = read(*source);
    EXPECT_FALSE(mine.empty());
    all.insert(all.end(), mine.begin(), mine.end());
    merged.finished.put(source->progress().finished.changed_since({}));
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, wanted);
  EXPECT_THAT(read_all(&merged), IsEmpty()) << "another number of readers knows what is finished";
  const auto second = open(&merged, {.index = 1, .count = 2});
  EXPECT_THAT(read(*second), IsEmpty());
}

TEST_F(FilesSourceTest, APositionThatWasSetByHandIsFoundByCounting) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  files_.put("/in/a.ndjson", text);
  files_.put("/in/b.ndjson.gz", gzip(text));
  SourceProgress set;
  set.partitions["a.ndjson"] = {.next = 19'998, .next_byte = 0, .identity = {}};
  set.partitions["b.ndjson.gz"] = {.next = 19'999, .next_byte = 0, .identity = {}};
  EXPECT_THAT(read_all(&set),
              ElementsAre("a.ndjson#19998 line 19998", "a.ndjson#19999 line 19999", "b.ndjson.gz#19999 line 19999"));
  set.partitions["a.ndjson"].next = 20'001;
  EXPECT_THAT(read_all(&set), IsEmpty());
  EXPECT_THAT(error(), HasSubstr("'/in/a.ndjson' has 20000 records, fewer than the position that was set (20001)"));
}

TEST_F(FilesSourceTest, AWatchedFileThatGrowsAfterItWasReadIsAnError) {
  spec_.watch = true;
  files_.put("/in/a.ndjson", "1\n");
  const auto source = open();
  EXPECT_THAT(read(*source), SizeIs(1));
  source->release(source->progress());
  files_.put("/in/a.ndjson", "1\n2\n", 1'500'000);
  clock_.advance_ms(10'000);
  read(*source);
  EXPECT_THAT(error(), HasSubstr("position_lost: '/in/a.ndjson' was read to its end and has changed since"));
}

TEST_F(FilesSourceTest, LagIsTheBytesNotYetRead) {
  files_.put("/in/a.ndjson", "1234\n");
  files_.put("/in/b.ndjson", "12345678\n");
  const auto source = open();
  EXPECT_EQ(source->lag().bytes, 14);
  read(*source, 1);
  EXPECT_EQ(source->lag().bytes, 9);
  read(*source);
  EXPECT_EQ(source->lag().bytes, 0);
}

TEST_F(FilesSourceTest, ABatchHasABoundInBytes) {
  spec_.record_bytes_max = size_t{2} << 20;
  std::string text;
  for (int i = 0; i < 12; ++i) text += std::string(1'000'000, 'x') + "\n";
  files_.put("/in/a.ndjson", text);
  EXPECT_THAT(read_all(), SizeIs(12));
  EXPECT_THAT(batches_, ElementsAre(5, 5, 2));
}

TEST_F(FilesSourceTest, AQuoteThatIsNeverClosedIsOneBrokenEventThatNamesItsLine) {
  spec_.make_framer = codec::csv_format().make_framer;
  const std::string text = "id,t\n1,\"a\nb\"\n2,\"c\n3,d\n";
  const std::string fault =
      "2,\"c\n3,d\n (the quote that opens at line 4, column 3 is never closed; it takes the rest of the file, up to "
      "line 5, none of which can be read as records)";
  for (const auto& [name, stored] :
       {std::pair<std::string, std::string>{"a.csv", text}, {"a.csv.gz", gzip(text)}, {"a.csv.zst", zstd(text)}}) {
    files_ = MemoryFolder();
    files_.put("/in/" + name, stored);
    EXPECT_THAT(read_all(), ElementsAre(name + "#0 1,\"a\nb\"", name + "#1 " + fault));
    EXPECT_EQ(progress_.finished.size(), 1U) << "the pipeline goes on";
  }
}

TEST_F(FilesSourceTest, ARestartInFrontOfAQuoteThatIsNeverClosedSaysTheSame) {
  spec_.make_framer = codec::csv_format().make_framer;
  std::string text = "id,t\n";
  for (int i = 0; i < 8192; ++i) text += std::to_string(i) + ",x\n";
  files_.put("/in/a.csv.gz", gzip(text + "8192,\"never\nclosed\n"));
  const auto source = open();
  ASSERT_THAT(read(*source, 1), SizeIs(8192));
  const SourceProgress half = source->progress();
  const Texts straight = read(*source);
  ASSERT_THAT(straight, ElementsAre(HasSubstr("opens at line 8194, column 6 is never closed")));
  EXPECT_EQ(read_all(&half), straight);
}

TEST_F(FilesSourceTest, AHeaderWhoseQuoteIsNeverClosedIsAnErrorAndNotAnEmptyFile) {
  spec_.make_framer = codec::csv_format().make_framer;
  spec_.on_bad_file = OnBadFile::halt;
  files_.put("/in/a.csv", "id,\"t\n1,a\n");
  EXPECT_THAT(read_all(), IsEmpty());
  EXPECT_EQ(error(), "corrupt: '/in/a.csv': in the header, the quote that opens at line 1, column 4 is never closed");
}

TEST_F(FilesSourceTest, DamagedFilesAndFailingDisksAreErrorsThatNameTheFile) {
  spec_.on_bad_file = OnBadFile::halt;
  files_.put("/in/a.ndjson.gz", "no gzip");
  read_all();
  EXPECT_THAT(error(), HasSubstr("the file is named .gz but is not gzip: it begins with 'no gzip'"));
  files_ = MemoryFolder();
  files_.put("/in/a.ndjson.gz", gzip("1\n2\n").substr(0, 15));
  EXPECT_THAT(read_all(), IsEmpty());
  EXPECT_THAT(error(), HasSubstr("corrupt: '/in/a.ndjson.gz': gzip: the file ends in the middle of its data"));
  files_ = MemoryFolder();
  files_.put("/in/a.ndjson", std::string(3'000'000, '\n'));
  files_.fail_reads_from(1 << 20);
  read_all();
  EXPECT_THAT(error(), HasSubstr("io: reading '/in/a.ndjson' failed"));
}

// One damaged file kept 50 good ones from landing, at each start again.
TEST_F(FilesSourceTest, ABadFileIsLeftOutWithOneEventAndTheOthersAreRead) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson.gz", gzip("2\n3\n").substr(0, 15));
  files_.put("/in/c.ndjson", "4\n");
  const Texts texts = read_all();
  ASSERT_THAT(texts, SizeIs(3)) << error();
  EXPECT_EQ(texts[0], "a.ndjson#0 1");
  EXPECT_THAT(texts[1], AllOf(HasSubstr("b.ndjson.gz#-1 "), HasSubstr("the file ends in the middle of its data")));
  EXPECT_EQ(texts[2], "c.ndjson#0 4");
  EXPECT_THAT(said_, ElementsAre(HasSubstr("/in/b.ndjson.gz")));
}

TEST_F(FilesSourceTest, ABadFileIsReadOnceItsContentHasChangedAndNotBefore) {
  files_.put("/in/a.ndjson.gz", gzip("1\n2\n").substr(0, 15));
  read_all();
  const SourceProgress bad = progress_;
  files_.put("/in/a.ndjson.gz", gzip("1\n2\n").substr(0, 15), 3'000'000);
  EXPECT_THAT(read_all(&bad), IsEmpty()) << "touched";
  files_.put("/in/a.ndjson.gz", gzip("1\n2\n"), 4'000'000);
  EXPECT_THAT(read_all(&bad), ElementsAre("a.ndjson.gz#0 1", "a.ndjson.gz#1 2")) << error();
  const SourceProgress good = progress_;
  EXPECT_THAT(read_all(&good), IsEmpty());
  EXPECT_EQ(error(), "");
}

TEST_F(FilesSourceTest, NothingOfAFileWithAFlippedByteIsHandedOutHoweverLargeItIs) {
  std::string text;
  for (int64_t i = 0; i < 2'000'000; ++i) text += "line " + std::to_string(i * 7919 % 1'000'003) + "\n";
  std::string stored = gzip(text);
  ASSERT_GT(text.size(), size_t{16} << 20) << "more than is kept";
  files_.put("/in/a.ndjson.gz", stored);
  EXPECT_THAT(read_all(), SizeIs(2'000'000));
  stored[stored.size() - 6] ^= 1;  // in the checksum, which comes last
  files_.put("/in/b.ndjson.gz", stored);
  const SourceProgress done = progress_;
  EXPECT_THAT(read_all(&done), ElementsAre(HasSubstr("b.ndjson.gz#-1 ")));
}

TEST_F(FilesSourceTest, AFileWhoseFirstEventsDoNotFitIsABadFile) {
  files_.put("/in/a.ndjson", "1\n2\n");
  files_.put("/in/b.ndjson", "3\n");
  spec_.check = [](const RawBatch& first) {
    return first.bytes(0) == "1" ? Result<void>(Error(ErrorKind::corrupt, "not ours")) : Result<void>();
  };
  EXPECT_THAT(read_all(), ElementsAre("a.ndjson#-1  (not ours)", "b.ndjson#0 3"));
  EXPECT_THAT(progress_.finished.size(), 2U);
}

// `touch`, rsync and `cp -r` halted a pipeline.
TEST_F(FilesSourceTest, AFileWithAnotherTimeOrInodeIsTheSameAsLongAsItsContentIs) {
  files_.put("/in/a.ndjson", "1\n");
  read_all();
  const SourceProgress done = progress_;
  files_.put("/in/a.ndjson", "1\n", 2'000'000);
  EXPECT_THAT(read_all(&done), IsEmpty());
  EXPECT_EQ(error(), "");
  const SourceProgress touched = progress_;
  EXPECT_NE(touched, done) << "it need not be looked at again";
  const int64_t before = files_.reads();
  EXPECT_THAT(read_all(&touched), IsEmpty());
  EXPECT_EQ(files_.reads(), before);
  files_.take_away("/in/a.ndjson");
  files_.put("/in/a.ndjson", "1\n", 2'000'000);
  EXPECT_THAT(read_all(&touched), IsEmpty());
  EXPECT_EQ(error(), "");
}

TEST_F(FilesSourceTest, AHalfReadFileThatWasTouchedGoesOn) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i) + "\n";
  files_.put("/in/a.ndjson", text);
  files_.put("/in/b.ndjson.gz", gzip(text));
  const auto source = open();
  read(*source, 1);
  const SourceProgress half = source->progress();
  files_.put("/in/a.ndjson", text, 2'000'000);
  EXPECT_THAT(read_all(&half), SizeIs(2 * 10'000 - 8192)) << error();
}

TEST_F(FilesSourceTest, ARenamedFileIsNotReadAgainAndACopyIs) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", "2\n");
  read_all();
  const SourceProgress done = progress_;
  files_.move("/in/a.ndjson", "/in/z.ndjson");
  files_.put("/in/c.ndjson", "2\n");
  EXPECT_THAT(read_all(&done), ElementsAre("c.ndjson#0 2"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("'/in/z.ndjson' was read under another name")));
  const SourceProgress renamed = progress_;
  said_.clear();
  EXPECT_THAT(read_all(&renamed), IsEmpty());
  EXPECT_THAT(said_, IsEmpty()) << "it is known by its new name";
}

TEST_F(FilesSourceTest, OneFileUnderTwoNamesIsReadOnceAndThatIsSaid) {
  files_.put("/in/b.ndjson", "1\n");
  read_all();
  const SourceProgress done = progress_;
  files_.link("/in/b.ndjson", "/in/a.ndjson");
  files_.put("/in/c.ndjson", "2\n");
  files_.link("/in/c.ndjson", "/in/d.ndjson");
  EXPECT_THAT(read_all(&done), ElementsAre("c.ndjson#0 2"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("'/in/a.ndjson' is the same file as 'b.ndjson'"),
                                 HasSubstr("'/in/d.ndjson' is the same file as 'c.ndjson'")));
}

TEST_F(FilesSourceTest, ProgressOfVersion1GoesOn) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i) + "\n";
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", text);
  const auto identity = [](const std::string& content) {
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash64(content.substr(0, 4096))));
    return std::to_string(content.size()) + ":1000000:" + hash;
  };
  SourceProgress old;
  old.finish("a.ndjson",
             {.content = {.low = identity_hash(identity("1\n"))}, .state = FinishedPartition::State::of_version_1});
  old.partitions["b.ndjson"] = {
      .next = 9'999, .next_byte = static_cast<int64_t>(text.find("9999\n")), .identity = identity(text)};
  EXPECT_THAT(read_all(&old), ElementsAre("b.ndjson#9999 9999")) << error();
  EXPECT_EQ(progress_.find_finished("a.ndjson")->state, FinishedPartition::State::read);
  files_.put("/in/a.ndjson", "2\n");
  read_all(&old);
  EXPECT_THAT(error(), HasSubstr("was read to its end and has changed since"));
}

TEST_F(FilesSourceTest, AFileThatIsGoneIsForgottenAfterAWhileAndNotBefore) {
  spec_.forget_after_days = 30;
  clock_.advance_ms(int64_t{20'000} * 86'400'000);
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", "2\n");
  read_all();
  files_.take_away("/in/a.ndjson");
  SourceProgress now = progress_;
  read_all(&now);
  now = progress_;
  EXPECT_GT(now.find_finished("a.ndjson")->gone_day, 0);
  clock_.advance_ms(int64_t{29} * 86'400'000);
  files_.put("/in/a.ndjson", "1\n");
  EXPECT_THAT(read_all(&now), IsEmpty()) << "it is back";
  EXPECT_EQ(progress_.find_finished("a.ndjson")->gone_day, 0);
  files_.take_away("/in/a.ndjson");
  read_all(&now);
  EXPECT_NE(progress_.find_finished("a.ndjson"), nullptr);
  clock_.advance_ms(int64_t{2} * 86'400'000);
  read_all(&now);
  EXPECT_EQ(progress_.find_finished("a.ndjson"), nullptr);
  EXPECT_NE(progress_.find_finished("b.ndjson"), nullptr);
  now = progress_;
  now.forgotten.clear();
  files_.put("/in/a.ndjson", "1\n");
  EXPECT_THAT(read_all(&now), ElementsAre("a.ndjson#0 1")) << "it is new";
}

TEST_F(FilesSourceTest, WhatIsReleasedIsNoPartOfAReadersProgressAnyMore) {
  files_.put("/in/a.ndjson", "1\n");
  const auto source = open();
  read(*source);
  EXPECT_EQ(source->reader().progress().finished.size(), 1U);
  source->release(source->progress());
  EXPECT_TRUE(source->reader().progress().finished.empty());
  EXPECT_EQ(source->progress().finished.size(), 1U);
}

TEST_F(FilesSourceTest, APausedFileStandsStillWhileOthersAreRead) {
  files_.put("/in/a.ndjson", "1\n");
  files_.put("/in/b.ndjson", "2\n");
  const auto source = open();
  source->reader().pause("a.ndjson");
  EXPECT_THAT(read(*source), ElementsAre("b.ndjson#0 2"));
  source->reader().resume("a.ndjson");
  EXPECT_THAT(read(*source), ElementsAre("a.ndjson#0 1"));
}

TEST_F(FilesSourceTest, EventsCarryTheModificationTimeOfTheirFile) {
  files_.put("/in/a.ndjson", "1\n", 1'234'567'890);
  spec_.settle_ms = 0;
  const auto source = open();
  const Result<Poll> poll = source->poll(0);
  ASSERT_TRUE(poll.ok());
  EXPECT_EQ(poll->events->timestamp_ms(0), 1'234'567);
}

}  // namespace
}  // namespace weir::connector
