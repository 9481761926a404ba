#include "columnar/column_builder.h"

#include <numeric>

#include <gtest/gtest.h>

#include "columnar/batch.h"
#include "columnar/tests/random_column.h"

namespace weir {
namespace {

void expect_equal(const Column& a, const Column& b) {
  ASSERT_EQ(a.length, b.length);
  ASSERT_EQ(a.null_count, b.null_count);
  for (int64_t i = 0; i < a.length; ++i) ASSERT_TRUE(equal_rows(a, i, b, i)) << i;
  for (size_t c = 0; c < a.children.size(); ++c) EXPECT_EQ(a.children[c]->null_count, b.children[c]->null_count);
}

TEST(ColumnBuilder, CountsNullsAndKeepsBitsOnlyWhenThereAreAny) {
  FixedBuilder<int64_t> builder(primitive(TypeKind::int64));
  for (int64_t i = 0; i < 20; ++i) builder.append(i);
  EXPECT_TRUE(builder.finish()->validity.empty());
  for (int64_t i = 0; i < 20; ++i) i % 7 == 3 ? builder.append_null() : builder.append(i);
  const ColumnPtr column = builder.finish();
  EXPECT_EQ(column->null_count, 3);
  EXPECT_EQ(column->validity.size(), 3U);
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(column->is_null(i), i % 7 == 3) << i;
  EXPECT_EQ(column->values_as<int64_t>()[19], 19);
}

TEST(ColumnBuilder, StartsEmptyAfterFinish) {
  const auto builder = make_column_builder(every_type());
  SeededRandom random(1);
  for (int i = 0; i < 100; ++i) append_random(*builder, random);
  builder->finish();
  EXPECT_EQ(builder->length(), 0);
  const ColumnPtr empty = builder->finish();
  EXPECT_EQ(empty->length, 0);
  for (const ColumnPtr& child : empty->children) EXPECT_EQ(child->length, 0);
}

TEST(ColumnBuilder, TruncateLeavesNoTrace) {
  for (uint64_t seed = 1; seed < 60; ++seed) {
    SeededRandom random(seed);
    SeededRandom noise(seed + 1000);
    const auto builder = make_column_builder(every_type());
    const auto plain = make_column_builder(every_type());
    for (int i = 0; i < 60; ++i) {
      SeededRandom same = random;
      append_random(*builder, random);
      append_random(*plain, same);
      if (noise.next_u64() % 3 != 0) continue;
      const int64_t length = builder->length();
      for (uint64_t junk = noise.next_u64() % 10; junk > 0; --junk) append_random(*builder, noise);
      builder->truncate(length);
    }
    ASSERT_EQ(builder->length(), plain->length());
    expect_equal(*builder->finish(), *plain->finish());
  }
}

TEST(ColumnBuilder, TruncateToZeroEmptiesEverything) {
  SeededRandom random(1);
  const auto builder = make_column_builder(every_type());
  for (int i = 0; i < 30; ++i) append_random(*builder, random);
  builder->truncate(0);
  append_random(*builder, random);
  EXPECT_EQ(builder->finish()->length, 1);
}

TEST(ColumnBuilder, TruncateCutsElementsOfRowsThatWereNeverClosed) {
  const TypePtr strings = Type::list(field("", primitive(TypeKind::string)));
  RepeatedBuilder lists(Type::list(field("", strings)));
  auto& inner = static_cast<RepeatedBuilder&>(lists.child(0));
  auto& text = static_cast<BytesBuilder&>(inner.child(0));
  text.append("kept");
  inner.close_row();
  lists.close_row();
  text.append("dropped");  // neither the inner nor the outer row is closed
  lists.truncate(1);
  text.append("next");
  inner.close_row();
  lists.close_row();
  const ColumnPtr column = lists.finish();
  ASSERT_EQ(column->children[0]->children[0]->length, 2);
  EXPECT_EQ(column->children[0]->children[0]->bytes_at(1), "next");
}

TEST(ColumnBuilder, TruncateOfAStructCutsWhatItsChildrenLeftOpen) {
  StructBuilder rows(Type::structure(
      {field("a", primitive(TypeKind::int32)), field("l", Type::list(field("", primitive(TypeKind::int32))))}));
  auto& a = static_cast<FixedBuilder<int32_t>&>(rows.child(0));
  auto& l = static_cast<RepeatedBuilder&>(rows.child(1));
  a.append(1);
  static_cast<FixedBuilder<int32_t>&>(l.child(0)).append(99);
  rows.truncate(0);
  a.append(2);
  l.close_row();
  rows.close_row();
  const ColumnPtr column = rows.finish();
  EXPECT_EQ(column->children[0]->values_as<int32_t>()[0], 2);
  EXPECT_EQ(column->children[1]->children[0]->length, 0);
}

TEST(ColumnBuilder, TruncateForgetsNullsAndTheirBits) {
  BooleanBuilder builder(primitive(TypeKind::boolean));
  for (int i = 0; i < 10; ++i) builder.append(true);
  builder.append_null();
  builder.append_null();
  builder.truncate(10);
  for (int i = 0; i < 10; ++i) builder.append(false);
  const ColumnPtr column = builder.finish();
  EXPECT_EQ(column->null_count, 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(column->boolean_at(i), i < 10);
}

TEST(BytesBuilder, ValuesMayBeMadeInPlaceOrGivenUp) {
  BytesBuilder builder(primitive(TypeKind::string));
  std::memcpy(builder.reserve_value(100), "abc", 3);
  builder.commit_value(3);
  std::memcpy(builder.reserve_value(1000), "xxx", 3);
  builder.append("de");
  const ColumnPtr column = builder.finish();
  ASSERT_EQ(column->length, 2);
  EXPECT_EQ(column->bytes_at(0), "abc");
  EXPECT_EQ(column->bytes_at(1), "de");
}

TEST(Column, TakeCopiesRowsInAnyOrder) {
  const ColumnPtr column = random_column(7, 200);
  SeededRandom random(2);
  std::vector<int32_t> rows;
  for (int i = 0; i < 300; ++i) rows.push_back(static_cast<int32_t>(random.next_u64() % 200));
  const ColumnPtr taken = take(*column, rows);
  ASSERT_EQ(taken->length, 300);
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_TRUE(equal_rows(*taken, static_cast<int64_t>(i), *column, rows[i]));
  EXPECT_EQ(take(*column, {})->length, 0);
}

TEST(Column, TakeOfTextsOfEveryLength) {
  BytesBuilder builder(primitive(TypeKind::string));
  std::vector<int32_t> rows;
  for (int32_t i = 0; i < 64; ++i) {
    builder.append(std::string(static_cast<size_t>(63 - i), static_cast<char>('a' + i % 26)));
    rows.insert(rows.begin(), i);
    rows.push_back(i);
  }
  const ColumnPtr column = builder.finish();
  const ColumnPtr taken = take(*column, rows);
  ASSERT_EQ(taken->length, 128);
  for (size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(taken->bytes_at(static_cast<int64_t>(i)), column->bytes_at(rows[i]));
}

TEST(ColumnBuilder, AppendRowsContinuesWhatIsThere) {
  for (const bool with_nulls : {false, true}) {
    StructBuilder rows(
        Type::structure({field("n", primitive(TypeKind::int64)), field("t", primitive(TypeKind::string))}));
    auto& numbers = static_cast<FixedBuilder<int64_t>&>(rows.child(0));
    auto& texts = static_cast<BytesBuilder&>(rows.child(1));
    const auto add = [&](int64_t i) {
      with_nulls&& i % 3 == 1 ? numbers.append_null() : numbers.append(i);
      with_nulls&& i % 4 == 1 ? texts.append_null() : texts.append(std::to_string(i));
      rows.close_row();
    };
    for (int64_t i = 0; i < 50; ++i) add(i);
    const ColumnPtr source = rows.finish();
    add(1);
    rows.append_rows(*source, std::vector<int32_t>{49, 1, 1, 0, 25});
    add(2);
    const ColumnPtr column = rows.finish();
    ASSERT_EQ(column->length, 7);
    const int64_t expected[] = {1, 49, 1, 1, 0, 25, 2};
    for (int64_t i = 0; i < 7; ++i) EXPECT_TRUE(equal_rows(*column, i, *source, expected[i])) << i;
  }
}

TEST(Column, TakeOfFixedWidthColumnsWithoutNulls) {
  FixedBuilder<int32_t> ints(primitive(TypeKind::date));
  FixedBuilder<double> doubles(primitive(TypeKind::float64));
  for (int i = 0; i < 10; ++i) {
    ints.append(i * 3);
    doubles.append(i * 0.5);
  }
  const std::vector<int32_t> rows = {9, 0, 9};
  EXPECT_EQ(take(*ints.finish(), rows)->values_as<int32_t>()[2], 27);
  EXPECT_EQ(take(*doubles.finish(), rows)->values_as<double>()[0], 4.5);
}

TEST(Column, NullColumnsAreNullAllThrough) {
  const ColumnPtr column = null_column(every_type(), 70);
  EXPECT_EQ(column->length, 70);
  EXPECT_EQ(column->null_count, 70);
  for (const ColumnPtr& child : column->children) EXPECT_EQ(child->length, 70);
}

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    FixedBuilder<int64_t> numbers(primitive(TypeKind::int64));
    BytesBuilder texts(primitive(TypeKind::string));
    auto origins = std::make_shared<RowOrigins>();
    RawBatchBuilder raw;
    for (int i = 0; i < 10; ++i) {
      numbers.append(i);
      texts.append(std::string(static_cast<size_t>(i), 'x'));
      origins->offset.push_back(100 + i);
      origins->add_to_run(i < 5 ? low_ : high_);
      origins->raw_index.push_back(static_cast<uint32_t>(i));
      raw.add("e", {});
    }
    schema_ = std::make_shared<const Schema>(assign_ids(
        std::vector<Field>{field("n", primitive(TypeKind::int64)), field("t", primitive(TypeKind::string))}));
    batch_ = Batch(schema_, {numbers.finish(), texts.finish()}, 10, origins, raw.finish());
  }
  SplitPtr low_ = std::make_shared<const Split>(Split{.source = "s", .topic = "t", .partition = 0});   ///< rows 0 to 4
  SplitPtr high_ = std::make_shared<const Split>(Split{.source = "s", .topic = "t", .partition = 1});  ///< rows 5 to 9
  SchemaPtr schema_;
  Batch batch_;
};

TEST_F(BatchTest, ASelectionChangesRowsNotColumns) {
  const Batch some = batch_.with_selection({1, 4, 9});
  EXPECT_EQ(some.rows(), 3);
  EXPECT_EQ(some.physical_rows(), 10);
  EXPECT_FALSE(some.all_selected());
  EXPECT_EQ(&some.column(0), &batch_.column(0));
  EXPECT_TRUE(batch_.with_selection({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).all_selected());
  EXPECT_TRUE(batch_.with_selection({}).empty());
}

TEST_F(BatchTest, CompactMakesColumnsAndOriginsDense) {
  const Batch dense = batch_.with_selection({1, 4, 9}).compact();
  EXPECT_TRUE(dense.all_selected());
  EXPECT_EQ(dense.rows(), 3);
  EXPECT_EQ(dense.column(0).values_as<int64_t>()[2], 9);
  EXPECT_EQ(dense.column(1).bytes_at(1), "xxxx");
  EXPECT_EQ(dense.origins()->offset, (std::vector<int64_t>{101, 104, 109}));
  EXPECT_EQ(dense.origins()->raw_index, (std::vector<uint32_t>{1, 4, 9}));
  EXPECT_NE(dense.raw(), nullptr);
  EXPECT_EQ(&batch_.compact().column(0), &batch_.column(0));
  EXPECT_EQ(batch_.with_selection({}).compact().rows(), 0);
}

TEST_F(BatchTest, EveryRowKnowsItsSplitAlsoOnceItIsDense) {
  EXPECT_EQ(batch_.origins()->runs.size(), 2U);
  EXPECT_EQ(batch_.origins()->split(4), *low_);
  EXPECT_EQ(batch_.origins()->split(5), *high_);
  const Batch dense = batch_.with_selection({1, 4, 9}).compact();
  EXPECT_EQ(dense.origins()->split(1), *low_);
  EXPECT_EQ(dense.origins()->split(2), *high_);
  EXPECT_EQ(batch_.with_selection({7, 8}).compact().origins()->runs.size(), 1U);
}

TEST_F(BatchTest, TheEventTimeStaysWithItsRows) {
  EXPECT_EQ(batch_.event_time_us(3), std::nullopt);
  FixedBuilder<int64_t> times(primitive(TypeKind::timestamptz));
  for (int i = 0; i < 10; ++i) i == 4 ? times.append_null() : times.append(1'000 + i);
  const Batch timed = batch_.with_event_time(times.finish());
  EXPECT_EQ(timed.event_time_us(3), 1'003);
  EXPECT_EQ(timed.event_time_us(4), std::nullopt);
  const Batch dense = timed.with_columns(schema_, timed.columns()).with_selection({1, 4, 9}).compact();
  EXPECT_EQ(dense.event_time_us(0), 1'001);
  EXPECT_EQ(dense.event_time_us(1), std::nullopt);
  EXPECT_EQ(dense.event_time_us(2), 1'009);
}

TEST_F(BatchTest, RawBytesCanBeLetGo) {
  const Batch without = batch_.with_selection({2}).without_raw();
  EXPECT_EQ(without.raw(), nullptr);
  EXPECT_EQ(without.rows(), 1);
  EXPECT_GT(without.memory_bytes(), 80U);
}

TEST_F(BatchTest, ColumnsCanBeReplacedUnderASelection) {
  const auto schema =
      std::make_shared<const Schema>(assign_ids(std::vector<Field>{field("t", primitive(TypeKind::string))}));
  const Batch other = batch_.with_selection({3}).with_columns(schema, {batch_.columns()[1]});
  EXPECT_EQ(other.rows(), 1);
  EXPECT_EQ(other.compact().column(0).bytes_at(0), "xxx");
  EXPECT_EQ(other.origins(), batch_.origins());
}

}  // namespace
}  // namespace weir
