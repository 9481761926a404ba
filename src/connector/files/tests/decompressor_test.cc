#include "connector/files/decompressor.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/files/tests/compressed.h"

namespace weir::connector {
namespace {

using testing::HasSubstr;

struct Outcome {
  std::string plain;
  std::string error;
  size_t piece_max = 0;
};

/// Feeds `stored` in chunks of `chunk` bytes.
Outcome decompress(Compression compression, std::string_view stored, size_t chunk = 1 << 20) {
  Outcome outcome;
  const auto decompressor = make_decompressor(compression);
  for (size_t at = 0; at < stored.size(); at += chunk) {
    const std::string piece(stored.substr(at, chunk));
    decompressor->feed(piece);
    while (true) {
      const auto plain = decompressor->next();
      if (!plain.ok()) return {outcome.plain, plain.error().to_string()};
      if (plain->empty()) break;
      outcome.piece_max = std::max(outcome.piece_max, plain->size());
      outcome.plain += *plain;
    }
  }
  const auto finished = decompressor->finish();
  if (!finished.ok()) outcome.error = finished.error().to_string();
  return outcome;
}

std::string text(size_t size) {
  std::string out;
  for (size_t i = 0; out.size() < size; ++i) out += std::to_string(i * 7919) + "\n";
  return out;
}

TEST(Decompressor, TheNameSaysHowAFileIsCompressed) {
  EXPECT_EQ(compression_of("a.ndjson.gz", "{}"), Compression::gzip);
  EXPECT_EQ(compression_of("a.csv.zst", "{}"), Compression::zstd);
  EXPECT_EQ(compression_of("a.gz.csv", "{}"), Compression::none);
  EXPECT_EQ(compression_of("gz", "{}"), Compression::none);
  EXPECT_EQ(compression_of("a.NDJSON.GZ", gzip("{}")), Compression::gzip);
  EXPECT_EQ(compression_of("a.csv", zstd("{}")), Compression::zstd);
  EXPECT_EQ(compression_of("a.csv", ""), Compression::none);
}

TEST(Decompressor, AnySizeOfChunksGivesTheSameBytes) {
  const std::string plain = text(20'000);
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{1000}, size_t{1} << 20}) {
    EXPECT_EQ(decompress(Compression::none, plain, chunk).plain, plain) << chunk;
    EXPECT_EQ(decompress(Compression::gzip, gzip(plain), chunk).plain, plain) << chunk;
    EXPECT_EQ(decompress(Compression::zstd, zstd(plain), chunk).plain, plain) << chunk;
  }
}

TEST(Decompressor, MembersAndFramesAfterEachOtherAreOneStream) {
  for (const size_t chunk : {size_t{1}, size_t{13}, size_t{1} << 20}) {
    EXPECT_EQ(decompress(Compression::gzip, gzip("one") + gzip("") + gzip("two"), chunk).plain, "onetwo");
    EXPECT_EQ(decompress(Compression::zstd, zstd("one") + zstd("") + zstd("two"), chunk).plain, "onetwo");
  }
}

TEST(Decompressor, NothingIsAnEmptyStream) {
  for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd}) {
    const Outcome outcome = decompress(compression, "");
    EXPECT_EQ(outcome.plain, "");
    EXPECT_EQ(outcome.error, "");
  }
}

TEST(Decompressor, AStreamThatEndsInTheMiddleIsCorruptWhereverItEnds) {
  const std::string plain = text(5'000);
  for (const auto& [compression, stored] :
       {std::pair{Compression::gzip, gzip(plain)}, {Compression::zstd, zstd(plain)}}) {
    for (size_t size = 1; size < stored.size(); size += 37) {
      const Outcome outcome = decompress(compression, std::string_view(stored).substr(0, size), 50);
      EXPECT_THAT(outcome.error, HasSubstr("corrupt: ")) << size;
      EXPECT_EQ(plain.substr(0, outcome.plain.size()), outcome.plain);
    }
    EXPECT_THAT(decompress(compression, stored.substr(0, stored.size() - 1)).error, HasSubstr("ends in the middle"));
  }
}

TEST(Decompressor, DamagedBytesAreCorrupt) {
  const std::string plain = text(5'000);
  for (const auto& [compression, stored] :
       {std::pair{Compression::gzip, gzip(plain)}, {Compression::zstd, zstd(plain)}}) {
    EXPECT_THAT(decompress(compression, "plain text").error, HasSubstr("corrupt: "));
    EXPECT_THAT(decompress(compression, stored + "tail").error, HasSubstr("corrupt: "));
  }
  std::string wrong_sum = gzip(plain);
  wrong_sum[wrong_sum.size() - 6] ^= 1;
  EXPECT_THAT(decompress(Compression::gzip, wrong_sum).error, HasSubstr("incorrect data check"));
}

TEST(Decompressor, ABombComesInBoundedPieces) {
  const std::string zeros(size_t{64} << 20, '\0');
  for (const auto& [compression, stored] :
       {std::pair{Compression::gzip, gzip(zeros)}, {Compression::zstd, zstd(zeros)}}) {
    const Outcome outcome = decompress(compression, stored);
    EXPECT_EQ(outcome.plain.size(), zeros.size());
    EXPECT_LE(outcome.piece_max, size_t{1} << 20);
    EXPECT_EQ(outcome.error, "");
  }
}

TEST(Decompressor, AFrameThatNeedsTooLargeAWindowIsRefused) {
  // A frame header that asks for a window of 2 GiB: magic, descriptor without a content size, window byte 0xA8.
  const std::string stored("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9);
  EXPECT_THAT(decompress(Compression::zstd, stored).error, HasSubstr("corrupt: zstd"));
}

}  // namespace
}  // namespace weir::connector
