#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/arrow_internal.h"
#include "columnar/tests/random_column.h"

namespace weir {
namespace {

TEST(ArrowBridge, ColumnsAreValidArrowArraysAndComeBackEqual) {
  const ColumnPtr column = random_column(3, 300);
  const std::shared_ptr<arrow::Array> array = to_arrow(column);
  ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
  const auto back = from_arrow(array, column->type);
  ASSERT_TRUE(back.ok()) << back.error().to_string();
  ASSERT_EQ((*back)->length, 300);
  for (int64_t i = 0; i < 300; ++i) ASSERT_TRUE(equal_rows(*column, i, **back, i));
}

TEST(ArrowBridge, SlicedArraysComeBackWhole) {
  const ColumnPtr column = random_column(4, 100);
  const auto back = from_arrow(to_arrow(column)->Slice(13, 50), column->type);
  ASSERT_TRUE(back.ok()) << back.error().to_string();
  ASSERT_EQ((*back)->length, 50);
  for (int64_t i = 0; i < 50; ++i) ASSERT_TRUE(equal_rows(*column, i + 13, **back, i));
}

TEST(ArrowBridge, EmptyColumnsAreValid) {
  const ColumnPtr column = random_column(5, 0);
  const std::shared_ptr<arrow::Array> array = to_arrow(column);
  EXPECT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
  EXPECT_EQ((*from_arrow(array, column->type))->length, 0);
}

TEST(ArrowBridge, FieldIdsAreOnEveryField) {
  const std::vector<Field> fields = assign_ids(std::vector<Field>{
      field("a", primitive(TypeKind::int64)), field("l", Type::list(field("", primitive(TypeKind::string))))});
  const auto schema = to_arrow(Schema(fields));
  EXPECT_EQ(*schema->field(0)->metadata()->Get("PARQUET:field_id"), "1");
  EXPECT_EQ(*schema->field(1)->type()->field(0)->metadata()->Get("PARQUET:field_id"), "3");
  EXPECT_TRUE(schema->field(0)->nullable());
}

TEST(ArrowBridge, OtherTypesAreRefused) {
  const ColumnPtr column = null_column(primitive(TypeKind::int64), 3);
  EXPECT_EQ(from_arrow(to_arrow(column), primitive(TypeKind::string)).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(from_arrow(to_arrow(column), Type::list(field("", primitive(TypeKind::int64)))).error().kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(from_arrow(to_arrow(column), Type::structure({})).error().kind(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace weir
