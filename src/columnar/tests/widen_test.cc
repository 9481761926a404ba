#include "columnar/widen.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "columnar/tests/random_column.h"

namespace weir {
namespace {

/// Rows {a: 10 * i, b: 10 * i + 1} of two ints; every third row is null.
ColumnPtr pairs(int64_t count) {
  StructBuilder builder(
      Type::structure({field("a", primitive(TypeKind::int32)), field("b", primitive(TypeKind::int32))}));
  for (int64_t i = 0; i < count; ++i) {
    if (i % 3 == 2) {
      builder.append_null();
      continue;
    }
    static_cast<FixedBuilder<int32_t>&>(builder.child(0)).append(static_cast<int32_t>(10 * i));
    static_cast<FixedBuilder<int32_t>&>(builder.child(1)).append(static_cast<int32_t>(10 * i + 1));
    builder.close_row();
  }
  return builder.finish();
}

TEST(Widen, FieldsOfAStructAreFoundByNameAndThoseThatAreMissingAreNull) {
  const TypePtr wanted =
      Type::structure({field("b", primitive(TypeKind::int64)), field("more", primitive(TypeKind::string)),
                       field("a", primitive(TypeKind::int32))});
  const ColumnPtr placed = widen(pairs(7), wanted);
  ASSERT_EQ(*placed->type, *wanted);
  ASSERT_EQ(placed->children.size(), 3U);
  for (int64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(placed->is_null(i), i % 3 == 2) << i;
    EXPECT_TRUE(placed->children[1]->is_null(i)) << i;
    if (placed->is_null(i)) continue;
    EXPECT_EQ(placed->children[0]->values_as<int64_t>()[static_cast<size_t>(i)], 10 * i + 1);
    EXPECT_EQ(placed->children[2]->values_as<int32_t>()[static_cast<size_t>(i)], 10 * i);
  }
}

TEST(Widen, SoInsideOfLists) {
  const ColumnPtr elements = pairs(4);
  auto list = std::make_shared<Column>(*null_column(Type::list(field("element", elements->type)), 2));
  list->children = {elements};
  const TypePtr wanted = Type::list(field(
      "element", Type::structure({field("b", primitive(TypeKind::int32)), field("a", primitive(TypeKind::int32))})));
  const ColumnPtr placed = widen(list, wanted);
  EXPECT_EQ(placed->children[0]->children[0], elements->children[1]) << "shared, not copied";
  EXPECT_EQ(placed->children[0]->children[1], elements->children[0]);
}

}  // namespace
}  // namespace weir
