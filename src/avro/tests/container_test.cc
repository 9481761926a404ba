#include "avro/container.h"

#include <gtest/gtest.h>

#include "avro/decoder.h"
#include "base/random.h"

namespace weir::avro {
namespace {

constexpr std::string_view kSchema = R"("string")";

std::string make_container(Codec codec, const std::vector<std::string>& values) {
  const std::pair<std::string_view, std::string_view> metadata[] = {{"content", "data"}, {"empty", ""}};
  ContainerWriter writer(kSchema, metadata, codec);
  for (const std::string& value : values) {
    writer.encoder().bytes(value);
    writer.end_value();
  }
  return std::move(writer).finish();
}

Result<std::vector<std::string>> read_all(std::string_view bytes, const ContainerLimits& limits = {}) {
  Result<ContainerReader> reader = ContainerReader::open(bytes, limits);
  if (!reader.ok()) return reader.error();
  std::vector<std::string> values;
  Block block;
  while (true) {
    const Result<bool> more = reader->next_block(block);
    if (!more.ok()) return more.error();
    if (!*more) return values;
    Decoder in(block.payload);
    for (int64_t i = 0; i < block.count && !in.failed(); ++i) values.emplace_back(in.bytes());
    if (in.failed()) return Error(ErrorKind::corrupt, "value");
  }
}

ErrorKind error_of(std::string_view bytes, const ContainerLimits& limits = {}) {
  const auto values = read_all(bytes, limits);
  return values.ok() ? ErrorKind::internal : values.error().kind();
}

TEST(AvroContainer, ReadsWhatItWrites) {
  const std::vector<std::string> values = {"one", "", std::string(1000, 'x')};
  for (const Codec codec : {Codec::null, Codec::deflate}) {
    const std::string bytes = make_container(codec, values);
    EXPECT_EQ(*read_all(bytes), values);
    const Result<ContainerReader> reader = ContainerReader::open(bytes);
    EXPECT_EQ(*reader->metadata("content"), "data");
    EXPECT_EQ(*reader->metadata("empty"), "");
    EXPECT_EQ(reader->metadata("missing"), nullptr);
    EXPECT_EQ(reader->schema().kind, Kind::string);
  }
}

TEST(AvroContainer, SplitsManyValuesIntoBlocks) {
  std::vector<std::string> values;
  values.reserve(3000);
  for (int i = 0; i < 3000; ++i) values.push_back(std::to_string(i) + std::string(500, 'a'));
  EXPECT_EQ(*read_all(make_container(Codec::deflate, values)), values);
  EXPECT_EQ(*read_all(make_container(Codec::null, values)), values);
}

TEST(AvroContainer, MayBeEmpty) {
  EXPECT_TRUE(read_all(make_container(Codec::deflate, {}))->empty());
}

TEST(AvroContainer, MakesEqualBytesOfEqualCalls) {
  EXPECT_EQ(make_container(Codec::deflate, {"a"}), make_container(Codec::deflate, {"a"}));
}

TEST(AvroContainer, RefusesEveryCut) {
  const std::string bytes = make_container(Codec::deflate, {"one", "two"});
  const std::string empty = make_container(Codec::deflate, {});
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (size == empty.size()) continue;  // a container without blocks
    EXPECT_EQ(error_of(bytes.substr(0, size)), ErrorKind::corrupt) << size;
  }
}

TEST(AvroContainer, RefusesADamagedSyncMarker) {
  std::string bytes = make_container(Codec::null, {"one"});
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(error_of(bytes), ErrorKind::corrupt);
}

TEST(AvroContainer, NamesACodecThatItDoesNotRead) {
  std::string bytes = make_container(Codec::null, {});
  bytes.replace(bytes.find("avro.codec") + 11, 4, "zstd");
  EXPECT_EQ(error_of(bytes), ErrorKind::unsupported);
}

/// A container of one deflate block with `extra` after the data.
std::string with_bytes_after_deflate(std::string_view extra) {
  const std::string empty = make_container(Codec::deflate, {});
  const std::string bytes = make_container(Codec::deflate, {"one"});
  const std::string block = bytes.substr(empty.size(), bytes.size() - empty.size() - 16);
  Encoder frame;
  frame.integer(1);
  frame.bytes(block.substr(2) + std::string(extra));
  return empty + std::string(frame.view()) + bytes.substr(bytes.size() - 16);
}

TEST(AvroContainer, ToleratesTheRestOfAChecksumThatPythonLeaves) {
  EXPECT_EQ(*read_all(with_bytes_after_deflate("")), std::vector<std::string>{"one"});
  EXPECT_EQ(*read_all(with_bytes_after_deflate("abc")), std::vector<std::string>{"one"});
  EXPECT_EQ(error_of(with_bytes_after_deflate("abcde")), ErrorKind::corrupt);
}

TEST(AvroContainer, StopsADecompressionBomb) {
  const std::string bomb = make_container(Codec::deflate, {std::string(64 << 20, '\0')});
  EXPECT_LT(bomb.size(), 512U << 10);
  EXPECT_EQ(error_of(bomb), ErrorKind::limit_exceeded) << "by ratio";
  EXPECT_EQ(error_of(bomb, {.block_bytes_max = 1 << 20, .ratio_max = 100'000}), ErrorKind::limit_exceeded)
      << "by size of a block";
  EXPECT_TRUE(read_all(bomb, {.ratio_max = 100'000}).ok());
  std::vector<std::string> values(100, std::string(300 << 10, 'x'));
  EXPECT_EQ(error_of(make_container(Codec::deflate, values), {.total_bytes_max = 10 << 20}), ErrorKind::limit_exceeded)
      << "by size of all";
}

TEST(AvroContainer, RefusesABlockThatClaimsMoreValuesThanBytes) {
  std::string bytes = make_container(Codec::null, {});
  const std::string sync = bytes.substr(bytes.size() - 16);
  Encoder block;
  block.integer(INT64_MAX);
  block.integer(0);
  EXPECT_EQ(error_of(bytes + std::string(block.view()) + sync), ErrorKind::corrupt);
  Encoder negative;
  negative.integer(-1);
  negative.integer(0);
  EXPECT_EQ(error_of(bytes + std::string(negative.view()) + sync), ErrorKind::corrupt);
}

TEST(AvroContainer, SurvivesAnyDamage) {
  SeededRandom random(42);
  for (const Codec codec : {Codec::null, Codec::deflate}) {
    const std::string bytes = make_container(codec, {"one", "two", std::string(300, 'z')});
    for (int round = 0; round < 20'000; ++round) {
      std::string damaged = bytes;
      for (uint64_t flips = 1 + random.next_u64() % 4; flips > 0; --flips) {
        damaged[random.next_u64() % damaged.size()] = static_cast<char>(random.next_u64());
      }
      if (random.next_u64() % 4 == 0) damaged.resize(random.next_u64() % damaged.size());
      (void)read_all(damaged);
    }
  }
}

}  // namespace
}  // namespace weir::avro
