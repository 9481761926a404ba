#include "codec/framing.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;

struct Framed {
  std::string bytes;
  int64_t number;
  int64_t begin;
  int64_t end;
  bool oversize;
  friend bool operator==(const Framed&, const Framed&) = default;
};
void PrintTo(const Framed& f, std::ostream* out) {
  *out << "{" << testing::PrintToString(f.bytes) << " #" << f.number << " " << f.begin << ".." << f.end
       << (f.oversize ? " oversize}" : "}");
}

void drain(RecordFramer& framer, std::vector<Framed>& all) {
  FramedRecord record;
  while (framer.next(record)) {
    all.push_back({std::string(record.bytes), record.number, record.byte_begin, record.byte_end, record.is_oversize});
    EXPECT_EQ(framer.next_byte(), record.byte_end);
  }
}

/// Frames `text` in chunks of `chunk` bytes, each at an address of its own that is poisoned afterwards.
std::vector<Framed> frame(RecordFramer& framer, std::string_view text, size_t chunk) {
  std::vector<Framed> all;
  for (size_t at = 0; at < text.size(); at += chunk) {
    std::string piece(text.substr(at, chunk));
    framer.feed(piece);
    drain(framer, all);
    piece.assign(piece.size(), '#');
  }
  framer.finish();
  drain(framer, all);
  return all;
}

std::vector<std::string> texts(const std::vector<Framed>& all) {
  std::vector<std::string> bytes;
  for (const Framed& record : all) bytes.push_back(record.bytes);
  return bytes;
}

std::vector<Framed> lines(std::string_view text, size_t chunk = 1 << 20, size_t limit = 1000) {
  return frame(*make_line_framer(limit), text, chunk);
}
std::vector<Framed> records(std::string_view text, size_t chunk = 1 << 20, size_t limit = 1000) {
  return frame(*make_csv_framer(limit), text, chunk);
}

TEST(LineFramer, LinesEndWithLfOrCrlfOrTheInput) {
  EXPECT_THAT(lines("a\nbb\r\nc"),
              ElementsAre(Framed{"a", 0, 0, 2, false}, Framed{"bb", 1, 2, 6, false}, Framed{"c", 2, 6, 7, false}));
  EXPECT_THAT(lines("a\n"), ElementsAre(Framed{"a", 0, 0, 2, false}));
  EXPECT_THAT(lines(""), ElementsAre());
  EXPECT_THAT(texts(lines("a\rb\n\rc\r\r\n")), ElementsAre("a\rb", "\rc\r"));
}

TEST(LineFramer, BlankLinesHaveNoNumber) {
  EXPECT_THAT(lines("\n  \t\r\n\na\n\n\nb\n \n"),
              ElementsAre(Framed{"a", 0, 7, 9, false}, Framed{"b", 1, 11, 13, false}));
}

TEST(LineFramer, AByteOrderMarkAtTheStartIsSkipped) {
  EXPECT_THAT(lines("\xef\xbb\xbf{}\n\xef\xbb\xbf{}"),
              ElementsAre(Framed{"{}", 0, 3, 6, false}, Framed{"\xef\xbb\xbf{}", 1, 6, 11, false}));
  EXPECT_THAT(lines("\xef\xbb\xbf\n"), ElementsAre());
  EXPECT_THAT(texts(lines("\xef\xbb")), ElementsAre("\xef\xbb"));
}

TEST(LineFramer, OversizeLinesAreCutOffAndSkipped) {
  EXPECT_THAT(lines("0123456789\n01234567890\nx\n", 1 << 20, 10),
              ElementsAre(Framed{"0123456789", 0, 0, 11, false}, Framed{"0123456789", 1, 11, 23, true},
                          Framed{"x", 2, 23, 25, false}));
  EXPECT_THAT(lines("0123456789\r\n", 1 << 20, 10), ElementsAre(Framed{"0123456789", 0, 0, 12, false}));
  EXPECT_THAT(lines(std::string(100, ' ') + "\n", 1 << 20, 10),
              ElementsAre(Framed{std::string(10, ' '), 0, 0, 101, true}));
}

TEST(Framer, TheSizeOfChunksMakesNoDifference) {
  const std::string text = "\xef\xbb\xbfid,b\r\n1,\"a\nb\"\r\n\r\n2,\"x\"\"\n\"\"y\"\n\n3,plain\n4," +
                           std::string(50, 'z') + "\n5,\"" + std::string(50, '\n') +
                           "\"\r\n6,\"q\"\r\n7,a\"b\n8,\"a\"b\"\n9,end";
  for (size_t limit : {5, 20, 1000}) {
    const auto whole_lines = lines(text, 1 << 20, limit);
    const auto whole_records = records(text, 1 << 20, limit);
    for (size_t chunk = 1; chunk < text.size() + 1; ++chunk) {
      EXPECT_EQ(lines(text, chunk, limit), whole_lines) << chunk;
      EXPECT_EQ(records(text, chunk, limit), whole_records) << chunk;
    }
  }
}

