#include "columnar/row_json.h"

#include <cmath>

#include <gtest/gtest.h>

#include "columnar/column_builder.h"

namespace weir {
namespace {

TypePtr kind(TypeKind type) {
  return Type::primitive(type);
}

/// A batch of one row and one column "v".
template <typename Builder, typename Value>
Batch one(const TypePtr& type, const Value& value) {
  Builder builder(type);
  builder.append(value);
  return Batch(std::make_shared<const Schema>(std::vector<Field>{{.id = 1, .name = "v", .type = type}}),
               {builder.finish()}, 1, nullptr);
}

std::string json(const Batch& batch, size_t bytes_max = 1000) {
  bool is_cut = false;
  const std::string text = row_json(batch, 0, bytes_max, is_cut);
  return text + (is_cut ? " (cut)" : "");
}

TEST(RowJson, WritesEachTypeAsItIsUsuallyWritten) {
  EXPECT_EQ(json(one<FixedBuilder<int64_t>>(kind(TypeKind::int64), int64_t{-7})), R"({"v":-7})");
  EXPECT_EQ(json(one<BooleanBuilder>(kind(TypeKind::boolean), true)), R"({"v":true})");
  EXPECT_EQ(json(one<FixedBuilder<int64_t>>(kind(TypeKind::timestamptz), int64_t{1'500'000})).substr(0, 26),
            R"({"v":"1970-01-01T00:00:01.)");
  EXPECT_EQ(json(one<FixedBuilder<double>>(kind(TypeKind::float64), 0.5)), R"({"v":0.5})");
  EXPECT_EQ(json(one<FixedBuilder<double>>(kind(TypeKind::float64), std::nan(""))), R"({"v":"nan"})");
  EXPECT_EQ(json(one<BytesBuilder>(kind(TypeKind::binary), std::string_view("\xff\x00", 2))), R"({"v":"/wA="})");
  EXPECT_EQ(json(one<BytesBuilder>(kind(TypeKind::string), std::string_view("a\"b\\c\nd"))),
            "{\"v\":\"a\\\"b\\\\c\\u000ad\"}");
}

TEST(RowJson, AMissingValueIsNull) {
  BytesBuilder builder(kind(TypeKind::string));
  builder.append_null();
  const auto schema =
      std::make_shared<const Schema>(std::vector<Field>{{.id = 1, .name = "v", .type = kind(TypeKind::string)}});
  EXPECT_EQ(json(Batch(schema, {builder.finish()}, 1, nullptr)), R"({"v":null})");
}

TEST(RowJson, IsCutWhereThereIsNoMoreRoom) {
  const Batch batch = one<BytesBuilder>(kind(TypeKind::string), std::string_view("abcdefghijklmnopqrstuvwxyz"));
  EXPECT_EQ(json(batch, 10), "{\"v\":\"abcd... (cut)");
  EXPECT_EQ(json(batch, 34), R"({"v":"abcdefghijklmnopqrstuvwxyz"})");
}

}  // namespace
}  // namespace weir
