#include "columnar/batch.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"

namespace weir {
namespace {

SchemaPtr numbers_schema() {
  return std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "n", .type = Type::primitive(TypeKind::int64)}});
}

Batch numbers(int64_t count) {
  FixedBuilder<int64_t> values(Type::primitive(TypeKind::int64));
  for (int64_t i = 0; i < count; ++i) values.append(i);
  return Batch(numbers_schema(), {values.finish()}, count, nullptr);
}

std::vector<RowOp> ops_of(const Batch& batch) {
  std::vector<RowOp> ops;
  for (int64_t row = 0; row < batch.physical_rows(); ++row) ops.push_back(batch.op(row));
  return ops;
}

TEST(Batch, RowsAreInsertsUnlessSomebodySaysOtherwise) {
  const Batch batch = numbers(2);
  EXPECT_FALSE(batch.has_changes());
  EXPECT_EQ(batch.op(1), RowOp::insert);
  EXPECT_FALSE(batch.with_ops({RowOp::insert, RowOp::insert}).has_changes());
}

TEST(Batch, OpsStayWithTheirRows) {
  const std::vector<RowOp> ops = {RowOp::insert, RowOp::update_before, RowOp::update_after, RowOp::remove};
  const Batch batch = numbers(4).with_ops(ops);
  ASSERT_TRUE(batch.has_changes());
  const Batch other = numbers(4);
  EXPECT_EQ(ops_of(batch.with_columns(other.schema(), other.columns()).without_raw()), ops);
  EXPECT_EQ(ops_of(batch.with_selection({1, 3})), ops) << "those of physical rows";
  EXPECT_EQ(ops_of(batch.with_selection({1, 3}).compact()), (std::vector<RowOp>{RowOp::update_before, RowOp::remove}));
}

TEST(Batch, InsertsThatAreLeftOfChangesAreNoChanges) {
  const Batch batch = numbers(3).with_ops({RowOp::insert, RowOp::remove, RowOp::insert});
  EXPECT_FALSE(batch.with_selection({0, 2}).compact().has_changes());
}

}  // namespace
}  // namespace weir
