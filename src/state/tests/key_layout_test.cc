#include "state/key_layout.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "base/base64.h"
#include "state/key_groups.h"
#include "state/tests/key_batches.h"

namespace weir::state {
namespace {

using testing::ElementsAre;

SchemaPtr schema_of(std::vector<TypePtr> types) {
  std::vector<Field> fields;
  for (size_t i = 0; i < types.size(); ++i) {
    fields.push_back({.id = static_cast<int32_t>(i + 1), .name = "c" + std::to_string(i), .type = types[i]});
  }
  return std::make_shared<const Schema>(std::move(fields));
}

template <typename T>
Batch column_of(TypePtr type, const std::vector<T>& values) {
  FixedBuilder<T> builder(type);
  for (const T value : values) builder.append(value);
  return Batch(schema_of({type}), {builder.finish()}, static_cast<int64_t>(values.size()), nullptr);
}

std::vector<std::string> hex_keys(const Batch& batch) {
  const KeyLayout layout = *KeyLayout::bind(*batch.schema(), {0});
  KeyBatch keys;
  EXPECT_TRUE(layout.encode(batch, keys).ok());
  std::vector<std::string> texts;
  for (size_t i = 0; i < keys.size(); ++i) texts.push_back(hex_encode(keys.key(i)));
  return texts;
}

TEST(KeyGroups, AreFlinksContiguousRanges) {
  // KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(128, 3, i): 0..42, 43..85, 86..127.
  EXPECT_EQ(key_groups_of_task(0, 3), (KeyGroupRange{0, 43}));
  EXPECT_EQ(key_groups_of_task(1, 3), (KeyGroupRange{43, 86}));
  EXPECT_EQ(key_groups_of_task(2, 3), (KeyGroupRange{86, 128}));
}

TEST(KeyGroups, EveryGroupHasTheTaskThatOwnsIt) {
  for (uint32_t count : {1U, 7U, 128U, 1000U}) {
    for (uint32_t tasks = 1; tasks <= std::min(count, 130U); ++tasks) {
      for (uint32_t group = 0; group < count; ++group) {
        const uint32_t task = task_of_key_group(group, tasks, count);
        ASSERT_TRUE(key_groups_of_task(task, tasks, count).contains(group)) << group << " of " << tasks;
      }
    }
  }
}

TEST(KeyGroups, ComeFromTheHighBitsAndFillTheWholeRange) {
  EXPECT_EQ(key_group_of(0), 0U);
  EXPECT_EQ(key_group_of(UINT64_MAX), 127U);
  EXPECT_EQ(key_group_of(0x00000000ffffffffU), 0U);
  EXPECT_EQ(key_group_of(uint64_t{1} << 63, 2), 1U);
}

// The stored form: changing it loses every checkpoint.
TEST(KeyLayout, WritesTheDocumentedBytes) {
  EXPECT_THAT(hex_keys(column_of<int64_t>(Type::primitive(TypeKind::int64), {0, -1, 258})),
              ElementsAre("018000000000000000", "017fffffffffffffff", "018000000000000102"));
  EXPECT_THAT(hex_keys(rows_of({"", "ab"}, {0, 0})), ElementsAre("0100000000", "01000000026162"));
  EXPECT_THAT(hex_keys(column_of<Int128>(Type::decimal(20, 2), {Int128{-1}, Int128{5}})),
              ElementsAre("017fffffffffffffffffffffffffffffff", "0180000000000000000000000000000005"));
  EXPECT_THAT(hex_keys(column_of<double>(Type::primitive(TypeKind::float64), {1.0, -2.0})),
              ElementsAre("01bff0000000000000", "013fffffffffffffff"));
}

TEST(KeyLayout, HashesAreStable) {
  const KeyBatch keys = keys_of({"", "ab"});
  EXPECT_EQ(keys.hashes[0], 15122404197219825512U);
  EXPECT_EQ(keys.hashes[1], 2053279504256333582U);
}

TEST(KeyLayout, AColumnThatIsWidenedKeepsItsKeys) {
  EXPECT_EQ(hex_keys(column_of<int32_t>(Type::primitive(TypeKind::int32), {7, -7})),
            hex_keys(column_of<int64_t>(Type::primitive(TypeKind::int64), {7, -7})));
  EXPECT_EQ(hex_keys(column_of<float>(Type::primitive(TypeKind::float32), {0.1F})),
            hex_keys(column_of<double>(Type::primitive(TypeKind::float64), {double{0.1F}})));
  EXPECT_EQ(KeyLayout::bind(*schema_of({Type::primitive(TypeKind::int32)}), {0})->text(),
            KeyLayout::bind(*schema_of({Type::primitive(TypeKind::int64)}), {0})->text());
}

TEST(KeyLayout, NumbersThatAreEqualAreOneKey) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto keys = hex_keys(column_of<double>(Type::primitive(TypeKind::float64), {0.0, -0.0, nan, -nan}));
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[2], keys[3]);
  EXPECT_NE(keys[0], keys[2]);
}