TEST(CsvFramer, LineEndsInsideQuotesBelongToTheRecord) {
  EXPECT_THAT(records("h\n\"a\nb\"\n\"c\"\"\r\n\"\r\nd\n"),
              ElementsAre(Framed{"\"a\nb\"", 0, 2, 8, false}, Framed{"\"c\"\"\r\n\"", 1, 8, 17, false},
                          Framed{"d", 2, 17, 19, false}));
}

TEST(CsvFramer, AQuoteOpensOnlyAtTheStartOfAField) {
  EXPECT_THAT(texts(records("h\na\"b\nc,d\"\ne")), ElementsAre("a\"b", "c,d\"", "e"));
  EXPECT_THAT(texts(records("h\n\"a\"b\"\nc\n")), ElementsAre("\"a\"b\"", "c"));
  EXPECT_THAT(texts(records("h\n x,\"a\nb\"\n")), ElementsAre(" x,\"a\nb\""));
}

TEST(CsvFramer, TheFirstRecordIsTheHeader) {
  auto framer = make_csv_framer(1000);
  EXPECT_FALSE(framer->has_context());
  framer->feed("\n\xef\xbb");
  FramedRecord record;
  EXPECT_FALSE(framer->next(record));
  EXPECT_FALSE(framer->has_context());
  framer = make_csv_framer(1000);
  EXPECT_THAT(frame(*framer, "\xef\xbb\xbf\"a\nb\",c\r\n1,2\r\n", 1), ElementsAre(Framed{"1,2", 0, 12, 17, false}));
  EXPECT_EQ(framer->context(), "\"a\nb\",c");
}

TEST(CsvFramer, AnOversizeHeaderIsNoHeader) {
  auto framer = make_csv_framer(5);
  EXPECT_THAT(texts(frame(*framer, "abc,def\n1\n", 100)), ElementsAre("abc,d", "1"));
  EXPECT_FALSE(framer->has_context());
  EXPECT_EQ(framer->context(), "");
}

TEST(CsvFramer, LinesThatEndInCrAloneAreNotTakenForAHeader) {
  for (const std::string_view text : {"a,b\r1,2\r3,4\r", "a,b\r", "\"a\r\",b\r1,\"2\n\"\r"}) {
    for (const size_t chunk : {1, 3, 100}) {
      auto framer = make_csv_framer(1000);
      EXPECT_THAT(texts(frame(*framer, text, chunk)), ElementsAre(text));
      EXPECT_FALSE(framer->has_context());
    }
  }
  auto framer = make_csv_framer(1000);
  EXPECT_THAT(texts(frame(*framer, "a,b\r1,2\n3,4\n", 100)), ElementsAre("a,b\r1,2", "3,4"));
  EXPECT_FALSE(framer->has_context());
  framer = make_csv_framer(1000);
  EXPECT_THAT(texts(frame(*framer, "\"a\r\",b\r\n1,2", 100)), ElementsAre("1,2"));
  EXPECT_EQ(framer->context(), "\"a\r\",b");
}

TEST(CsvFramer, AQuoteThatIsNeverClosedTakesTheRest) {
  EXPECT_THAT(records("h\n1\n\"2\n3\n4\n", 3, 4),
              ElementsAre(Framed{"1", 0, 2, 4, false}, Framed{"\"2\n3", 1, 4, 11, true}));
}

TEST(CsvFramer, AQuoteThatIsNeverClosedSaysWhereItOpens) {
  const auto open_quote = [](std::string_view text, size_t chunk, size_t limit = 1000) {
    auto framer = make_csv_framer(limit);
    FramedRecord record;
    std::vector<int64_t> opened;
    const auto drain_quotes = [&] {
      while (framer->next(record)) opened.push_back(record.open_quote);
    };
    for (size_t at = 0; at < text.size(); at += chunk) {
      framer->feed(text.substr(at, chunk));
      drain_quotes();
    }
    framer->finish();
    drain_quotes();
    return std::pair(opened, framer->has_context());
  };
  for (size_t chunk = 1; chunk < 30; ++chunk) {
    EXPECT_EQ(open_quote("h\n1\n\"a\"\"\",\"2\n3\n4\n", chunk), std::pair(std::vector<int64_t>({-1, 10}), true))
        << chunk;
    EXPECT_EQ(open_quote("h\n\"2\"\"\n3\n4\n", chunk, 2), std::pair(std::vector<int64_t>({2}), true)) << chunk;
    EXPECT_EQ(open_quote("h\n\"a\"\n\"b\"", chunk), std::pair(std::vector<int64_t>({-1, -1}), true)) << chunk;
    EXPECT_EQ(open_quote("\xef\xbb\xbf\"h\n1\n", chunk), std::pair(std::vector<int64_t>({3}), false))
        << "a header is yielded";
    EXPECT_EQ(open_quote("a,\"h\n1\n", chunk), std::pair(std::vector<int64_t>({2}), false)) << chunk;
  }
}

