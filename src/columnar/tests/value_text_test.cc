#include "columnar/value_text.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"

namespace weir {
namespace {

/// One row: a struct of `count` fields named f0, f1, ... that are all 7.
ColumnPtr wide_struct(int count) {
  std::vector<Field> fields;
  for (int i = 0; i < count; ++i)
    fields.push_back({.name = "f" + std::to_string(i), .type = Type::primitive(TypeKind::int32)});
  StructBuilder builder(Type::structure(std::move(fields)));
  for (size_t i = 0; i < builder.child_count(); ++i) static_cast<FixedBuilder<int32_t>&>(builder.child(i)).append(7);
  builder.close_row();
  return builder.finish();
}

TEST(ValueText, AStructNamesItsFields) {
  EXPECT_EQ(value_text(*wide_struct(2), 0), "{f0: 7, f1: 7}");
}

TEST(ValueText, AStructOfThousandsOfFieldsIsCutAsAListIs) {
  EXPECT_EQ(value_text(*wide_struct(5000), 0, 20), "{f0: 7, f1: 7, f2: 7, ...}");
}

}  // namespace
}  // namespace weir