TEST(KeyLayout, BytesSortAsNumbersDo) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto keys =
      hex_keys(column_of<double>(Type::primitive(TypeKind::float64), {-infinity, -2, -0.5, 0, 0.5, 2, infinity}));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(KeyLayout, NeighbouringTextsAreNotMixedUp) {
  auto schema = schema_of({Type::primitive(TypeKind::string), Type::primitive(TypeKind::string)});
  BytesBuilder a(Type::primitive(TypeKind::string));
  BytesBuilder b(Type::primitive(TypeKind::string));
  for (const char* text : {"ab", "a", ""}) a.append(text);
  for (const char* text : {"c", "bc", "abc"}) b.append(text);
  const Batch batch(schema, {a.finish(), b.finish()}, 3, nullptr);
  KeyBatch keys;
  ASSERT_TRUE(KeyLayout::bind(*schema, {0, 1})->encode(batch, keys).ok());
  EXPECT_NE(keys.key(0), keys.key(1));
  EXPECT_NE(keys.key(1), keys.key(2));
}

TEST(KeyLayout, NullIsAKeyOfItsOwn) {
  auto schema = schema_of({Type::primitive(TypeKind::string)});
  BytesBuilder builder(Type::primitive(TypeKind::string));
  builder.append_null();
  builder.append("");
  builder.append_null();
  const Batch batch(schema, {builder.finish()}, 3, nullptr);
  KeyBatch keys;
  ASSERT_TRUE(KeyLayout::bind(*schema, {0})->encode(batch, keys).ok());
  EXPECT_EQ(keys.key(0), keys.key(2));
  EXPECT_NE(keys.key(0), keys.key(1));
}

TEST(KeyLayout, OnlySelectedRowsHaveKeys) {
  const Batch batch = rows_of({"a", "b", "c"}, {1, 2, 3}).with_selection({0, 2});
  KeyBatch keys;
  ASSERT_TRUE(KeyLayout::bind(*batch.schema(), {1})->encode(batch, keys).ok());
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(hex_encode(keys.key(1)), "018000000000000003");
}

TEST(KeyLayout, NestedColumnsAreRefused) {
  const auto list = Type::list({.id = 2, .name = "element", .type = Type::primitive(TypeKind::string)});
  const auto bound = KeyLayout::bind(*schema_of({list}), {0});
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().kind(), ErrorKind::unsupported);
}

TEST(KeyLayout, AKeyAboveTheLimitIsRefused) {
  const Batch batch = rows_of({std::string(KeyLayout::kKeyBytesMax, 'x')}, {0});
  KeyBatch keys;
  const auto encoded = KeyLayout::bind(*batch.schema(), {0})->encode(batch, keys);
  ASSERT_FALSE(encoded.ok());
  EXPECT_EQ(encoded.error().kind(), ErrorKind::limit_exceeded);
}

