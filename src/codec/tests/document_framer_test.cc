#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/framing.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;

struct Found {
  std::vector<std::string> records;
  std::vector<int64_t> ends;
  bool any_oversize = false;
};

/// Frames `text` in chunks of `chunk` bytes.
Found frame(std::string_view text, size_t chunk, size_t limit = 1000) {
  const auto framer = make_document_framer(limit);
  Found found;
  FramedRecord record;
  const auto drain = [&] {
    while (framer->next(record)) {
      EXPECT_EQ(record.number, static_cast<int64_t>(found.records.size()));
      found.records.emplace_back(record.bytes);
      found.ends.push_back(record.byte_end);
      found.any_oversize |= record.is_oversize;
      if (!record.is_oversize) {
        const auto begin = static_cast<size_t>(record.byte_begin);
        EXPECT_EQ(text.substr(begin, static_cast<size_t>(record.byte_end) - begin), record.bytes);
      }
    }
  };
  for (size_t at = 0; at < text.size(); at += chunk) {
    framer->feed(text.substr(at, chunk));
    drain();
  }
  framer->finish();
  drain();
  return found;
}

TEST(DocumentFramer, ObjectsMayTakeAsManyLinesAsTheyLike) {
  const std::string_view text = "{\n  \"a\": 1,\n  \"b\": {\"c\": [1, {}]}\n}\n\n{\"a\": \"}{\\\"]\"}{\"a\":3}\n";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    EXPECT_THAT(frame(text, chunk).records,
                ElementsAre("{\n  \"a\": 1,\n  \"b\": {\"c\": [1, {}]}\n}", "{\"a\": \"}{\\\"]\"}", "{\"a\":3}"))
        << chunk;
  }
}

TEST(DocumentFramer, ElementsOfAnArrayAreRecords) {
  for (const std::string_view text :
       {"[{\"a\":1},{\"a\":2}]", "[\n {\"a\":1}\n,\n {\"a\":2}\n]\n", "\xef\xbb\xbf[{\"a\":1}, {\"a\":2}]"}) {
    for (size_t chunk = 1; chunk <= text.size(); ++chunk)
      EXPECT_THAT(frame(text, chunk).records, ElementsAre("{\"a\":1}", "{\"a\":2}")) << text << chunk;
  }
  EXPECT_TRUE(frame("[]", 10).records.empty());
  EXPECT_TRUE(frame(" \n", 10).records.empty());
}

TEST(DocumentFramer, KnowsTheLineOfEachRecord) {
  const std::string_view text = "[\n{\"a\":1},\n\n{\n\"a\":2\n}, {\"a\":3}\n]";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const auto framer = make_document_framer(100);
    FramedRecord record;
    std::vector<int64_t> lines;
    for (size_t at = 0; at < text.size(); at += chunk) {
      framer->feed(text.substr(at, chunk));
      while (framer->next(record)) lines.push_back(record.line);
    }
    EXPECT_THAT(lines, ElementsAre(2, 4, 6)) << chunk;
  }
}

TEST(DocumentFramer, WhatIsNoObjectIsARecordUpToItsLineEnd) {
  for (size_t chunk = 1; chunk < 10; ++chunk)
    EXPECT_THAT(frame("{\"a\":1}\nrubbish {\n{\"a\":2}\n7", chunk).records,
                ElementsAre("{\"a\":1}", "rubbish {", "{\"a\":2}", "7"));
}

TEST(DocumentFramer, AnObjectThatIsNeverClosedIsTheLastRecord) {
  EXPECT_THAT(frame("{\"a\":1}\n{\"a\": {\n", 5).records, ElementsAre("{\"a\":1}", "{\"a\": {\n"));
}

TEST(DocumentFramer, LongRecordsAreCutAtTheLimit) {
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{100}}) {
    const Found found = frame("{\"a\":\"xxxxxxxxxx\"} {\"b\":1}", chunk, 8);
    EXPECT_THAT(found.records, ElementsAre("{\"a\":\"xx", "{\"b\":1}"));
    EXPECT_TRUE(found.any_oversize);
  }
}

TEST(DocumentFramer, GoesOnAfterAnyRecord) {
  const std::string_view text = "[\n{\"a\":1},\n{\"a\":\n2},{\"a\":3}]";
  const Found all = frame(text, 1000);
  for (size_t i = 0; i < all.ends.size(); ++i) {
    const auto framer = make_document_framer(1000);
    framer->seek(all.ends[i], static_cast<int64_t>(i) + 1);
    framer->feed(text.substr(static_cast<size_t>(all.ends[i])));
    framer->finish();
    FramedRecord record;
    for (size_t next = i + 1; next < all.records.size(); ++next) {
      ASSERT_TRUE(framer->next(record));
      EXPECT_EQ(record.bytes, all.records[next]);
      EXPECT_EQ(record.number, static_cast<int64_t>(next));
      EXPECT_EQ(record.byte_end, all.ends[next]);
    }
    EXPECT_FALSE(framer->next(record));
  }
}

}  // namespace
}  // namespace weir::codec