TEST(Framer, SeekGoesOnAtARecord) {
  const std::string text = "id,b\r\n1,x\n\n2,\"y\nz\"\n3,w\n";
  const auto whole = records(text);
  ASSERT_EQ(whole.size(), 3U);
  for (const Framed& from : whole) {
    auto framer = make_csv_framer(1000);
    framer->feed(std::string_view(text).substr(0, 8));
    FramedRecord record;
    while (framer->next(record)) {
    }
    ASSERT_TRUE(framer->has_context());
    framer->seek(from.end, from.number + 1);
    EXPECT_EQ(framer->next_byte(), from.end);
    EXPECT_EQ(frame(*framer, std::string_view(text).substr(static_cast<size_t>(from.end)), 3),
              std::vector<Framed>(whole.begin() + from.number + 1, whole.end()));
    EXPECT_EQ(framer->context(), "id,b");
  }
  auto framer = make_line_framer(1000);
  framer->seek(5, 7);
  EXPECT_THAT(frame(*framer, "\n2\n", 100), ElementsAre(Framed{"2", 7, 6, 8, false}));
}

TEST(Framer, AnySplitOfRandomTextIsTheSame) {
  SeededRandom random(1);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (uint64_t size = random.next_u64() % 60; size > 0; --size)
      text += "a,\"\n\r b\xef\xbb\xbf"[random.next_u64() % 10];
    const size_t limit = 1 + random.next_u64() % 30;
    const auto whole_lines = lines(text, 1 << 20, limit);
    const auto whole_records = records(text, 1 << 20, limit);
    for (size_t chunk = 1; chunk < 8; ++chunk) {
      ASSERT_EQ(lines(text, chunk, limit), whole_lines) << testing::PrintToString(text);
      ASSERT_EQ(records(text, chunk, limit), whole_records) << testing::PrintToString(text);
    }
    int64_t end = 0;
    for (const Framed& record : whole_records) {
      EXPECT_GE(record.begin, end);
      EXPECT_LE(record.bytes.size(), limit);
      end = record.end;
    }
    EXPECT_LE(end, static_cast<int64_t>(text.size()));
  }
}

TEST(CsvFramer, LinesInFrontOfTheHeaderAndCommentsHaveNoNumber) {
  const std::string_view text = "\xef\xbb\xbfReport \"of\n\n# first \"\na,b\n#\n1,\"x\n# no comment\"\n  # 2\n#3\"\n";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const auto framer = make_csv_framer(1000, {.skip_lines = 2, .comment = '#'});
    EXPECT_THAT(texts(frame(*framer, text, chunk)), ElementsAre("1,\"x\n# no comment\"", "  # 2")) << chunk;
    EXPECT_EQ(framer->context(), "a,b");
  }
}

TEST(CsvFramer, CommentsMayComeFirst) {
  for (const std::string_view text : {"# \"c\na\n1\n", "\xef\xbb\xbf# \"c\na\n1\n"}) {
    for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
      const auto framer = make_csv_framer(1000, {.comment = '#'});
      EXPECT_THAT(texts(frame(*framer, text, chunk)), ElementsAre("1")) << chunk;
      EXPECT_EQ(framer->context(), "a");
    }
  }
}

TEST(CsvFramer, KnowsTheLineOfEachRecord) {
  const std::string_view text = "a,b\n\n1,\"x\ny\n\"\n2,z\n3,w";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const auto framer = make_csv_framer(1000);
    std::vector<int64_t> lines;
    FramedRecord record;
    for (size_t at = 0; at < text.size(); at += chunk) {
      framer->feed(text.substr(at, chunk));
      while (framer->next(record)) lines.push_back(record.line);
    }
    framer->finish();
    while (framer->next(record)) lines.push_back(record.line);
    EXPECT_THAT(lines, ElementsAre(3, 6, 7)) << chunk;
  }
}

}  // namespace
}  // namespace weir::codec