/// Columns of every kind come back from their keys.
TEST(KeyLayout, DecodesWhatItEncodes) {
  const std::vector<TypePtr> types = {Type::primitive(TypeKind::boolean),
                                      Type::primitive(TypeKind::int32),
                                      Type::primitive(TypeKind::int64),
                                      Type::primitive(TypeKind::float32),
                                      Type::primitive(TypeKind::float64),
                                      Type::decimal(20, 3),
                                      Type::primitive(TypeKind::date),
                                      Type::primitive(TypeKind::timestamp),
                                      Type::primitive(TypeKind::timestamptz),
                                      Type::primitive(TypeKind::time),
                                      Type::primitive(TypeKind::string),
                                      Type::primitive(TypeKind::uuid),
                                      Type::fixed(3),
                                      Type::primitive(TypeKind::binary)};
  std::vector<std::unique_ptr<ColumnBuilder>> builders;
  for (const TypePtr& type : types) builders.push_back(make_column_builder(type));
  static_cast<BooleanBuilder&>(*builders[0]).append(true);
  static_cast<FixedBuilder<int32_t>&>(*builders[1]).append(-5);
  static_cast<FixedBuilder<int64_t>&>(*builders[2]).append(INT64_MIN);
  static_cast<FixedBuilder<float>&>(*builders[3]).append(-1.5F);
  static_cast<FixedBuilder<double>&>(*builders[4]).append(1e300);
  static_cast<FixedBuilder<Int128>&>(*builders[5]).append(-power_of_ten(19));
  static_cast<FixedBuilder<int32_t>&>(*builders[6]).append(-1);
  for (size_t i = 7; i < 10; ++i) static_cast<FixedBuilder<int64_t>&>(*builders[i]).append(1'700'000'000'000'000);
  static_cast<BytesBuilder&>(*builders[10]).append("text");
  static_cast<FixedBytesBuilder&>(*builders[11]).append("0123456789abcdef");
  static_cast<FixedBytesBuilder&>(*builders[12]).append("abc");
  static_cast<BytesBuilder&>(*builders[13]).append(std::string_view("\0\1", 2));
  for (auto& builder : builders) builder->append_null();

  std::vector<ColumnPtr> columns;
  for (auto& builder : builders) columns.push_back(builder->finish());
  const Batch batch(schema_of(types), columns, 2, nullptr);
  std::vector<int> all(types.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  const KeyLayout layout = *KeyLayout::bind(*batch.schema(), all);
  KeyBatch keys;
  ASSERT_TRUE(layout.encode(batch, keys).ok());

  std::vector<ColumnBuilder*> pointers;
  for (auto& builder : builders) pointers.push_back(builder.get());
  for (size_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(layout.decode(keys.key(i), pointers).ok());
  columns.clear();
  for (auto& builder : builders) columns.push_back(builder->finish());
  const Batch again(batch.schema(), columns, 2, nullptr);
  KeyBatch keys_again;
  ASSERT_TRUE(layout.encode(again, keys_again).ok());
  EXPECT_EQ(keys.bytes, keys_again.bytes);
  EXPECT_TRUE(again.column(0).boolean_at(0));
  EXPECT_EQ(again.column(10).bytes_at(0), "text");
  EXPECT_EQ(again.column(2).values_as<int64_t>()[0], INT64_MIN);
}

TEST(KeyLayout, BytesThatAreNoKeyAreRefused) {
  const Batch batch = rows_of({"ab"}, {1});
  const KeyLayout layout = *KeyLayout::bind(*batch.schema(), {0, 1});
  KeyBatch keys;
  ASSERT_TRUE(layout.encode(batch, keys).ok());
  const std::string key(keys.key(0));
  for (size_t size = 0; size < key.size(); ++size) {
    BytesBuilder text(Type::primitive(TypeKind::string));
    FixedBuilder<int64_t> number(Type::primitive(TypeKind::int64));
    ColumnBuilder* builders[] = {&text, &number};
    EXPECT_FALSE(layout.decode(key.substr(0, size), builders).ok()) << size;
  }
  BytesBuilder text(Type::primitive(TypeKind::string));
  FixedBuilder<int64_t> number(Type::primitive(TypeKind::int64));
  ColumnBuilder* builders[] = {&text, &number};
  EXPECT_FALSE(layout.decode(key + "x", builders).ok());
  EXPECT_FALSE(layout.decode("\x02" + key.substr(1), builders).ok());
}

}  // namespace
}  // namespace weir::state
