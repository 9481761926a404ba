#include <cmath>

#include <gtest/gtest.h>

#include "avro/decoder.h"
#include "avro/encoder.h"

namespace weir::avro {
namespace {

TEST(AvroEncoding, WritesTheBytesOfTheSpecification) {
  Encoder out;
  for (const int64_t value : {0, -1, 1, -2, 2, -64, 64}) out.integer(value);
  EXPECT_EQ(out.view(), std::string_view("\x00\x01\x02\x03\x04\x7f\x80\x01", 8));
  Encoder text;
  text.bytes("foo");
  EXPECT_EQ(text.view(),
            "\x06"
            "foo");
  Encoder list;
  list.begin_block(2);
  list.integer(3);
  list.integer(27);
  list.end_block();
  EXPECT_EQ(list.view(), std::string_view("\x04\x06\x36\x00", 4));
}

TEST(AvroEncoding, ReadsBackTheExtremes) {
  Encoder out;
  out.integer(INT64_MAX);
  out.integer(INT64_MIN);
  out.integer(INT32_MIN);
  out.float32(-0.0F);
  out.float64(1e300);
  out.boolean(true);
  Decoder in(out.view());
  EXPECT_EQ(in.int64(), INT64_MAX);
  EXPECT_EQ(in.int64(), INT64_MIN);
  EXPECT_EQ(in.int32(), INT32_MIN);
  EXPECT_TRUE(std::signbit(in.float32()));
  EXPECT_EQ(in.float64(), 1e300);
  EXPECT_TRUE(in.boolean());
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(AvroEncoding, ReadsBlocksWithASizeInFront) {
  Encoder out;
  out.integer(-2);  // two items in ...
  out.integer(2);   // ... two bytes
  out.integer(5);
  out.integer(6);
  out.integer(0);
  Decoder in(out.view());
  EXPECT_EQ(in.block(), 2U);
  EXPECT_EQ(in.int64(), 5);
  EXPECT_EQ(in.int64(), 6);
  EXPECT_EQ(in.block(), 0U);
  EXPECT_FALSE(in.failed());
}

TEST(AvroEncoding, FailsOnWhatDoesNotFit) {
  const auto fails = [](std::string_view bytes, auto read) {
    Decoder in(bytes);
    read(in);
    return in.failed();
  };
  const auto encoded = [](auto write) {
    Encoder out;
    write(out);
    return std::move(out).release();
  };
  EXPECT_TRUE(fails("", [](Decoder& in) { in.int64(); }));
  EXPECT_TRUE(fails("\x80", [](Decoder& in) { in.int64(); }));
  EXPECT_TRUE(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", [](Decoder& in) { in.int64(); }));
  EXPECT_TRUE(fails("\x02", [](Decoder& in) { in.boolean(); }));
  EXPECT_TRUE(fails("\x04", [](Decoder& in) { in.branch(2); }));
  EXPECT_TRUE(fails("\x01", [](Decoder& in) { in.branch(2); }));
  EXPECT_TRUE(fails("\x01", [](Decoder& in) { in.bytes(); }));  // negative length
  EXPECT_TRUE(
      fails("\x06"
            "ab",
            [](Decoder& in) { in.bytes(); }));
  EXPECT_TRUE(fails(encoded([](Encoder& out) { out.integer(int64_t{1} << 31); }), [](Decoder& in) { in.int32(); }));
  EXPECT_TRUE(fails(encoded([](Encoder& out) { out.integer(INT64_MAX); }), [](Decoder& in) { in.block(); }));
  EXPECT_TRUE(fails(encoded([](Encoder& out) {
                      out.integer(INT64_MIN);
                      out.integer(0);
                    }),
                    [](Decoder& in) { in.block(); }));
  EXPECT_TRUE(fails(encoded([](Encoder& out) {
                      out.integer(-1);
                      out.integer(-1);
                    }),
                    [](Decoder& in) { in.block(); }));
}

TEST(AvroEncoding, SkipsEveryKind) {
  const Result<SchemaPtr> schema = parse_schema(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":"null"},{"name":"b","type":"boolean"},{"name":"c","type":"int"},{"name":"d","type":"long"},
      {"name":"e","type":"float"},{"name":"f","type":"double"},{"name":"g","type":"bytes"},{"name":"h","type":"string"},
      {"name":"i","type":{"type":"fixed","name":"three","size":3}},{"name":"j","type":{"type":"enum","name":"n","symbols":["A"]}},
      {"name":"k","type":{"type":"array","items":"string"}},{"name":"l","type":{"type":"map","values":"long"}},
      {"name":"m","type":["null","string"]},{"name":"n","type":["null","string"]}]})");
  ASSERT_TRUE(schema.ok()) << schema.error().to_string();
  Encoder out;
  out.boolean(false);
  out.integer(7);
  out.integer(INT64_MIN);
  out.float32(1);
  out.float64(2);
  out.bytes("g");
  out.bytes("");
  out.fixed("iii");
  out.integer(0);
  out.begin_block(2);
  out.bytes("x");
  out.bytes("y");
  out.end_block();
  out.begin_block(1);
  out.bytes("key");
  out.integer(3);
  out.end_block();
  out.branch(0);
  out.branch(1);
  out.bytes("z");
  Decoder in(out.view());
  in.skip(**schema);
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.remaining(), 0U);
  for (size_t size = 0; size < out.size_bytes(); ++size) {
    Decoder cut(out.view().substr(0, size));
    cut.skip(**schema);
    EXPECT_TRUE(cut.failed()) << size;
  }
}

}  // namespace
}  // namespace weir::avro
