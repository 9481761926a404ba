#include "columnar/row_bytes.h"

#include <gtest/gtest.h>

#include "columnar/tests/random_column.h"

namespace weir {
namespace {

class RowBytes : public testing::Test {
 protected:
  static Batch batch_of(const ColumnPtr& column) {
    auto schema = std::make_shared<const Schema>(std::vector<Field>{field("v", column->type)});
    return Batch(std::move(schema), {column}, column->length, nullptr);
  }
  static std::string bytes_of(const Batch& batch, int64_t row) {
    std::string bytes;
    append_row_bytes(batch, row, bytes);
    return bytes;
  }
  static std::vector<std::unique_ptr<ColumnBuilder>> builders_of(const Batch& batch) {
    std::vector<std::unique_ptr<ColumnBuilder>> builders;
    for (const Field& one : batch.schema()->fields()) builders.push_back(make_column_builder(one.type));
    return builders;
  }
};

TEST_F(RowBytes, RowsOfAllTypesComeBack) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const ColumnPtr column = random_column(seed, 100);
    const Batch batch = batch_of(column);
    const auto builders = builders_of(batch);
    for (int64_t row = batch.rows(); row-- > 0;) ASSERT_TRUE(read_row_bytes(bytes_of(batch, row), builders).ok());
    const ColumnPtr back = builders[0]->finish();
    for (int64_t row = 0; row < batch.rows(); ++row)
      ASSERT_TRUE(equal_rows(*column, row, *back, batch.rows() - 1 - row)) << seed << " " << row;
  }
}

TEST_F(RowBytes, DamagedBytesAreAnErrorAndLeaveNothing) {
  const ColumnPtr column = random_column(7, 40);
  const Batch batch = batch_of(column);
  const auto builders = builders_of(batch);
  SeededRandom random(1);
  for (int64_t row = 0; row < batch.rows(); ++row) {
    const std::string whole = bytes_of(batch, row);
    for (size_t length = 0; length < whole.size(); ++length) {
      ASSERT_EQ(read_row_bytes(whole.substr(0, length), builders).error().kind(), ErrorKind::corrupt);
      ASSERT_EQ(builders[0]->length(), 0);
    }
    EXPECT_FALSE(read_row_bytes(whole + "x", builders).ok());
    for (int i = 0; i < 200; ++i) {
      std::string changed = whole;
      changed[random.next_u64() % changed.size()] = static_cast<char>(random.next_u64());
      if (read_row_bytes(changed, builders).ok()) builders[0]->truncate(0);
    }
  }
  ASSERT_TRUE(read_row_bytes(bytes_of(batch, 3), builders).ok());
  EXPECT_TRUE(equal_rows(*column, 3, *builders[0]->finish(), 0)) << "what was damaged before has left no trace";
}

TEST_F(RowBytes, TheLayoutNamesColumnsAndTypes) {
  const Schema schema(
      std::vector<Field>{field("a", primitive(TypeKind::int64)), field("b", primitive(TypeKind::string))});
  EXPECT_EQ(row_bytes_layout(schema), "a long, b string");
}

}  // namespace
}  // namespace weir
