#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/arrow_internal.h"
#include "columnar/tests/random_column.h"

namespace weir {
namespace {

/// The bytes of an Arrow buffer are ours, in place.
bool is_shared(const std::shared_ptr<arrow::Buffer>& theirs, const Buffer& ours) {
  return theirs != nullptr && theirs->data() == ours.data() && theirs->size() == static_cast<int64_t>(ours.size());
}

void expect_shares(const arrow::ArrayData& theirs, const Column& ours) {
  EXPECT_EQ(theirs.length, ours.length);
  EXPECT_EQ(theirs.GetNullCount(), ours.null_count);
  if (ours.null_count != 0) {
    EXPECT_TRUE(is_shared(theirs.buffers[0], ours.validity));
  }
  const bool is_map = ours.type->kind() == TypeKind::map;
  if (!ours.offsets.empty()) {
    EXPECT_TRUE(is_shared(theirs.buffers[1], ours.offsets));
  }
  if (!ours.type->is_nested()) {
    EXPECT_TRUE(is_shared(theirs.buffers.back(), ours.values));
  }
  const auto& children = is_map ? theirs.child_data[0]->child_data : theirs.child_data;
  ASSERT_EQ(children.size(), ours.children.size());
  for (size_t i = 0; i < children.size(); ++i) expect_shares(*children[i], *ours.children[i]);
}

TEST(ArrowBridge, ColumnsAreValidArrowArraysOverTheSameBuffers) {
  const ColumnPtr column = random_column(3, 300);
  const std::shared_ptr<arrow::Array> array = to_arrow(column);
  ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
  EXPECT_TRUE(array->type()->Equals(to_arrow(*column->type)));
  expect_shares(*array->data(), *column);
}

TEST(ArrowBridge, EmptyColumnsAreValid) {
  const ColumnPtr column = random_column(5, 0);
  const std::shared_ptr<arrow::Array> array = to_arrow(column);
  EXPECT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
  EXPECT_EQ(array->length(), 0);
}

TEST(ArrowBridge, FieldIdsAreOnEveryField) {
  const std::vector<Field> fields = assign_ids(std::vector<Field>{
      field("a", primitive(TypeKind::int64)), field("l", Type::list(field("", primitive(TypeKind::string))))});
  const auto schema = to_arrow(Schema(fields));
  EXPECT_EQ(*schema->field(0)->metadata()->Get("PARQUET:field_id"), "1");
  EXPECT_EQ(*schema->field(1)->type()->field(0)->metadata()->Get("PARQUET:field_id"), "3");
  EXPECT_TRUE(schema->field(0)->nullable());
}

}  // namespace
}  // namespace weir
